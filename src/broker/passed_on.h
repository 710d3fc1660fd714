// The properties of a PUBLISH or a will that subscribers get unaltered.
#pragma once

#include "base/buffer.h"
#include "mqtt/property.h"

namespace gaon::broker {

// [MQTT-3.3.2-4], [MQTT-3.3.2-15], [MQTT-3.3.2-16], [MQTT-3.3.2-17], [MQTT-3.3.2-18],
// [MQTT-3.3.2-20]: in their order.
// What each receiver gets newly made (expiry, alias, subscription ids) stays out.
inline void copy_passed_on(const mqtt::Properties& properties, Buffer& to) {
  for (const mqtt::PropertyItem& item : properties) {
    switch (item.id) {
      case mqtt::Property::payload_format_indicator:
      case mqtt::Property::content_type:
      case mqtt::Property::response_topic:
      case mqtt::Property::correlation_data:
      case mqtt::Property::user_property:
        to.append(item.raw);
        break;
      default:
        break;
    }
  }
}

}  // namespace gaon::broker
