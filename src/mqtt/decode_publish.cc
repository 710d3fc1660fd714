#include "base/result.h"
#include "mqtt/decode.h"
#include "mqtt/field.h"
#include "mqtt/property.h"

namespace gaon::mqtt {

// body = topic:string [packet_id:u16, if QoS > 0] [properties] payload
Decoded<Publish> decode_publish(const Frame& frame, Version version) {
  Publish publish;
  publish.dup = (frame.flags & 0x08) != 0;
  publish.qos = static_cast<QoS>(frame.flags >> 1 & 0x03);
  publish.retain = (frame.flags & 0x01) != 0;

  Reader reader(frame.body);
  TRY_SET(publish.topic, read_text(reader, "topic name is not valid UTF-8"));  // [MQTT-3.3.2-1]
  if (publish.qos != QoS::at_most_once) {                                      // [MQTT-2.2.1-2]
    TRY_SET(publish.packet_id, read_packet_id(reader));
  }
  if (version == Version::v5) {
    TRY_SET(publish.properties, decode_properties(reader, PropertyOwner::publish));
  }
  if (publish.topic.empty() && !publish.properties.has(Property::topic_alias)) {
    return violation("topic name is empty and there is no topic alias");  // [MQTT-4.7.3-1], U5-3.3.2.1-a
  }
  if (has_wildcards(publish.topic)) {
    return fault(Reason::topic_name_invalid, "topic name has wildcards");  // [MQTT-3.3.2-2]
  }
  publish.payload = reader.rest();
  return publish;
}

}  // namespace gaon::mqtt
