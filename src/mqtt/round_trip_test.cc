#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "mqtt/decode.h"
#include "mqtt/encode.h"
#include "mqtt/random_packet_test.h"
#include "mqtt/same_test.h"

namespace gaon::mqtt {

namespace {

void decoding_gives_what_was_encoded(PacketType type, Version version) {
  RandomPacket random(version);
  const Packet packet = random.draw(type);
  Buffer wire;
  encode(packet, version, wire);
  RC_ASSERT(encoded_size(packet, version) == wire.size());
  const auto framed = frame(wire.view(), kPacketSizeMax);
  RC_ASSERT(framed.has_value() && framed->has_value());
  RC_ASSERT((*framed)->size == wire.size());
  const auto decoded = decode(**framed, version);
  if (!decoded) RC_FAIL(decoded.error().what);
  RC_ASSERT(same(*decoded, packet));
}

void round_trip_all_types(Version version) {
  for (std::size_t type = 1; type < kPacketTypes; ++type) {
    const auto packet_type = static_cast<PacketType>(type);
    if (packet_type == PacketType::auth && version != Version::v5) continue;
    EXPECT_TRUE(rc::check(std::string(name(packet_type)) + " in MQTT " + name(version),
                          [=] { decoding_gives_what_was_encoded(packet_type, version); }));
  }
}

TEST(RoundTrip, decoding_gives_the_packet_that_was_encoded_for_v31) { round_trip_all_types(Version::v31); }
TEST(RoundTrip, decoding_gives_the_packet_that_was_encoded_for_v311) { round_trip_all_types(Version::v311); }
TEST(RoundTrip, decoding_gives_the_packet_that_was_encoded_for_v5) { round_trip_all_types(Version::v5); }

TEST(RoundTrip, head_and_payload_are_a_publish) {
  EXPECT_TRUE(rc::check("PublishHead", [] {
    RandomPacket random(Version::v5);
    const Packet packet = random.draw(PacketType::publish);
    const auto& publish = std::get<Publish>(packet);
    const PublishHead head{.dup = publish.dup,
                           .qos = publish.qos,
                           .retain = publish.retain,
                           .topic = publish.topic,
                           .packet_id = publish.packet_id,
                           .properties = publish.properties.bytes(),
                           .payload_size = publish.payload.size()};
    Buffer by_head;
    encode_head(head, Version::v5, by_head);
    by_head.append(publish.payload);
    Buffer whole;
    encode(packet, Version::v5, whole);
    RC_ASSERT(as_text(by_head.view()) == as_text(whole.view()));
  }));
}

}  // namespace

}  // namespace gaon::mqtt
