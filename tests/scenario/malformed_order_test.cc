// Packets at the wrong time, and more of them than was agreed.
#include <algorithm>

#include "malformed_test.h"

namespace gaon::scenario {
namespace {

using mqtt::PacketType;
using mqtt::Reason;
using mqtt::Version;

MALFORMED_SUITE(MalformedOrder);

TEST_P(MalformedOrder, connect_at_the_wrong_time) {
  // [MQTT-3.1.0-1], [MQTT-3.1.0-2], [MQTT-3.1.0-1@311], [MQTT-3.1.0-2@311]
  for (const Version version : kVersions) {
    for (const Sample& row : kSamples) {
      SCOPED_TRACE(hex(sample(row, version)));
      open(offender_, version);
      if (row.type == PacketType::connect) connect();
      offender_.write(sample(row, version));
      settle();
      EXPECT_TRUE(offender_.closed_by_broker());
      if (row.type == PacketType::connect && version == Version::v5) {
        EXPECT_TRUE(ends_with(PacketType::disconnect, {Reason::protocol_error}));
      } else {
        EXPECT_TRUE(offender_.inbox.empty());
      }
      witness_saw_nothing();
    }
  }
}

TEST_P(MalformedOrder, aliases_and_windows_overrun) {
  // [MQTT-3.3.2-8], [MQTT-3.3.2-9], U5-3.3.4-a, U5-3.3.4-d
  refused("alias 0", Version::v5, wire("30 | <t> {23 0000} 'x'"), {Reason::topic_alias_invalid});
  refused("alias above the maximum", Version::v5, wire("30 | <t> {23 0021} 'x'"),
          {Reason::topic_alias_invalid});
  refused("the highest alias", Version::v5, wire("32 | <t> 0001 {23 FFFF} 'x'"),
          {Reason::topic_alias_invalid});
  refused("alias that stands for nothing", Version::v5, wire("30 | <> {23 0001} 'x'"),
          {Reason::protocol_error});

  open(offender_, Version::v5);
  connect();
  for (int id = 1; id <= 11; ++id) {
    offender_.say(PacketType::publish, {{.name = "topic", .value = "t"}, {.name = "qos", .value = "2"}});
  }
  settle();
  EXPECT_EQ(witness_.inbox.size(), 10U);
  witness_.inbox.clear();
  EXPECT_TRUE(offender_.closed_by_broker());
  ASSERT_FALSE(offender_.inbox.empty());
  EXPECT_EQ(offender_.inbox.back().number("reason"), 0x93U);
}

// What is read together with an offence, behind it.
TEST_P(MalformedOrder, nothing_after_an_offence_is_served) {
  // [MQTT-4.13.1-1], [MQTT-4.13.2-1], [MQTT-4.8.0-1@311]
  for (const Version version : kVersions) {
    const std::string good = wire(version == Version::v5 ? "30 | <t> {} 'x'" : "30 | <t> 'x'");
    for (const char* bad : {"00 00", "C1 00", "36 | <a> 0001 00", "30 FFFFFFFF7F", "82 | 0000"}) {
      refused("followed by a PUBLISH", version, wire(bad) + good, kEither);
    }
    refused("a bad CONNECT and a PUBLISH", version, wire("10 | <MQTT> 05 03 0000 {} <me>") + good, kEither);
    open(offender_, version);
    offender_.write(good + sample(kSamples[0], version));
    settle();
    EXPECT_TRUE(offender_.closed_by_broker());
    EXPECT_TRUE(offender_.inbox.empty());
    witness_saw_nothing();
  }
}

TEST_P(MalformedOrder, nothing_after_disconnect_is_served) {
  // [MQTT-3.14.4-1], [MQTT-3.14.4-2@311]
  for (const Version version : kVersions) {
    open(offender_, version);
    connect();
    offender_.write(wire("E0 00") + wire(version == Version::v5 ? "30 | <t> {} 'x'" : "30 | <t> 'x'"));
    settle();
    EXPECT_TRUE(offender_.closed_by_broker());
    EXPECT_TRUE(offender_.inbox.empty());
    witness_saw_nothing();
  }
}

// Acknowledgements that answer nothing are no reason to end a connection (U5-3.6-a), and
// move nothing.
TEST_P(MalformedOrder, acknowledgements_of_nothing_change_nothing) {
  for (const Version version : kVersions) {
    open(offender_, version);
    connect();
    for (const char* bytes : {"40 02 0063", "50 02 0063", "62 02 0063", "70 02 0063"}) {
      offender_.write(wire(bytes));
    }
    offender_.say(PacketType::pingreq, {});
    settle();
    EXPECT_FALSE(offender_.closed_by_broker());
    ASSERT_FALSE(offender_.inbox.empty());
    EXPECT_EQ(offender_.inbox.back().type, PacketType::pingresp);
    witness_saw_nothing();
  }
}

}  // namespace
}  // namespace gaon::scenario
