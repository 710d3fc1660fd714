#include "app/torture_scene.h"

#include <gtest/gtest.h>

namespace gaon::app {
namespace {

struct Scene {
  Judge judge;
  Random random{1};
  TortureScene scene{judge, random, {}};
};

TEST(TortureScene, a_numbered_payload_is_read_back_and_has_its_size) {
  Judge judge;
  judge.add(StreamFacts{"p0", "a", 1, StreamFacts::Kind::plain});
  const StreamId stream = judge.add(StreamFacts{"p0", "a/b", 1, StreamFacts::Kind::plain});
  for (const std::uint64_t number : {std::uint64_t{0}, std::uint64_t{12'345'678'901}}) {
    const std::string payload = numbered_payload("a/b", number, 64);
    EXPECT_EQ(payload.size(), 64U);
    const auto read = read_numbered(judge, "a/b", payload);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->stream, stream);
    EXPECT_EQ(read->number, number);
  }
}

TEST(TortureScene, another_topic_or_a_changed_payload_is_not_ours) {
  Judge judge;
  judge.add(StreamFacts{"p0", "a", 1, StreamFacts::Kind::plain});
  judge.add(StreamFacts{"p0", "a/b", 1, StreamFacts::Kind::plain});
  for (const std::string_view payload : {"", "a", "a ", "a 1", "a x ", "a/b 1 ", "b 1 "}) {
    EXPECT_FALSE(read_numbered(judge, "a", payload)) << payload;
  }
  EXPECT_FALSE(read_numbered(judge, "c", "c 1 "));
}

TEST(TortureScene, a_session_must_be_there_from_its_second_connection_on) {
  Scene test;
  bool known = false;
  EXPECT_FALSE(look_at_session(test.scene, "s0", {.session_present = false}, known));
  EXPECT_TRUE(look_at_session(test.scene, "s0", {.session_present = true}, known));
  EXPECT_TRUE(test.judge.clean());
  EXPECT_FALSE(look_at_session(test.scene, "s0", {.session_present = false}, known));
  EXPECT_EQ(test.judge.count(Broken::forgotten_session), 1U);
}

TEST(TortureScene, a_broken_rule_is_told_with_its_packet) {
  Scene test;
  look_for_violation(test.scene, "s0", mqtt::Connack{});
  EXPECT_TRUE(test.judge.clean());
  look_for_violation(test.scene, "s0",
                     Violation{mqtt::Reason::protocol_error, mqtt::PacketType::suback, "not now"});
  ASSERT_EQ(test.judge.count(Broken::violation), 1U);
  EXPECT_TRUE(test.judge.cases(Broken::violation).front().starts_with("SUBACK: not now, session s0"));
}

}  // namespace
}  // namespace gaon::app
