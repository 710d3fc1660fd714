#include "expect.h"

#include <algorithm>

#include "mqtt/reason.h"

namespace gaon::scenario {
namespace {

using Act = Statement::Act;
using What = Expected::What;

// DISCONNECT with what is wrong, and CONNACK that refuses, should come or may come before
// the end of the connection, in MQTT 5 [MQTT-3.1.4-1] U5-4.13-a. Takeover is no error and
// is always told [MQTT-3.1.4-3].
bool may_be_left_unsaid(const Expected& expected, const Actor& actor) {
  if (actor.version() != mqtt::Version::v5 || expected.what != What::packet) return false;
  const auto reason = std::ranges::find(expected.fields, std::string_view("reason"), &Field::name);
  const auto code = reason == expected.fields.end() ? std::nullopt : parse_number(reason->value);
  if (expected.type == mqtt::PacketType::connack) return code >= 0x80U;
  return expected.type == mqtt::PacketType::disconnect &&
         code != static_cast<std::uint32_t>(mqtt::Reason::session_taken_over);
}

class Expectation {
 public:
  Expectation(const Statement& statement, Cast& cast) : statement_(statement), cast_(cast) {}

  Wrong come_true() {
    std::vector<Actor*> from;
    for (const std::string& name : statement_.who) {
      if (name == "*") {
        for (const auto& other : cast_.everyone()) from.push_back(other.get());
      } else {
        from.push_back(&cast_.actor(name));
        if (!from.back()->has_wire()) return name + " has no connection";
      }
    }
    if (statement_.act == Act::expect_either) return expect_either(from);
    if (statement_.act == Act::expect_in_any_order) return expect_in_any_order(from);
    switch (const Expected& expected = statement_.expected.front(); expected.what) {
      case What::nothing:
        return expect_nothing(from);
      case What::anything:
        cast_.settle();
        for (Actor* one : from) one->inbox.clear();
        return std::nullopt;
      case What::closed:
        return expect_closed(*from.front());
      default:
        return take_one(from, {expected}).second;
    }
  }

 private:
  // The next packet of one of them, if it is one of expected; its place there.
  std::pair<std::size_t, Wrong> take_one(const std::vector<Actor*>& from,
                                         const std::vector<Expected>& expected) {
    const auto has_packet = [](const Actor* one) { return !one->inbox.empty(); };
    cast_.await([&] {
      return std::ranges::any_of(from, has_packet) ||
             std::ranges::all_of(from, [](const Actor* one) { return one->ended(); });
    });
    const auto found = std::ranges::find_if(from, has_packet);
    if (found == from.end()) {
      const bool closed = std::ranges::all_of(from, [](const Actor* one) { return one->closed_by_broker(); });
      if (closed && cast_.whose() == Whose::others && std::ranges::all_of(expected, [&](const Expected& one) {
            return may_be_left_unsaid(one, *from.front());
          })) {
        return {0, std::nullopt};
      }
      return {0, closed ? "it was closed instead" : "nothing came"};
    }
    Actor& actor = **found;
    std::string wrong;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      Variables tried = cast_.variables;
      std::string not_this = unfit(expected[i], actor, tried);
      if (not_this.empty()) {
        cast_.variables = std::move(tried);
        actor.is_answered(actor.inbox.front().type,
                          static_cast<std::uint16_t>(actor.inbox.front().number("id")));
        actor.inbox.pop_front();
        return {i, std::nullopt};
      }
      wrong += (wrong.empty() ? "" : "\n  ") + not_this;
    }
    return {0, wrong + seen(actor)};
  }

  std::string unfit(const Expected& expected, const Actor& actor, Variables& variables) const {
    const Packet& packet = actor.inbox.front();
    std::string wrong = mismatch(expected, packet, actor.version(), variables);
    if (!wrong.empty() || expected.what == What::raw) return wrong;
    const bool named =
        std::ranges::find(expected.fields, std::string_view("id"), &Field::name) != expected.fields.end();
    const std::uint16_t due = actor.due(packet.type);
    if (!named && due != 0 && packet.number("id") != due) {
      return "id is " + std::to_string(packet.number("id")) + ", and " + std::to_string(due) + " was due";
    }
    return wrong;
  }

  Wrong expect_in_any_order(const std::vector<Actor*>& from) {
    std::vector<Expected> left = statement_.expected;
    while (!left.empty()) {
      const auto [place, wrong] = take_one(from, left);
      if (wrong)
        return "of " + std::to_string(statement_.expected.size()) + ", " + std::to_string(left.size()) +
               " did not come: " + left.front().text + "\n  " + *wrong;
      left.erase(left.begin() + static_cast<std::ptrdiff_t>(place));
    }
    return std::nullopt;
  }

  Wrong expect_either(const std::vector<Actor*>& from) {
    std::vector<Expected> packets;
    bool may_close = false;
    for (const Expected& expected : statement_.expected) {
      if (expected.what == What::closed)
        may_close = true;
      else
        packets.push_back(expected);
    }
    cast_.settle();
    cast_.await([&] { return !from.front()->inbox.empty() || from.front()->ended(); });
    if (may_close && from.front()->inbox.empty()) return expect_closed(*from.front());
    return take_one(from, packets).second;
  }

  Wrong expect_closed(Actor& actor) {
    cast_.await([&] { return actor.closed_by_broker() || !actor.inbox.empty(); });
    if (!actor.inbox.empty()) return "something came before it was closed" + seen(actor);
    return cast_.take_end(actor);
  }

  Wrong expect_nothing(const std::vector<Actor*>& from) {
    if (Wrong wrong = cast_.let_everything_come(from)) return wrong;
    for (Actor* actor : from) {
      if (!actor->inbox.empty()) return "something came" + seen(*actor);
      if (actor->closed_by_broker()) return actor->name() + " was closed";
    }
    return std::nullopt;
  }

  const Statement& statement_;
  Cast& cast_;
};

}  // namespace

Wrong expect(const Statement& statement, Cast& cast) { return Expectation(statement, cast).come_true(); }

}  // namespace gaon::scenario
