// What no client may send, generated: the offender is told so and thrown out, a witness
// that is subscribed to everything sees nothing, and the broker goes on.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "actor.h"
#include "mqtt/reason.h"
#include "script.h"
#include "simulation.h"

namespace gaon::scenario {

constexpr mqtt::Version kVersions[] = {mqtt::Version::v5, mqtt::Version::v311, mqtt::Version::v31};

using Reasons = std::vector<mqtt::Reason>;
extern const Reasons kEither;  // malformed packet or protocol error

// Bytes in the notation of scenarios.
inline std::string wire(std::string_view notation) { return read_wire(notation).value(); }
// A packet with a body of ours; its length is put in front.
std::string packet(std::uint8_t first, std::string_view body);

// Text with its length in front that is no UTF-8, one of each kind.
constexpr const char* kNoUtf8[] = {
    "0002 C328",          // a start without its continuation
    "0001 80",            // a continuation without its start
    "0002 C080",          // too long for U+0000,
    "0003 E080AF",        // for '/',
    "0004 F08080AF",      // and by four bytes
    "0003 EDA080",        // the first surrogate
    "0006 EDA080EDB080",  // a pair of them, as in CESU-8
    "0003 EDBFBF",        // the last one
    "0004 F4908080",      // above U+10FFFF
    "0004 F5808080",      // and more so
    "0001 FF",            // no such byte
    "0002 E282",          // cut off
    "0003 'a' 00 'b'",
};

// The packets that clients send, one good one of each.
struct Sample {
  mqtt::PacketType type;
  const char* v5;
  const char* v3;
};
extern const std::vector<Sample> kSamples;
std::string sample(const Sample& row, mqtt::Version version);

// The parameter is the number of workers.
class Malformed : public testing::TestWithParam<std::size_t> {
 protected:
  Malformed();

  // Nothing is sent before it but, unless it is a CONNECT itself, a good CONNECT. In
  // MQTT 5 one of the reasons is told.
  void refused(const std::string& what, mqtt::Version version, const std::string& bytes,
               const Reasons& reasons);
  // Another connection serves as well as ever, and nothing was delivered.
  void witness_saw_nothing();

  void open(Actor& actor, mqtt::Version version);
  // The offender, who must be let in.
  void connect();
  void settle();
  testing::AssertionResult ends_with(mqtt::PacketType type, const Reasons& reasons) const;

  Simulation simulation_;
  Actor witness_{"witness"};
  Actor offender_{"offender"};
};

inline std::string workers_name(const testing::TestParamInfo<std::size_t>& number) {
  return std::to_string(number.param) + (number.param == 1 ? "_worker" : "_workers");
}

// A suite of its own for each file.
#define MALFORMED_SUITE(name)       \
  class name : public Malformed {}; \
  INSTANTIATE_TEST_SUITE_P(on, name, testing::Values(1, 2), workers_name)

}  // namespace gaon::scenario
