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
      if (row.type != PacketType::connect) {
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
  refused("alias that stands for nothing", Version::v5, wire("30 | <> {23 0001} 'x'"),
          {Reason::protocol_error});

  open(offender_, Version::v5);
  connect();
  for (int id = 1; id <= 11; ++id) {
    offender_.say(PacketType::publish, {{.name = "topic", .value = "t"}, {.name = "qos", .value = "2"}});
  }
  settle();
  EXPECT_TRUE(offender_.closed_by_broker());
  ASSERT_FALSE(offender_.inbox.empty());
  EXPECT_EQ(offender_.inbox.back().number("reason"), 0x93U);
}

}  // namespace
}  // namespace gaon::scenario
