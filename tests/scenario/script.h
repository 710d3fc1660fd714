// A scenario file as statements, for one of the versions that it names. The grammar is
// in README.md. Reading finds every mistake that needs no broker to be seen.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "broker/config.h"
#include "fields.h"

namespace gaon::scenario {

// One thing that a client may see.
struct Expected {
  enum class What : std::uint8_t {
    packet,
    raw,       // a packet of exactly these bytes
    event,     // of our client library: type does not count, name does
    closed,    // the other side has ended the connection
    nothing,   // and it is still there
    anything,  // whatever there is, it does not matter
  };
  What what = What::packet;
  mqtt::PacketType type{};
  std::string name;    // event
  bool exact = false;  // what is not named is absent or 0
  Fields fields;
  std::string bytes;  // raw
  std::string text;   // as it stands in the file
};

struct Statement {
  enum class Act : std::uint8_t {
    say,      // a packet, and wait for its answer
    send,     // a packet and no more
    raw,      // bytes
    open,     // a connection that says nothing
    hang_up,  // end the connection without a word: a FIN, or
    cut,      // a reset
    manual,   // acknowledge by hand from now on, or
    automatic,
    command,  // to our client library
    wait,
    expect,  // all of expected, in this order, or
    expect_in_any_order,
    expect_either,  // one of them
  };
  Act act = Act::say;
  std::vector<std::string> who;  // of several clients one must see it; "*" is everyone
  mqtt::Version version{};       // of the connection
  mqtt::PacketType type{};
  std::string name;  // command
  Fields fields;
  std::string bytes;
  Duration duration{};
  std::vector<Expected> expected;

  int line = 0;
  std::string text;  // as it stands in the file
};

// Whose broker is on trial: of others no more is expected than the text demands.
enum class Whose : std::uint8_t { ours, others };

struct Script {
  std::string path;
  std::string title;
  std::vector<std::string> covers;
  mqtt::Version version = mqtt::Version::v5;
  std::vector<std::string> settings;  // key=value
  std::string method;                 // of authentication, in simulation; may be empty
  std::size_t workers_min = 1;
  bool of_client = false;        // the library's side
  bool only_simulation = false;  // says so itself, or has the library's side
  Whose whose = Whose::ours;
  std::string ours_because;  // why all of it is Gaon's choice; empty: it is not
  int left_out = 0;          // lines that are Gaon's choice, and the broker is not ours
  std::vector<Statement> statements;

  // All the waits together.
  Duration waits() const;
  // "a/b.mqtt (3.1.1)".
  std::string name() const;
};

// The same scenario for each of its versions. An error begins with "path:line: ".
Result<std::vector<Script>> read_scripts(const std::string& path, Whose whose);
// The same of a text; path only names it.
Result<std::vector<Script>> parse_scripts(const std::string& path, const std::string& text,
                                          Whose whose = Whose::ours);

// Bytes in hex with texts in between:
//   30 A1FF hex      'ab' a text      <ab> a text after its two bytes of length
//   { ... } what is inside after its length as variable byte integer
//   | the length of all that follows, likewise
Result<std::string> read_wire(std::string_view notation);

}  // namespace gaon::scenario
