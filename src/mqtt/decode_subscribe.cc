// SUBSCRIBE and UNSUBSCRIBE with their acknowledgements.
//   body of a request         = packet_id:u16 [properties] entry+
//   body of an acknowledgement = packet_id:u16 [properties] reason:u8+
//   UNSUBACK before MQTT 5     = packet_id:u16
#include "base/result.h"
#include "mqtt/decode_each.h"
#include "mqtt/field.h"
#include "mqtt/property.h"

namespace gaon::mqtt {

namespace {

Decoded<void> check_filter(Reader& reader) {
  auto filter = read_text(reader, "topic filter is not valid UTF-8");  // [MQTT-3.8.3-1] [MQTT-3.10.3-1]
  if (!filter) return std::unexpected(filter.error());
  if (filter->empty()) return malformed("topic filter is empty");  // [MQTT-4.7.3-1]
  return {};
}

Decoded<void> check_options(std::uint8_t options, Version version) {
  if (version != Version::v5) {
    // [MQTT-3.8.3-4@311], for QoS 3 too.
    if (options > 2) return malformed("requested QoS is none");
    return {};
  }
  if ((options & 0xC0) != 0) return malformed("reserved subscription options are set");  // [MQTT-3.8.3-5]
  if ((options & 0x03) == 0x03) return violation("requested QoS is 3");                  // U5-3.8.3.1-a
  if ((options & 0x30) == 0x30) return violation("retain handling is 3");                // U5-3.8.3.1-b
  return {};
}

Decoded<SubscriptionList> read_subscriptions(Reader& reader, Version version) {
  const ByteView bytes = reader.rest();
  if (bytes.empty()) return violation("SUBSCRIBE without a topic filter");  // [MQTT-3.8.3-2]
  while (!reader.at_end()) {
    TRY(check_filter(reader));
    const std::uint8_t options = reader.u8();
    if (reader.failed()) return malformed("SUBSCRIBE ends before its options");
    TRY(check_options(options, version));
  }
  return SubscriptionList(bytes);
}

Decoded<FilterList> read_filters(Reader& reader) {
  const ByteView bytes = reader.rest();
  if (bytes.empty()) return violation("UNSUBSCRIBE without a topic filter");  // [MQTT-3.10.3-2]
  while (!reader.at_end()) TRY(check_filter(reader));
  return FilterList(bytes);
}

// SUBACK of 3.x has 00, 01, 02 and 80, all of which MQTT 5 has too. [MQTT-3.9.3-2] [MQTT-3.11.3-2]
Decoded<ByteView> read_reasons(Reader& reader, PacketType type, Version version) {
  const ByteView reasons = reader.rest();
  if (reasons.empty()) return violation("acknowledgement without a reason code");
  while (!reader.at_end()) {
    Reason reason{};
    TRY_SET(reason, read_reason(reader, type));
    if (version != Version::v5 && reason > Reason::unspecified_error) {
      return violation("return code is not one of 3.1.1");
    }
  }
  return reasons;
}

// The fields that all four begin with.
template <class T>
Decoded<T> read_start(Reader& reader, Version version) {
  T packet;
  TRY_SET(packet.packet_id, read_packet_id(reader));
  if (version == Version::v5) {
    TRY_SET(packet.properties, decode_properties(reader, owner_of(T::type)));
  }
  return packet;
}

}  // namespace

Decoded<Subscribe> decode_subscribe(const Frame& frame, Version version) {
  Reader reader(frame.body);
  TRY_SET(Subscribe subscribe, read_start<Subscribe>(reader, version));
  TRY_SET(subscribe.subscriptions, read_subscriptions(reader, version));
  return subscribe;
}

Decoded<Suback> decode_suback(const Frame& frame, Version version) {
  Reader reader(frame.body);
  TRY_SET(Suback suback, read_start<Suback>(reader, version));
  TRY_SET(suback.reasons, read_reasons(reader, PacketType::suback, version));
  return suback;
}

Decoded<Unsubscribe> decode_unsubscribe(const Frame& frame, Version version) {
  Reader reader(frame.body);
  TRY_SET(Unsubscribe unsubscribe, read_start<Unsubscribe>(reader, version));
  TRY_SET(unsubscribe.filters, read_filters(reader));
  return unsubscribe;
}

Decoded<Unsuback> decode_unsuback(const Frame& frame, Version version) {
  Reader reader(frame.body);
  TRY_SET(Unsuback unsuback, read_start<Unsuback>(reader, version));
  if (version == Version::v5) {
    TRY_SET(unsuback.reasons, read_reasons(reader, PacketType::unsuback, version));
  }
  TRY(read_end(reader));
  return unsuback;
}

}  // namespace gaon::mqtt
