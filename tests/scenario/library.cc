#include "library.h"

#include <algorithm>

#include "base/buffer.h"
#include "method.h"
#include "mqtt/entries.h"

namespace gaon::scenario {

using mqtt::PacketType;
using mqtt::Version;

class LibraryWire final : public Wire {
 public:
  explicit LibraryWire(Library& library) : library_(library) {}

  void write(std::string_view bytes) override { library_.to_client_ += bytes; }
  std::string read() override { return std::exchange(library_.to_server_, {}); }
  bool closed() const override {
    return library_.conversation_->state() == client::Conversation::State::closed && !library_.server_ended_;
  }
  void hang_up() override { library_.server_ended_ = true; }
  void cut() override { hang_up(); }

 private:
  Library& library_;
};

namespace {

const std::string* find(const Fields& fields, std::string_view name) {
  const auto found = std::ranges::find(fields, name, &Field::name);
  return found == fields.end() ? nullptr : &found->value;
}

std::uint32_t number(const Fields& fields, std::string_view name, std::uint32_t otherwise) {
  const std::string* value = find(fields, name);
  return value == nullptr ? otherwise : static_cast<std::uint32_t>(std::stoul(*value));
}

std::string text(const Fields& fields, std::string_view name) {
  const std::string* value = find(fields, name);
  return value == nullptr ? std::string() : *value;
}

mqtt::QoS qos_of(const Fields& fields, std::string_view name = "qos") {
  return static_cast<mqtt::QoS>(number(fields, name, 0));
}

// Those that the library has no option of its own for.
std::string property_items(const Fields& fields, std::string_view prefix = "") {
  constexpr std::string_view kOptions[] = {"session_expiry_interval", "receive_maximum",
                                           "maximum_packet_size",     "topic_alias_maximum",
                                           "authentication_method",   "authentication_data"};
  Buffer items;
  mqtt::PropertyWriter writer(items);
  for (const Field& field : fields) {
    if (!field.name.starts_with(prefix)) continue;
    const std::string_view name = std::string_view(field.name).substr(prefix.size());
    const PropertyRow* row = find_property(name, false);
    if (row == nullptr || std::ranges::find(kOptions, name) != std::end(kOptions)) continue;
    const auto id = static_cast<mqtt::Property>(row->id);
    const std::size_t colon = std::min(field.value.find(':'), field.value.size());
    if (row->shape == PropertyShape::pair) {
      writer.user(field.value.substr(0, colon), field.value.substr(std::min(colon + 1, field.value.size())));
    } else if (row->shape == PropertyShape::string && mqtt::rule(id).type == mqtt::PropertyType::text) {
      writer.text(id, field.value);
    } else if (row->shape == PropertyShape::string) {
      writer.data(id, as_bytes(field.value));
    } else {
      writer.number(id, number(fields, field.name, 0));
    }
  }
  return std::string(as_text(items.view()));
}

void add_properties(Fields& fields, const mqtt::Properties& properties) {
  for (const mqtt::PropertyItem& item : properties) {
    const PropertyRow* row = find_property(static_cast<std::uint8_t>(item.id));
    std::string value(as_text(item.value));
    if (row->shape == PropertyShape::pair) value += ":" + std::string(as_text(item.second));
    if (row->shape != PropertyShape::pair && row->shape != PropertyShape::string)
      value = std::to_string(item.number);
    fields.push_back({.name = std::string(row->name), .value = value});
  }
}

Fields answer_fields(std::uint16_t id, const std::vector<mqtt::Reason>& reasons) {
  Fields fields{{.name = "id", .value = std::to_string(id)}};
  for (const mqtt::Reason reason : reasons) {
    fields.push_back({.name = "reason", .value = std::to_string(static_cast<int>(reason))});
  }
  return fields;
}

}  // namespace

Result<void> Library::command(const std::string& name, const Fields& fields) {
  if (name == "connect") return open(fields);
  if (conversation_ == nullptr) return failure("it has never been connected");
  if (name == "auth") return conversation_->authenticate_again();
  const std::string properties = property_items(fields);
  if (name == "publish") {
    const std::string topic = text(fields, "topic");
    const std::string payload = text(fields, "payload");
    return conversation_->publish({.topic = topic,
                                   .payload = as_bytes(payload),
                                   .qos = qos_of(fields),
                                   .retain = number(fields, "retain", 0) != 0,
                                   .properties = as_bytes(properties)},
                                  now_);
  }
  if (name == "disconnect") {
    return conversation_->disconnect(static_cast<mqtt::Reason>(number(fields, "reason", 0)),
                                     as_bytes(properties));
  }
  std::vector<mqtt::Subscription> subscriptions;
  std::vector<std::string_view> filters;
  for (const Field& field : fields) {
    if (field.name == "filter") {
      subscriptions.push_back({.filter = field.value});
      filters.push_back(field.value);
    }
    if (field.name == "qos" && !subscriptions.empty()) {
      subscriptions.back().qos = static_cast<mqtt::QoS>(std::stoul(field.value));
    }
    if (field.name == "no_local" && !subscriptions.empty())
      subscriptions.back().no_local = field.value != "0";
  }
  if (name == "subscribe") {
    TRY(conversation_->subscribe(subscriptions, as_bytes(properties)));
  } else {
    TRY(conversation_->unsubscribe(filters, as_bytes(properties)));
  }
  return {};
}

void Library::add_refused(std::string what) {
  add("refused", PacketType::disconnect, {{.name = "reason_string", .value = std::move(what)}});
}

Result<void> Library::open(const Fields& fields) {
  // A conversation goes on with its first options, whatever later ones would be.
  if (conversation_ == nullptr) {
    client::ConnectOptions options{.version = version_};
    options.client_id = find(fields, "id") == nullptr ? "client" : text(fields, "id");
    options.clean_start = number(fields, "clean", 1) != 0;
    options.keep_alive_s = static_cast<std::uint16_t>(number(fields, "keepalive", 0));
    options.session_expiry_interval_s = number(fields, "session_expiry_interval", 0);
    options.receive_maximum = static_cast<std::uint16_t>(number(fields, "receive_maximum", 65'535));
    options.maximum_packet_size = number(fields, "maximum_packet_size", options.maximum_packet_size);
    options.topic_alias_maximum = static_cast<std::uint16_t>(number(fields, "topic_alias_maximum", 0));
    options.properties = property_items(fields);
    if (const std::string* method = find(fields, "authentication_method")) {
      options.authentication = client::AuthenticationOptions{
          .method = *method, .begin = [first = text(fields, "authentication_data")] {
            return std::make_unique<ClientEcho>(first);
          }};
    }
    if (const std::string* user = find(fields, "user")) options.user_name = *user;
    if (const std::string* password = find(fields, "password")) options.password = *password;
    if (find(fields, "will.topic") != nullptr) {
      options.will = client::WillOptions{.topic = text(fields, "will.topic"),
                                         .payload = text(fields, "will.payload"),
                                         .qos = qos_of(fields, "will.qos"),
                                         .retain = number(fields, "will.retain", 0) != 0,
                                         .properties = property_items(fields, "will.")};
    }
    conversation_ = std::make_unique<client::Conversation>(std::move(options));
  }
  to_server_.clear();
  to_client_.clear();
  server_ended_ = was_open_ = false;
  return conversation_->open(now_);
}

Result<std::unique_ptr<Wire>> Library::connect() { return std::make_unique<LibraryWire>(*this); }

bool Library::more() {
  if (conversation_ == nullptr) return false;
  using State = client::Conversation::State;
  const std::size_t before = to_server_.size() + events.size();
  const bool has_input = !to_client_.empty();
  if (has_input && conversation_->state() != State::closed) {
    const std::string bytes = std::exchange(to_client_, {});
    conversation_->receive(as_bytes(bytes), now_);
  }
  to_client_.clear();
  if (server_ended_ && conversation_->state() != State::closed)
    conversation_->transport_closed("the server ended it");
  if (conversation_->state() == State::open && !was_open_) {
    was_open_ = true;
    const client::Connected& connected = conversation_->connected();
    Fields fields{{.name = "session", .value = connected.session_present ? "1" : "0"},
                  {.name = "reason", .value = "0"}};
    add_properties(fields, connected.properties());
    add("connected", PacketType::connack, std::move(fields));
  }
  take_events();
  if (conversation_->state() == State::open) conversation_->pump(now_);
  take_output();
  return has_input || to_server_.size() + events.size() != before;
}

void Library::pass(Duration duration, const std::function<void()>& look) {
  const Time end = now_ + duration;
  do {
    while (more()) look();
    look();
    const Time deadline = conversation_ ? conversation_->deadline() : kNever;
    now_ = std::min(end, std::max(deadline, now_ + milliseconds(1)));
    if (conversation_ && deadline <= now_) conversation_->handle_timeout(now_);
  } while (now_ < end);
  while (more()) look();
}

void Library::take_output() {
  Output& output = conversation_->output();
  while (!output.empty()) {
    iovec piece;
    output.gather(&piece, 1);
    to_server_.append(static_cast<const char*>(piece.iov_base), piece.iov_len);
    output.consume(piece.iov_len);
  }
}

void Library::add(std::string name, PacketType type, Fields fields) {
  events.push_back({.name = std::move(name), .packet = {.type = type, .fields = std::move(fields)}});
}

void Library::take_events() {
  while (const auto incoming = conversation_->poll_incoming()) {
    if (const auto* message = std::get_if<client::Received>(&*incoming)) {
      Fields fields{{.name = "topic", .value = message->topic},
                    {.name = "payload", .value = message->payload},
                    {.name = "qos", .value = std::to_string(static_cast<int>(message->qos))},
                    {.name = "retain", .value = message->retain ? "1" : "0"}};
      add_properties(fields, message->properties());
      add("message", PacketType::publish, std::move(fields));
    } else if (const auto* subscribed = std::get_if<client::Subscribed>(&*incoming)) {
      add("subscribed", PacketType::suback, answer_fields(subscribed->packet_id, subscribed->reasons));
    } else if (const auto* unsubscribed = std::get_if<client::Unsubscribed>(&*incoming)) {
      add("unsubscribed", PacketType::suback, answer_fields(unsubscribed->packet_id, unsubscribed->reasons));
    } else if (std::holds_alternative<client::AuthenticatedAgain>(*incoming)) {
      add("authenticated", PacketType::suback, {});
    } else if (const auto* lost = std::get_if<client::NotDelivered>(&*incoming)) {
      add("not-delivered", PacketType::publish,
          {{.name = "topic", .value = lost->topic}, {.name = "payload", .value = lost->what}});
    } else if (const auto* ended = std::get_if<client::Disconnected>(&*incoming)) {
      constexpr std::string_view kKinds[] = {"lost", "refused", "by_broker", "violation", "silent"};
      add("disconnected", PacketType::disconnect,
          {{.name = "reason", .value = std::to_string(static_cast<int>(ended->reason))},
           {.name = "kind", .value = std::string(kKinds[static_cast<std::size_t>(ended->kind)])},
           {.name = "reason_string", .value = ended->what}});
    }
  }
}

}  // namespace gaon::scenario
