// Options, reasons and flags that do not exist or contradict each other.
#include <algorithm>

#include "malformed_test.h"

namespace gaon::scenario {
namespace {

using mqtt::PacketType;
using mqtt::Reason;
using mqtt::Version;

MALFORMED_SUITE(MalformedValues);

TEST_P(MalformedValues, options_and_lists_that_are_none) {
  // [MQTT-3.8.3-5], U5-3.8.3.1-a, U5-3.8.3.1-b, [MQTT-3.8.3-2], [MQTT-3.10.3-2], [MQTT-3.8.3-3@311],
  // [MQTT-3.8.3-4@311], [MQTT-3.10.3-2@311], [MQTT-3.8.3-4]
  for (int options = 0; options < 256; ++options) {
    const std::string bytes = wire("82 | 0001 {} <t>");
    const bool bad = (options & 0xC0) != 0 || (options & 3) == 3 || (options & 0x30) == 0x30;
    if (bad)
      refused("options", Version::v5, packet(0x82, wire("0001 {} <t>") + static_cast<char>(options)),
              kEither);
    if (options > 2) {
      refused("options", Version::v311, packet(0x82, wire("0001 <t>") + static_cast<char>(options)), kEither);
    }
  }
  refused("No Local for a group", Version::v5, wire("82 | 0001 {} <$share/g/t> 04"),
          {Reason::protocol_error});
  for (const char* notation : {"82 | 0001 {}", "A2 | 0001 {}"}) {
    refused("no filter", Version::v5, wire(notation), {Reason::protocol_error});
  }
  for (const char* notation : {"82 | 0001", "A2 | 0001"})
    refused("no filter", Version::v311, wire(notation), kEither);
}

TEST_P(MalformedValues, reasons_that_do_not_belong) {
  // [MQTT-3.4.2-1], [MQTT-3.5.2-1], [MQTT-3.6.2-1], [MQTT-3.7.2-1], [MQTT-3.14.2-1]
  struct Row {
    std::uint8_t first;
    const char* before;
    const char* bad;
  };
  constexpr Row kRows[] = {{0x40, "0001", "01 02 04 11 18 81 82 8E 92 A2 FF"},
                           {0x50, "0001", "01 02 04 11 18 81 82 8E 92 A2 FF"},
                           {0x62, "0001", "01 10 80 81 91 97 FF"},
                           {0x70, "0001", "01 10 80 81 91 97 FF"},
                           {0xE0, "", "01 02 10 11 18 84 86 91 92 FF"}};
  for (const Row& row : kRows) {
    for (const char reason : wire(row.bad)) {
      refused("reason", Version::v5, packet(row.first, wire(row.before) + reason), kEither);
    }
  }
}

TEST_P(MalformedValues, connect_flags_that_contradict) {
  // [MQTT-3.1.2-1], [MQTT-3.1.2-3], [MQTT-3.1.2-9], [MQTT-3.1.2-11], [MQTT-3.1.2-12], [MQTT-3.1.2-13],
  // [MQTT-3.1.2-16], [MQTT-3.1.2-17], [MQTT-3.1.2-18], [MQTT-3.1.2-19], [MQTT-3.1.2-1@311],
  // [MQTT-3.1.2-3@311], [MQTT-3.1.2-13@311], [MQTT-3.1.2-14@311], [MQTT-3.1.2-15@311], [MQTT-3.1.2-22@311],
  // [MQTT-3.1.2-18@311], [MQTT-3.1.2-19@311], [MQTT-3.1.2-20@311], [MQTT-3.1.2-21@311]
  struct Row {
    const char* what;
    const char* flags;
    const char* will;
    const char* rest;
  };
  constexpr Row kRows[] = {
      {"reserved bit", "03", "", ""},
      {"will QoS without will", "0A", "", ""},
      {"will retain without will", "22", "", ""},
      {"will QoS 3", "1E", "<w> <bye>", ""},
      {"will without fields", "06", "", ""},
      {"user name without field", "82", "", ""},
      {"a field without user name", "02", "", "<user>"},
      {"a field without password", "82", "", "<user> <pw>"},
      {"password without field", "C2", "", "<user>"},
  };
  for (const Row& row : kRows) {
    const std::string will5 = *row.will != 0 ? std::string("{} ") + row.will : "";
    refused(row.what, Version::v5,
            wire(std::string("10 | <MQTT> 05 ") + row.flags + " 0000 {} <me> " + will5 + row.rest), kEither);
    refused(row.what, Version::v311,
            wire(std::string("10 | <MQTT> 04 ") + row.flags + " 0000 <me> " + row.will + row.rest), kEither);
  }
  refused("password without user name", Version::v311, wire("10 | <MQTT> 04 42 0000 <me> <pw>"), kEither);
  for (const char* name : {"<mqtt>", "<MQTTX>", "<>", "<MQ>"}) {
    refused("protocol name", Version::v5, wire(std::string("10 | ") + name + " 05 02 0000 {} <me>"), kEither);
    refused("protocol name", Version::v311, wire(std::string("10 | ") + name + " 04 02 0000 <me>"), kEither);
  }
}

}  // namespace
}  // namespace gaon::scenario
