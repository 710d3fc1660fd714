#include "act.h"

#include <algorithm>

namespace gaon::scenario {
namespace {

using Act = Statement::Act;
using enum mqtt::PacketType;

// Waits for what has to follow, whatever else comes meanwhile.
Wrong see_through(const Statement& statement, Actor& actor, std::uint16_t id, Cast& cast) {
  const auto qos = std::ranges::find(statement.fields, std::string_view("qos"), &Field::name);
  switch (statement.type) {
    case connect:
      return cast.take_answer(actor, connack, 0);
    case subscribe:
      return cast.take_answer(actor, suback, id);
    case unsubscribe:
      return cast.take_answer(actor, unsuback, id);
    case pingreq:
      return cast.take_answer(actor, pingresp, 0);
    case disconnect:
      return cast.take_end(actor);
    case publish:
      if (qos == statement.fields.end() || qos->value == "0") break;
      if (qos->value == "1") return cast.take_answer(actor, puback, id);
      if (Wrong wrong = cast.take_answer(actor, pubrec, id)) return wrong;
      actor.say(pubrel, {{.name = "id", .value = std::to_string(id)}});
      return cast.take_answer(actor, pubcomp, id);
    default:
      break;
  }
  cast.settle();
  return std::nullopt;
}

Wrong say(const Statement& statement, Actor& actor, Follow follow, Cast& cast) {
  Fields fields = statement.fields;
  for (Field& field : fields) {
    if (!field.variable) continue;
    const auto value = cast.variables.find(field.value);
    if (value == cast.variables.end()) return field.value + " has no value yet";
    field.value = value->second;
  }
  if (statement.type == connect) {
    actor.greeted = true;
    if (std::ranges::find(fields, std::string_view("id"), &Field::name) == fields.end()) {
      fields.push_back({.name = "id", .value = actor.name()});
    }
  }
  const std::uint16_t id = actor.say(statement.type, fields);
  if (statement.act == Act::send || follow == Follow::nothing) return std::nullopt;
  if (follow == Follow::answer) return see_through(statement, actor, id, cast);
  cast.settle();
  return std::nullopt;
}

}  // namespace

Wrong act(const Statement& statement, Follow follow, Cast& cast) {
  Actor& actor = cast.actor(statement.who.front());
  if (statement.act == Act::open) return cast.open(actor, statement.version);
  if (statement.act == Act::manual || statement.act == Act::automatic) {
    cast.look();
    actor.by_hand = statement.act == Act::manual;
    return std::nullopt;
  }
  if (statement.type == connect && (!actor.has_wire() || actor.ended() || actor.greeted)) {
    if (Wrong wrong = cast.open(actor, statement.version)) return wrong;
  }
  if (!actor.has_wire()) return actor.name() + " has no connection";
  switch (statement.act) {
    case Act::hang_up:
      cast.settle();
      actor.hang_up();
      break;
    case Act::cut:
      cast.settle();
      actor.cut();
      break;
    case Act::raw:
      actor.write(statement.bytes);
      break;
    default:
      return say(statement, actor, follow, cast);
  }
  cast.settle();
  return std::nullopt;
}

}  // namespace gaon::scenario
