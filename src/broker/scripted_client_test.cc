#include "broker/scripted_client_test.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "mqtt/decode.h"
#include "mqtt/encode.h"

namespace gaon::broker {

using mqtt::PacketType;
using mqtt::Property;
using mqtt::QoS;

namespace {

std::string hex(std::uint8_t value) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  return {kDigits[value >> 4], kDigits[value & 15]};
}

std::string hex(mqtt::Reason reason) { return hex(static_cast<std::uint8_t>(reason)); }

std::vector<std::uint8_t> copy(ByteView bytes) { return {bytes.begin(), bytes.end()}; }

Got owned(const mqtt::Packet& packet) {
  Got got{.type = mqtt::type_of(packet)};
  std::visit(
      [&](const auto& p) {
        if constexpr (requires { p.reason; }) got.reason = p.reason;
        if constexpr (requires { p.packet_id; }) got.packet_id = p.packet_id;
        if constexpr (requires { p.reasons; }) got.reasons = copy(p.reasons);
        if constexpr (requires { p.session_present; }) got.session_present = p.session_present;
        if constexpr (requires { p.properties; }) got.property_bytes = copy(p.properties.bytes());
      },
      packet);
  if (const auto* publish = std::get_if<mqtt::Publish>(&packet)) {
    got.qos = publish->qos;
    got.dup = publish->dup;
    got.retain = publish->retain;
    got.topic = publish->topic;
    got.payload = as_text(publish->payload);
  }
  return got;
}

}  // namespace

Props& Props::number(Property id, std::uint32_t value) {
  mqtt::PropertyWriter(bytes_).number(id, value);
  return *this;
}

Props& Props::text(Property id, std::string_view value) {
  mqtt::PropertyWriter(bytes_).text(id, value);
  return *this;
}

Props& Props::data(Property id, std::string_view value) {
  mqtt::PropertyWriter(bytes_).data(id, as_bytes(value));
  return *this;
}

Props& Props::user(std::string_view name, std::string_view value) {
  mqtt::PropertyWriter(bytes_).user(name, value);
  return *this;
}

std::string Got::text() const {
  if (type == PacketType::publish) {
    std::string text = topic + "=" + payload;
    if (qos != QoS::at_most_once) text += " q" + std::to_string(static_cast<int>(qos));
    if (retain) text += " retain";
    if (dup) text += " dup";
    for (const mqtt::PropertyItem& item : properties()) {
      if (item.id == Property::subscription_identifier) text += " id" + std::to_string(item.number);
    }
    return text;
  }
  std::string text(mqtt::name(type));
  if (packet_id != 0) text += " " + std::to_string(packet_id);
  for (const std::uint8_t code : reasons) text += " " + hex(code);
  const bool has_reason =
      type != PacketType::suback && type != PacketType::unsuback && type != PacketType::pingresp;
  if (has_reason) text += " " + hex(reason);
  if (session_present) text += " present";
  return text;
}

void ScriptedClient::send(const mqtt::Packet& packet) {
  Buffer bytes;
  mqtt::encode(packet, version_, bytes);
  wire.write(bytes.view());
}

std::uint16_t ScriptedClient::publish(std::string_view topic, std::string_view payload,
                                      const PublishOptions& options) {
  std::uint16_t id = options.packet_id;
  if (id == 0 && options.qos != QoS::at_most_once) id = ++last_packet_id_;
  send(mqtt::Publish{.dup = options.dup,
                     .qos = options.qos,
                     .retain = options.retain,
                     .topic = topic,
                     .packet_id = id,
                     .properties = options.properties,
                     .payload = as_bytes(payload)});
  return id;
}

std::uint16_t ScriptedClient::subscribe(std::string_view filter, QoS qos) {
  return subscribe({mqtt::Subscription{.filter = filter, .qos = qos}});
}

std::uint16_t ScriptedClient::subscribe(const std::vector<mqtt::Subscription>& wanted,
                                        mqtt::Properties properties) {
  Buffer list;
  for (const mqtt::Subscription& subscription : wanted) mqtt::append_subscription(list, subscription);
  send(mqtt::Subscribe{.packet_id = ++last_packet_id_,
                       .properties = properties,
                       .subscriptions = mqtt::SubscriptionList(list.view())});
  return last_packet_id_;
}

std::uint16_t ScriptedClient::unsubscribe(const std::vector<std::string_view>& filters) {
  Buffer list;
  for (const std::string_view filter : filters) mqtt::append_filter(list, filter);
  send(mqtt::Unsubscribe{.packet_id = ++last_packet_id_, .filters = mqtt::FilterList(list.view())});
  return last_packet_id_;
}

void ScriptedClient::disconnect(mqtt::Reason reason, mqtt::Properties properties) {
  send(mqtt::Disconnect{.reason = reason, .properties = properties});
}

bool ScriptedClient::poll() {
  const std::vector<std::uint8_t> bytes = wire.read();
  unread_.insert(unread_.end(), bytes.begin(), bytes.end());
  std::size_t done = 0;
  for (;;) {
    const auto found = mqtt::frame(ByteView(unread_).subspan(done), mqtt::kPacketSizeMax);
    CHECK(found);
    if (!*found) break;
    const auto packet = mqtt::decode(**found, version_);
    CHECK(packet);
    done += (*found)->size;
    inbox_.push_back(owned(*packet));
    if (acks) answer(inbox_.back());
  }
  unread_.erase(unread_.begin(), unread_.begin() + static_cast<std::ptrdiff_t>(done));
  return !bytes.empty();
}

void ScriptedClient::answer(const Got& got) {
  if (got.type == PacketType::publish && got.qos == QoS::at_least_once) {
    send(mqtt::Puback{.packet_id = got.packet_id});
  } else if (got.type == PacketType::publish && got.qos == QoS::exactly_once) {
    send(mqtt::Pubrec{.packet_id = got.packet_id});
  } else if (got.type == PacketType::pubrec && !is_error(got.reason)) {
    send(mqtt::Pubrel{.packet_id = got.packet_id});
  } else if (got.type == PacketType::pubrel) {
    send(mqtt::Pubcomp{.packet_id = got.packet_id});
  }
}

std::vector<Got> ScriptedClient::take() { return std::exchange(inbox_, {}); }

std::string ScriptedClient::told() {
  std::string told;
  const auto add = [&](const std::string& text) {
    if (!told.empty()) told += ", ";
    told += text;
  };
  for (const Got& got : take()) {
    if (!acks || got.type != PacketType::pubrel) add(got.text());
  }
  if (wire.closed() || wire.aborted()) add("closed");
  return told;
}

std::string in_any_order(const std::string& told) {
  std::vector<std::string> parts;
  std::size_t at = 0;
  while (at <= told.size()) {
    const std::size_t end = std::min(told.find(", ", at), told.size());
    parts.push_back(told.substr(at, end - at));
    at = end + 2;
  }
  std::ranges::sort(parts);
  std::string sorted;
  for (const std::string& part : parts) sorted += (sorted.empty() ? "" : ", ") + part;
  return sorted;
}

}  // namespace gaon::broker
