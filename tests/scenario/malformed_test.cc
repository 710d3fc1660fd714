#include "malformed_test.h"

#include <algorithm>

namespace gaon::scenario {

using mqtt::PacketType;
using mqtt::Reason;
using mqtt::Version;

namespace {

broker::Config config() {
  broker::Config config;
  config.sys_interval_s = 0;
  config.limits.receive_maximum = 10;
  return config;
}

}  // namespace

const Reasons kEither{Reason::malformed_packet, Reason::protocol_error};

std::string packet(std::uint8_t first, std::string_view body) {
  Buffer all;
  all.u8(first);
  std::size_t left = body.size();
  do {
    all.u8(static_cast<std::uint8_t>((left & 0x7F) | (left > 0x7F ? 0x80U : 0U)));
    left >>= 7;
  } while (left > 0);
  return std::string(as_text(all.view())) + std::string(body);
}

const std::vector<Sample> kSamples = {
    {PacketType::connect, "10 | <MQTT> 05 C6 000A {11 0000000A} <me> {18 00000001} <w> <bye> <user> <pw>",
     "10 | <MQTT> 04 C6 000A <me> <w> <bye> <user> <pw>"},
    {PacketType::publish, "32 | <a/b> 0001 {01 01 26 <k> <v>}", "32 | <a/b> 0001"},
    {PacketType::puback, "40 | 0001 10 {1F <why>}", "40 | 0001"},
    {PacketType::pubrec, "50 | 0001 10 {1F <why>}", "50 | 0001"},
    {PacketType::pubrel, "62 | 0001 92 {1F <why>}", "62 | 0001"},
    {PacketType::pubcomp, "70 | 0001 92 {1F <why>}", "70 | 0001"},
    {PacketType::subscribe, "82 | 0001 {0B 07} <a/+> 01 <b> 02", "82 | 0001 <a/+> 01 <b> 02"},
    {PacketType::unsubscribe, "A2 | 0001 {26 <k> <v>} <a/+> <b>", "A2 | 0001 <a/+> <b>"},
    {PacketType::pingreq, "C0 00", "C0 00"},
    {PacketType::disconnect, "E0 | 04 {1F <why>}", "E0 00"},
};

std::string sample(const Sample& row, Version version) {
  std::string bytes = wire(version == Version::v5 ? row.v5 : row.v3);
  if (version == Version::v31 && row.type == PacketType::connect) {
    return wire("10 | <MQIsdp> 03 C6 000A <me> <w> <bye> <user> <pw>");
  }
  return bytes;
}

Malformed::Malformed() : simulation_(config(), GetParam()) {
  open(witness_, Version::v5);
  witness_.say(PacketType::connect, {{.name = "id", .value = "witness"}});
  witness_.say(PacketType::subscribe, {{.name = "filter", .value = "#"}, {.name = "qos", .value = "2"}});
  settle();
  EXPECT_EQ(witness_.inbox.size(), 2U);
  witness_.inbox.clear();
}

void Malformed::refused(const std::string& what, Version version, const std::string& bytes,
                        const Reasons& reasons) {
  SCOPED_TRACE(what + " in " + mqtt::name(version) + ": " + hex(bytes));
  const bool is_connect = static_cast<std::uint8_t>(bytes.front()) >> 4 == 1;
  open(offender_, version);
  if (!is_connect) connect();
  offender_.write(bytes);
  settle();
  EXPECT_TRUE(offender_.closed_by_broker());
  if (version == Version::v5 && !is_connect) {
    EXPECT_TRUE(ends_with(PacketType::disconnect, reasons));
  } else if (!offender_.inbox.empty()) {
    // [MQTT-3.1.4-1] A CONNACK may come first; [MQTT-3.1.4-1@311] or nothing does.
    EXPECT_TRUE(is_connect && offender_.inbox.back().type == PacketType::connack);
  }
  witness_saw_nothing();
}

void Malformed::witness_saw_nothing() {
  witness_.say(PacketType::pingreq, {});
  settle();
  ASSERT_EQ(witness_.inbox.size(), 1U);
  EXPECT_EQ(witness_.inbox.front().type, PacketType::pingresp);
  witness_.inbox.clear();
}

void Malformed::open(Actor& actor, Version version) { actor.open(simulation_.connect().value(), version); }

void Malformed::connect() {
  offender_.say(PacketType::connect, {{.name = "id", .value = "offender"}});
  settle();
  EXPECT_FALSE(offender_.inbox.empty());
  offender_.inbox.clear();
}

void Malformed::settle() {
  do {
    witness_.look();
    offender_.look();
  } while (simulation_.more());
  witness_.look();
  offender_.look();
}

testing::AssertionResult Malformed::ends_with(PacketType type, const Reasons& reasons) const {
  if (offender_.inbox.empty()) return testing::AssertionFailure() << "it was told nothing";
  const Packet& last = offender_.inbox.back();
  const auto reason = static_cast<Reason>(last.number("reason"));
  if (last.type == type && std::ranges::find(reasons, reason) != reasons.end()) {
    return testing::AssertionSuccess();
  }
  return testing::AssertionFailure() << "it was told " << show_packet(last, offender_.version());
}

}  // namespace gaon::scenario
