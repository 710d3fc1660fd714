#include "mqtt/reason.h"

#include <gtest/gtest.h>

namespace gaon::mqtt {

namespace {

std::size_t allowed(PacketType type) {
  std::size_t count = 0;
  for (unsigned code = 0; code < 256; ++code) count += allowed_in(type, static_cast<Reason>(code)) ? 1 : 0;
  return count;
}

TEST(Reason, table_has_as_many_codes_a_packet_as_the_standard) {
  EXPECT_EQ(allowed(PacketType::connack), 22u);
  EXPECT_EQ(allowed(PacketType::puback), 9u);
  EXPECT_EQ(allowed(PacketType::pubrec), 9u);
  EXPECT_EQ(allowed(PacketType::pubrel), 2u);
  EXPECT_EQ(allowed(PacketType::pubcomp), 2u);
  EXPECT_EQ(allowed(PacketType::suback), 12u);
  EXPECT_EQ(allowed(PacketType::unsuback), 7u);
  EXPECT_EQ(allowed(PacketType::disconnect), 30u);
  EXPECT_EQ(allowed(PacketType::auth), 3u);
  for (const auto type : {PacketType::connect, PacketType::publish, PacketType::subscribe,
                          PacketType::unsubscribe, PacketType::pingreq, PacketType::pingresp}) {
    EXPECT_EQ(allowed(type), 0u);
  }
}

TEST(Reason, has_the_names_of_the_text) {
  EXPECT_EQ(name(Reason::malformed_packet), "Malformed Packet");
  EXPECT_EQ(name(Reason::wildcard_subscriptions_not_supported), "Wildcard Subscriptions not supported");
  EXPECT_EQ(name(static_cast<Reason>(0x55)), "");
  EXPECT_EQ(name(PacketType::unsuback), "UNSUBACK");
  EXPECT_STREQ(name(Version::v311), "3.1.1");
}

TEST(Reason, becomes_the_return_code_of_older_versions) {
  const struct {
    Reason reason;
    std::optional<std::uint8_t> code;
  } cases[] = {
      {Reason::success, 0},
      {Reason::unsupported_protocol_version, 1},
      {Reason::client_identifier_not_valid, 2},
      {Reason::server_unavailable, 3},
      {Reason::server_busy, 3},
      {Reason::quota_exceeded, 3},
      {Reason::use_another_server, 3},
      {Reason::server_moved, 3},
      {Reason::connection_rate_exceeded, 3},
      {Reason::bad_user_name_or_password, 4},
      {Reason::not_authorized, 5},
      {Reason::banned, 5},
      {Reason::bad_authentication_method, 5},
      {Reason::malformed_packet, std::nullopt},
      {Reason::protocol_error, std::nullopt},
      {Reason::topic_name_invalid, std::nullopt},
      {static_cast<Reason>(0x55), std::nullopt},
  };
  for (const auto& one : cases) EXPECT_EQ(connect_return_code(one.reason), one.code) << name(one.reason);
}

TEST(Reason, return_codes_come_back_as_themselves) {
  for (std::uint8_t code = 0; code < 6; ++code) {
    const auto reason = from_connect_return_code(code);
    ASSERT_TRUE(reason.has_value());
    EXPECT_EQ(connect_return_code(*reason), code);
  }
  EXPECT_FALSE(from_connect_return_code(6).has_value());
  EXPECT_FALSE(from_connect_return_code(255).has_value());
}

TEST(Reason, is_an_error_from_80_on) {
  EXPECT_FALSE(is_error(Reason::re_authenticate));
  EXPECT_TRUE(is_error(Reason::unspecified_error));
}

}  // namespace

}  // namespace gaon::mqtt
