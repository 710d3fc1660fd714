#include "mqtt/random_packet_test.h"

#include <rapidcheck.h>

#include <algorithm>
#include <vector>

#include "base/check.h"

namespace gaon::mqtt {

namespace {

// One at each edge of the lengths and of the surrogates, and some that are special.
constexpr std::string_view kCharacters[] = {"a",
                                            "/",
                                            " ",
                                            "$",
                                            "\x01",
                                            "\x7F",
                                            "\xC2\x80",
                                            "\xDF\xBF",
                                            "\xE0\xA0\x80",
                                            "\xED\x9F\xBF",
                                            "\xEE\x80\x80",
                                            "\xEF\xBB\xBF",
                                            "\xEF\xBF\xBF",
                                            "\xF0\x90\x80\x80",
                                            "\xF4\x8F\xBF\xBF"};

}  // namespace

bool RandomPacket::flag() { return *rc::gen::arbitrary<bool>(); }

std::uint32_t RandomPacket::number(std::uint32_t min, std::uint32_t max) {
  return static_cast<std::uint32_t>(*rc::gen::inRange<std::uint64_t>(min, std::uint64_t{max} + 1));
}

std::string_view RandomPacket::text(std::size_t size_min) {
  std::string& text = texts_.emplace_back();
  const std::uint32_t count = number(static_cast<std::uint32_t>(size_min), 12);
  for (std::uint32_t i = 0; i < count; ++i) {
    text += kCharacters[number(0, static_cast<std::uint32_t>(std::size(kCharacters)) - 1)];
  }
  return text;
}

std::string_view RandomPacket::topic() { return text(1); }

ByteView RandomPacket::binary() {
  const auto drawn = *rc::gen::arbitrary<std::vector<std::uint8_t>>();
  Buffer& kept = buffers_.emplace_back();
  kept.append(drawn);
  return kept.view();
}

Reason RandomPacket::reason(PacketType type) {
  std::vector<Reason> allowed;
  for (unsigned code = 0; code < 256; ++code) {
    const auto one = static_cast<Reason>(code);
    if (version_ != Version::v5 && code > 0x80) break;
    if (allowed_in(type, one)) allowed.push_back(one);
  }
  return allowed[number(0, static_cast<std::uint32_t>(allowed.size()) - 1)];
}

ByteView RandomPacket::reasons(PacketType type) {
  Buffer& kept = buffers_.emplace_back();
  const std::uint32_t count = number(1, 6);
  for (std::uint32_t i = 0; i < count; ++i) kept.u8(static_cast<std::uint8_t>(reason(type)));
  return kept.view();
}

void RandomPacket::add_property(PropertyWriter& to, Property id) {
  const std::uint32_t least =
      rule(id).value == PropertyValue::not_zero || rule(id).value == PropertyValue::topic_alias ? 1 : 0;
  switch (rule(id).type) {
    case PropertyType::byte:
      return to.number(id, number(0, 1));
    case PropertyType::u16:
      return to.number(id, number(least, 0xFFFF));
    case PropertyType::u32:
      return to.number(id, number(least, 0xFFFFFFFF));
    case PropertyType::varint:
      return to.number(id, number(least, 268'435'455));
    case PropertyType::text:
      return to.text(id, text(0));
    case PropertyType::binary:
      return to.data(id, binary());
    case PropertyType::text_pair:
      return to.user(text(0), text(0));
    case PropertyType::none:
      CHECK(id != id);
  }
}

Properties RandomPacket::properties(PropertyOwner owner) {
  if (version_ != Version::v5) return Properties();
  std::vector<Property> ids;
  for (std::size_t id = 0; id < kPropertyIds; ++id) {
    const auto property = static_cast<Property>(id);
    if (!rule(property).allowed_in(owner)) continue;
    // Data may not stand without its method, and AUTH not without either.
    if (property == Property::authentication_data) continue;
    if (property == Property::authentication_method && owner == PropertyOwner::auth) continue;
    const std::uint32_t count = number(0, rule(property).repeats_in(owner) ? 3 : 1);
    ids.insert(ids.end(), count, property);
  }
  const bool method = owner == PropertyOwner::auth ||
                      std::find(ids.begin(), ids.end(), Property::authentication_method) != ids.end();
  if (owner == PropertyOwner::auth) ids.push_back(Property::authentication_method);
  if (method && flag()) ids.push_back(Property::authentication_data);
  for (std::uint32_t i = 0; i < ids.size(); ++i) {
    std::swap(ids[i], ids[number(0, static_cast<std::uint32_t>(ids.size()) - 1)]);
  }
  Buffer& kept = buffers_.emplace_back();
  PropertyWriter writer(kept);
  for (const Property id : ids) add_property(writer, id);
  return Properties(kept.view());
}

Will RandomPacket::will() {
  Will will{.topic = topic(), .payload = binary(), .qos = qos(), .retain = flag()};
  will.properties = properties(PropertyOwner::will);
  return will;
}

Connect RandomPacket::connect() {
  Connect connect{.version = version_,
                  .clean_start = flag(),
                  .keep_alive_s = static_cast<std::uint16_t>(number(0, 0xFFFF)),
                  .client_id = text(version_ == Version::v31 ? 1 : 0)};
  if (flag()) connect.will = will();
  if (flag()) connect.user_name = text(0);
  if ((connect.user_name || version_ == Version::v5) && flag()) connect.password = binary();
  connect.properties = properties(PropertyOwner::connect);
  return connect;
}

Connack RandomPacket::connack() {
  Connack connack;
  if (version_ == Version::v5) {
    connack.reason = reason(PacketType::connack);
  } else {
    connack.reason = *from_connect_return_code(static_cast<std::uint8_t>(number(0, 5)));
  }
  connack.session_present = version_ != Version::v31 && connack.reason == Reason::success && flag();
  connack.properties = properties(PropertyOwner::connack);
  return connack;
}

Publish RandomPacket::publish() {
  Publish publish{.qos = qos(), .retain = flag(), .payload = binary()};
  if (publish.qos != QoS::at_most_once) {
    publish.dup = flag();
    publish.packet_id = packet_id();
  }
  publish.properties = properties(PropertyOwner::publish);
  publish.topic = publish.properties.has(Property::topic_alias) ? text(0) : topic();
  return publish;
}

Subscribe RandomPacket::subscribe() {
  Buffer& kept = buffers_.emplace_back();
  const std::uint32_t count = number(1, 4);
  for (std::uint32_t i = 0; i < count; ++i) {
    Subscription one{.filter = topic(), .qos = qos()};
    if (version_ == Version::v5) {
      one.no_local = flag();
      one.retain_as_published = flag();
      one.retain_handling = static_cast<RetainHandling>(number(0, 2));
    }
    append_subscription(kept, one);
  }
  return {.packet_id = packet_id(),
          .properties = properties(PropertyOwner::subscribe),
          .subscriptions = SubscriptionList(kept.view())};
}

Unsubscribe RandomPacket::unsubscribe() {
  Buffer& kept = buffers_.emplace_back();
  const std::uint32_t count = number(1, 4);
  for (std::uint32_t i = 0; i < count; ++i) append_filter(kept, topic());
  return {.packet_id = packet_id(),
          .properties = properties(PropertyOwner::unsubscribe),
          .filters = FilterList(kept.view())};
}

Auth RandomPacket::auth() {
  return {.reason = reason(PacketType::auth), .properties = properties(PropertyOwner::auth)};
}

template <class Ack>
Ack RandomPacket::ack() {
  Ack ack{.packet_id = packet_id()};
  if (version_ == Version::v5) ack.reason = reason(Ack::type);
  ack.properties = properties(owner_of(Ack::type));
  return ack;
}

Packet RandomPacket::draw(PacketType type) {
  switch (type) {
    case PacketType::connect:
      return connect();
    case PacketType::connack:
      return connack();
    case PacketType::publish:
      return publish();
    case PacketType::puback:
      return ack<Puback>();
    case PacketType::pubrec:
      return ack<Pubrec>();
    case PacketType::pubrel:
      return ack<Pubrel>();
    case PacketType::pubcomp:
      return ack<Pubcomp>();
    case PacketType::subscribe:
      return subscribe();
    case PacketType::suback:
      return Suback{.packet_id = packet_id(),
                    .properties = properties(PropertyOwner::suback),
                    .reasons = reasons(PacketType::suback)};
    case PacketType::unsubscribe:
      return unsubscribe();
    case PacketType::unsuback:
      return Unsuback{.packet_id = packet_id(),
                      .properties = properties(PropertyOwner::unsuback),
                      .reasons = version_ == Version::v5 ? reasons(PacketType::unsuback) : ByteView()};
    case PacketType::pingreq:
      return Pingreq{};
    case PacketType::pingresp:
      return Pingresp{};
    case PacketType::disconnect:
      if (version_ != Version::v5) return Disconnect{};
      return Disconnect{.reason = reason(PacketType::disconnect),
                        .properties = properties(PropertyOwner::disconnect)};
    case PacketType::auth:
      return auth();
    case PacketType::reserved:
      break;
  }
  CHECK(type != PacketType::reserved);
  return Pingreq{};
}

}  // namespace gaon::mqtt
