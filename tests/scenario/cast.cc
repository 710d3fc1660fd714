#include "cast.h"

#include <algorithm>

namespace gaon::scenario {

Wrong Cast::open(Actor& actor, mqtt::Version version) {
  settle();
  auto wire = stage_.connect();
  if (!wire) return wire.error().what;
  actor.open(std::move(*wire), version);
  return std::nullopt;
}

void Cast::look() {
  for (const auto& actor : actors_) actor->look();
}

bool Cast::await(const std::function<bool()>& enough) {
  stage_.begin();
  for (;;) {
    look();
    if (enough()) return true;
    if (!stage_.more()) {
      look();
      return enough();
    }
  }
}

void Cast::settle() {
  if (stage_.is_simulated()) {
    await([] { return false; });
  } else {
    look();
  }
}

Actor& Cast::actor(const std::string& name) {
  for (const auto& one : actors_) {
    if (one->name() == name) return *one;
  }
  actors_.push_back(std::make_unique<Actor>(name));
  actors_.back()->transcript = transcript_;
  return *actors_.back();
}

Wrong Cast::take_answer(Actor& actor, mqtt::PacketType type, std::uint16_t id) {
  auto found = actor.inbox.end();
  await([&] {
    found = std::ranges::find_if(actor.inbox, [&](const Packet& packet) {
      return packet.type == type && packet.fault.empty() && (id == 0 || packet.number("id") == id);
    });
    return found != actor.inbox.end() || actor.closed_by_broker();
  });
  Expected expected{.type = type, .text = std::string(find_packet(type)->name)};
  if (found == actor.inbox.end()) return "no " + expected.text + " came" + seen(actor);
  const std::string wrong = mismatch(expected, *found, actor.version(), variables);
  if (!wrong.empty()) return wrong + seen(actor);
  actor.is_answered(type, id);
  actor.inbox.erase(found);
  return std::nullopt;
}

Wrong Cast::take_end(Actor& actor) {
  if (!await([&] { return actor.closed_by_broker(); })) return "it is not closed" + seen(actor);
  actor.end_is_seen();
  return std::nullopt;
}

Wrong Cast::let_everything_come(const std::vector<Actor*>& to) {
  settle();
  if (stage_.is_simulated()) return std::nullopt;
  for (Actor* actor : to) {
    if (actor->ended() || !actor->greeted) continue;
    actor->say(mqtt::PacketType::pingreq, {});
    if (Wrong wrong = take_answer(*actor, mqtt::PacketType::pingresp, 0)) return wrong;
  }
  pass(milliseconds(50));
  return std::nullopt;
}

void Cast::pass(Duration duration) {
  stage_.pass(duration, [this] { look(); });
}

std::string seen(const Actor& actor) {
  std::string text = "\n  " + actor.name() + " got" + (actor.inbox.empty() ? " nothing" : ":");
  constexpr std::size_t kShownMax = 8;
  for (std::size_t i = 0; i < std::min(actor.inbox.size(), kShownMax); ++i) {
    text += "\n    " + show_packet(actor.inbox[i], actor.version()) + "\n      " + hex(actor.inbox[i].bytes);
  }
  if (actor.inbox.size() > kShownMax)
    text += "\n    and " + std::to_string(actor.inbox.size() - kShownMax) + " more";
  if (actor.closed_by_broker()) text += "\n    and was closed";
  return text;
}

}  // namespace gaon::scenario
