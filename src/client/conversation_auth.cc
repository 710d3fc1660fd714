// A conversation's authentication method: the exchange of the options says what goes into
// CONNECT, AUTH and back, and believes the end of it or not.
#include "client/conversation.h"

namespace gaon::client {

using mqtt::Property;
using mqtt::Reason;

namespace {

ByteView data_of(const mqtt::Properties& properties) {
  return properties.data(Property::authentication_data).value_or(ByteView{});
}

}  // namespace

void Conversation::handle(const mqtt::Auth& packet) {
  // [MQTT-4.12.0-6]: only who named a method may be asked.
  if (!exchange_) return break_off("AUTH that nothing asked for");
  if (!names_our_method(packet.properties)) return break_off("AUTH with another authentication method");
  if (packet.reason == Reason::success && state() == State::open) {
    if (conclude(packet.properties)) put(AuthenticatedAgain{}, 0);
    return;
  }
  if (packet.reason != Reason::continue_authentication)
    return break_off("AUTH with a reason it may not have");
  const auth::Reply reply = exchange_->next(data_of(packet.properties));
  if (reply.verdict != auth::Verdict::continue_authentication) return give_up_authentication(reply);
  if (!send_auth(Reason::continue_authentication, reply.data)) {  // [MQTT-4.12.0-3]
    auth::Reply refusal(auth::Verdict::not_authorized);
    refusal.why = "the answer is larger than the broker takes";
    give_up_authentication(refusal);
  }
}

Result<void> Conversation::authenticate_again() {
  if (!options_.authentication) return failure("there is no authentication method");
  if (state() != State::open) return failure("there is no connection");
  if (exchange_) return failure("it is authenticating already");
  exchange_ = options_.authentication->begin();
  const auth::Reply first = exchange_->next({});
  if (send_auth(Reason::re_authenticate, first.data)) return {};  // [MQTT-4.12.1-1]
  exchange_.reset();
  return failure("the authentication data is larger than the broker takes");
}

bool Conversation::conclude(const mqtt::Properties& properties) {
  if (!names_our_method(properties)) {  // [MQTT-4.12.0-5]
    break_off("its CONNACK does not repeat the authentication method");
    return false;
  }
  const auth::Reply reply = exchange_->next(data_of(properties));
  exchange_.reset();
  if (reply.verdict == auth::Verdict::granted) return true;
  give_up_authentication(reply);
  return false;
}

bool Conversation::names_our_method(const mqtt::Properties& properties) const {
  return properties.text(Property::authentication_method) == options_.authentication->method;
}

bool Conversation::send_auth(Reason reason, std::string_view data) {
  Buffer properties;
  mqtt::PropertyWriter writer(properties);
  writer.text(Property::authentication_method, options_.authentication->method);
  if (!data.empty()) writer.data(Property::authentication_data, as_bytes(data));
  return endpoint_->send(mqtt::Auth{reason, mqtt::Properties(properties.view())});
}

// [MQTT-4.12.1-2]; a client has no word for "not authorized".
void Conversation::give_up_authentication(const auth::Reply& refusal) {
  endpoint_->disconnect(Reason::unspecified_error);
  std::string what = "authentication failed";
  if (*refusal.why != '\0') what += std::string(": ") + refusal.why;
  end({Disconnected::Kind::refused, Reason::not_authorized, std::move(what)});
}

}  // namespace gaon::client
