#include "client/connect_packet.h"

#include "mqtt/property.h"
#include "mqtt/utf8.h"
#include "topic/name.h"

namespace gaon::client {
namespace {

using mqtt::Property;
using mqtt::PropertyOwner;
using mqtt::Version;

constexpr std::size_t kTextMax = 65'535;  // bytes of a string or of binary data

Result<void> check_text(std::string_view name, std::string_view text) {
  if (text.size() > kTextMax) return failure("the " + std::string(name) + " is longer than 65,535 bytes");
  if (!mqtt::valid_utf8(text)) return failure("the " + std::string(name) + " is not UTF-8");
  return {};
}

Result<void> check_password(const ConnectOptions& options) {
  if (options.user_name) TRY(check_text("user name", *options.user_name));
  if (!options.password) return {};
  if (options.password->size() > kTextMax) return failure("the password is longer than 65,535 bytes");
  if (!options.user_name && options.version != Version::v5) {  // [MQTT-3.1.2-22@311]
    return failure("a password without a user name needs MQTT 5");
  }
  return {};
}

Result<void> check_will(const WillOptions& will) {
  TRY(check_text("will topic", will.topic));
  if (!topic::valid_name(will.topic)) return failure("the will topic is empty or has wildcards");
  if (will.payload.size() > kTextMax) return failure("the will is longer than 65,535 bytes");
  return {};
}

// Looks at the whole block, so that nothing stands in it twice.
Result<mqtt::Properties> checked(const Buffer& block, PropertyOwner owner) {
  const auto properties = mqtt::decode_property_items(block.view(), owner);
  if (!properties) return failure(std::string("properties of CONNECT: ") + properties.error().what);
  return *properties;
}

Result<void> check_authentication(const ConnectOptions& options, const ConnectAs& as) {
  if (!options.authentication) return {};
  if (options.version != Version::v5) return failure("an authentication method needs MQTT 5");
  TRY(check_text("authentication method", options.authentication->method));
  if (as.authentication_data.size() > kTextMax) {
    return failure("the authentication data is longer than 65,535 bytes");
  }
  return {};
}

void write_properties(const ConnectOptions& options, const ConnectAs& as, Buffer& to) {
  mqtt::PropertyWriter writer(to);
  if (options.session_expiry_interval_s != 0) {
    writer.number(Property::session_expiry_interval, options.session_expiry_interval_s);
  }
  if (options.receive_maximum != 65'535) writer.number(Property::receive_maximum, options.receive_maximum);
  if (options.maximum_packet_size != mqtt::kPacketSizeMax) {
    writer.number(Property::maximum_packet_size, options.maximum_packet_size);
  }
  if (options.topic_alias_maximum != 0) {
    writer.number(Property::topic_alias_maximum, options.topic_alias_maximum);
  }
  if (options.authentication) {
    writer.text(Property::authentication_method, options.authentication->method);
    if (!as.authentication_data.empty()) {
      writer.data(Property::authentication_data, as_bytes(as.authentication_data));
    }
  }
  to.append(as_bytes(options.properties));
}

}  // namespace

Result<ConnectPacket> connect_packet(const ConnectOptions& options, const ConnectAs& as) {
  TRY(check_text("client identifier", as.client_id));
  if (as.client_id.empty() && !as.clean_start && options.version != Version::v5) {  // [MQTT-3.1.3-7@311]
    return failure("without a client identifier a session needs MQTT 5");
  }
  TRY(check_password(options));
  TRY(check_authentication(options, as));
  ConnectPacket made;
  mqtt::Connect& packet = made.packet;
  packet.version = options.version;
  packet.clean_start = as.clean_start;
  packet.keep_alive_s = options.keep_alive_s;
  packet.client_id = as.client_id;  // [MQTT-3.1.3-3]
  if (options.user_name) packet.user_name = *options.user_name;
  if (options.password) packet.password = as_bytes(*options.password);
  const bool has_properties =
      !options.properties.empty() || (options.will && !options.will->properties.empty());
  if (has_properties && options.version != Version::v5) return failure("properties need MQTT 5");
  if (options.version == Version::v5) {
    write_properties(options, as, made.properties);
    TRY_SET(packet.properties, checked(made.properties, PropertyOwner::connect));
  }
  if (!options.will) return made;

  const WillOptions& will = *options.will;
  TRY(check_will(will));
  made.will_properties.append(as_bytes(will.properties));
  TRY_SET(const mqtt::Properties will_properties, checked(made.will_properties, PropertyOwner::will));
  packet.will = mqtt::Will{.topic = will.topic,
                           .payload = as_bytes(will.payload),
                           .qos = will.qos,
                           .retain = will.retain,
                           .properties = will_properties};
  return made;
}

}  // namespace gaon::client
