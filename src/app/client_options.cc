#include "app/client_options.h"

#include <algorithm>
#include <cstdio>
#include <vector>

#include "base/check.h"
#include "mqtt/property.h"

namespace gaon::app {
namespace {

using client::ConnectOptions;
using mqtt::Property;
using mqtt::PropertyType;

// Properties of CONNECT that are options of the client, because it acts on them.
struct OwnOption {
  Property id;
  void (*put)(ConnectOptions& to, std::uint32_t number);
};
constexpr OwnOption kOwnOptions[] = {
    {Property::session_expiry_interval,
     [](ConnectOptions& to, std::uint32_t n) { to.session_expiry_interval_s = n; }},
    {Property::receive_maximum,
     [](ConnectOptions& to, std::uint32_t n) { to.receive_maximum = static_cast<std::uint16_t>(n); }},
    {Property::maximum_packet_size, [](ConnectOptions& to, std::uint32_t n) { to.maximum_packet_size = n; }},
    {Property::topic_alias_maximum,
     [](ConnectOptions& to, std::uint32_t n) { to.topic_alias_maximum = static_cast<std::uint16_t>(n); }},
};

const OwnOption* own_option(const PropertyOption& option) {
  if (option.place != PropertyPlace::connect) return nullptr;
  const auto own = std::ranges::find(kOwnOptions, static_cast<Property>(option.id), &OwnOption::id);
  return own == std::end(kOwnOptions) ? nullptr : own;
}

void write(const PropertyOption& option, mqtt::PropertyWriter& to) {
  const auto id = static_cast<Property>(option.id);
  switch (rule(id).type) {
    case PropertyType::byte:
    case PropertyType::u16:
    case PropertyType::u32:
    case PropertyType::varint:
      return to.number(id, option.number);
    case PropertyType::text:
      return to.text(id, option.text);
    case PropertyType::binary:
      return to.data(id, as_bytes(option.text));
    case PropertyType::text_pair:
      return to.user(option.key, option.text);
    case PropertyType::none:
      CHECK(false);
  }
}

// 21 characters: 3.1 allows 23.
std::string made_client_id(std::uint64_t random_number) {
  char id[32];
  std::snprintf(id, sizeof id, "gaon-%016llx", static_cast<unsigned long long>(random_number));
  return id;
}

}  // namespace

ConnectOptions client_options(const ConnectionOptions& options, std::uint64_t random_number) {
  ConnectOptions to;
  to.url = {.scheme = options.scheme, .host = options.host, .port = options.port, .path = options.path};
  to.tls = options.tls;
  to.version = static_cast<mqtt::Version>(options.version);
  to.client_id = options.client_id;
  if (to.client_id.empty() && options.version < 5) to.client_id = made_client_id(random_number);
  to.clean_start = options.clean_start;
  to.keep_alive_s = options.keep_alive_s;
  to.user_name = options.user;
  to.password = options.password;
  if (options.version == 5) to.session_expiry_interval_s = options.session_expiry_s;
  for (const PropertyOption& option : options.properties) {
    if (const OwnOption* own = own_option(option)) own->put(to, option.number);
  }
  to.properties = encoded_properties(options.properties, PropertyPlace::connect);
  if (options.will) {
    to.will = client::WillOptions{.topic = options.will->topic,
                                  .payload = options.will->payload,
                                  .qos = static_cast<mqtt::QoS>(options.will->qos),
                                  .retain = options.will->retain,
                                  .properties = encoded_properties(options.properties, PropertyPlace::will)};
  }
  return to;
}

std::string encoded_properties(std::span<const PropertyOption> options, PropertyPlace place) {
  Buffer bytes;
  mqtt::PropertyWriter writer(bytes);
  for (const PropertyOption& option : options) {
    if (option.place == place && own_option(option) == nullptr) write(option, writer);
  }
  return std::string(as_text(bytes.view()));
}

}  // namespace gaon::app
