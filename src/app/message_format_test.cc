#include "app/message_format.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <nlohmann/json.hpp>

namespace gaon::app {
namespace {

using namespace std::string_view_literals;

const WallTime kNow{std::chrono::nanoseconds(1'700'000'000'012'345'678)};

ReceivedMessage message() {
  return {.topic = "factory/line1", .payload = "a\x1bz", .qos = 1, .retain = true, .packet_id = 7};
}

class MessageFormat : public testing::Test {
 protected:
  void SetUp() override {
    ::setenv("TZ", "KST-9", 1);
    ::tzset();
  }
};

TEST_F(MessageFormat, letters_stand_for_parts_of_the_message) {
  EXPECT_EQ(format_message("%t %p %q %r %l %m %x %X 100%%", message(), kNow),
            "factory/line1 a\x1bz 1 1 3 7 611b7a 611B7A 100%");
}

TEST_F(MessageFormat, times_are_local_or_unix) {
  EXPECT_EQ(format_message("%I %U", message(), kNow), "2023-11-15T07:13:20+0900 1700000000.012345678");
}

TEST_F(MessageFormat, escapes_are_those_of_c) {
  EXPECT_EQ(format_message(R"(\n\r\t\0\\%t)", message(), kNow), "\n\r\t\0\\factory/line1"sv);
}

TEST_F(MessageFormat, properties_that_are_absent_are_nothing) {
  EXPECT_EQ(format_message("[%C%D%R%P%E%F%S]", message(), kNow), "[]");
}

TEST_F(MessageFormat, properties_are_shown) {
  ReceivedMessage m = message();
  m.content_type = "text/plain";
  m.correlation_data = "c";
  m.response_topic = "answers";
  m.user_properties = {{"a", "1"}, {"b", "2"}};
  m.message_expiry_s = 60;
  m.payload_format = 1;
  m.subscription_ids = {3, 5};
  EXPECT_EQ(format_message("%C|%D|%R|%P|%E|%F|%S", m, kNow), "text/plain|c|answers|a:1 b:2|60|1|3 5");
}

TEST_F(MessageFormat, json_has_the_payload_as_text) {
  ReceivedMessage m = message();
  m.payload = "{\"v\":1}\xff";
  m.content_type = "text/plain";
  m.user_properties = {{"a", "1"}};
  EXPECT_EQ(format_message("%j", m, kNow),
            R"({"tst":"2023-11-15T07:13:20+0900","topic":"factory/line1","qos":1,"retain":1,"payloadlen":8,)"
            R"("mid":7,"properties":{"content-type":"text/plain","user-properties":[{"a":"1"}]},)"
            "\"payload\":\"{\\\"v\\\":1}\xef\xbf\xbd\"}");
}

TEST_F(MessageFormat, json_has_the_payload_as_a_value_where_it_is_one) {
  ReceivedMessage m = message();
  m.payload = R"({"v": [1, 2]})";
  EXPECT_EQ(nlohmann::json::parse(format_message("%J", m, kNow))["payload"], (nlohmann::json{{"v", {1, 2}}}));
  m.payload = "not json";
  EXPECT_EQ(nlohmann::json::parse(format_message("%J", m, kNow))["payload"], "not json");
}

TEST_F(MessageFormat, a_payload_nested_too_deep_stays_text) {
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  ReceivedMessage m = message();
  m.payload = deep;
  EXPECT_EQ(nlohmann::json::parse(format_message("%J", m, kNow))["payload"], deep);
}

TEST_F(MessageFormat, a_fault_is_told_before_the_first_message) {
  EXPECT_EQ(format_fault("%t %p\\n"), "");
  EXPECT_EQ(format_fault("%t %z"), "there is no %z");
  EXPECT_EQ(format_fault("\\q"), "there is no \\q");
  EXPECT_EQ(format_fault("100%"), "a letter is missing behind the last %");
}

}  // namespace
}  // namespace gaon::app
