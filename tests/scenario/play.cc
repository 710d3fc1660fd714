#include "play.h"

#include <algorithm>
#include <memory>

#include "actor.h"
#include "library.h"
#include "match.h"

namespace gaon::scenario {
namespace {

using Act = Statement::Act;
using What = Expected::What;
using enum mqtt::PacketType;

// What is wrong; nullopt if nothing is.
using Wrong = std::optional<std::string>;

class Play {
 public:
  Play(const Script& script, Stage& stage, const Transcript& transcript)
      : script_(script), stage_(stage), transcript_(transcript) {
    if (script.of_client) library_ = dynamic_cast<Library*>(&stage);
  }

  std::optional<Failure> run() {
    for (at_ = 0; at_ < script_.statements.size(); ++at_) {
      const Statement& statement = script_.statements[at_];
      if (transcript_) transcript_("      " + statement.text);
      if (Wrong wrong = perform(statement)) {
        return Failure{.line = statement.line, .text = statement.text + "\n  " + *wrong};
      }
    }
    if (Wrong wrong = leftovers()) {
      return Failure{.line = script_.statements.back().line, .text = "at the end\n  " + *wrong};
    }
    return std::nullopt;
  }

 private:
  Wrong perform(const Statement& statement) {
    switch (statement.act) {
      case Act::wait:
        stage_.pass(statement.duration, [this] { look(); });
        return std::nullopt;
      case Act::expect:
      case Act::expect_in_any_order:
      case Act::expect_either:
        return expect(statement);
      case Act::command:
        return command(statement);
      default:
        return act(statement, actor(statement.who.front()));
    }
  }

  Wrong act(const Statement& statement, Actor& actor) {
    if (statement.act == Act::open) return open(actor, statement.version);
    if (statement.act == Act::manual || statement.act == Act::automatic) {
      look();
      actor.by_hand = statement.act == Act::manual;
      return std::nullopt;
    }
    if (statement.type == connect && (!actor.has_wire() || actor.ended() || greeted_[actor.name()])) {
      if (Wrong wrong = open(actor, statement.version)) return wrong;
    }
    if (!actor.has_wire()) return actor.name() + " has no connection";
    switch (statement.act) {
      case Act::hang_up:
        settle();
        actor.hang_up();
        break;
      case Act::cut:
        settle();
        actor.cut();
        break;
      case Act::raw:
        actor.write(statement.bytes);
        break;
      default:
        return say(statement, actor);
    }
    settle();
    return std::nullopt;
  }

  Wrong open(Actor& actor, mqtt::Version version) {
    settle();
    auto wire = stage_.connect();
    if (!wire) return wire.error().what;
    actor.open(std::move(*wire), version);
    greeted_[actor.name()] = false;
    return std::nullopt;
  }

  // --- packets of ours

  Wrong say(const Statement& statement, Actor& actor) {
    Fields fields = statement.fields;
    for (Field& field : fields) {
      if (!field.variable) continue;
      const auto value = variables_.find(field.value);
      if (value == variables_.end()) return field.value + " has no value yet";
      field.value = value->second;
    }
    if (statement.type == connect) {
      greeted_[actor.name()] = true;
      if (std::ranges::find(fields, std::string_view("id"), &Field::name) == fields.end()) {
        fields.push_back({.name = "id", .value = actor.name()});
      }
    }
    const std::uint16_t id = actor.say(statement.type, fields);
    if (statement.act == Act::send || answered_by_hand(statement)) return std::nullopt;
    return see_through(statement, actor, id);
  }

  // The next line says itself what the answer is. A PUBLISH is none.
  bool answered_by_hand(const Statement& statement) const {
    if (at_ + 1 == script_.statements.size()) return false;
    const Statement& next = script_.statements[at_ + 1];
    if (next.expected.empty() || next.who != statement.who) return false;
    const Expected& expected = next.expected.front();
    if (expected.what == What::nothing || expected.what == What::anything) return false;
    return expected.what != What::packet || expected.type != publish;
  }

  // Waits for what has to follow, whatever else comes meanwhile.
  Wrong see_through(const Statement& statement, Actor& actor, std::uint16_t id) {
    if (script_.of_client) {  // A scripted server leaves that to the next lines.
      settle();
      return std::nullopt;
    }
    const auto qos = std::ranges::find(statement.fields, std::string_view("qos"), &Field::name);
    switch (statement.type) {
      case connect:
        return take_answer(actor, connack, 0);
      case subscribe:
        return take_answer(actor, suback, id);
      case unsubscribe:
        return take_answer(actor, unsuback, id);
      case pingreq:
        return take_answer(actor, pingresp, 0);
      case disconnect:
        return take_end(actor);
      case publish:
        if (qos == statement.fields.end() || qos->value == "0") break;
        if (qos->value == "1") return take_answer(actor, puback, id);
        if (Wrong wrong = take_answer(actor, pubrec, id)) return wrong;
        actor.say(pubrel, {{.name = "id", .value = std::to_string(id)}});
        return take_answer(actor, pubcomp, id);
      default:
        break;
    }
    settle();
    return std::nullopt;
  }

  Wrong take_answer(Actor& actor, mqtt::PacketType type, std::uint16_t id) {
    auto found = actor.inbox.end();
    await([&] {
      found = std::ranges::find_if(actor.inbox, [&](const Packet& packet) {
        return packet.type == type && packet.fault.empty() && (id == 0 || packet.number("id") == id);
      });
      return found != actor.inbox.end() || actor.closed_by_broker();
    });
    Expected expected{.type = type, .text = std::string(find_packet(type)->name)};
    if (found == actor.inbox.end()) return "no " + expected.text + " came" + seen(actor);
    const std::string wrong = mismatch(expected, *found, actor.version(), variables_);
    if (!wrong.empty()) return wrong + seen(actor);
    actor.is_answered(type, id);
    actor.inbox.erase(found);
    return std::nullopt;
  }

  Wrong take_end(Actor& actor) {
    if (!await([&] { return actor.closed_by_broker(); })) return "it is not closed" + seen(actor);
    actor.end_is_seen();
    return std::nullopt;
  }

  // --- what clients see

  struct Seen {
    Actor* actor;
    Packet packet;
  };

  Wrong expect(const Statement& statement) {
    if (statement.expected.front().what == What::event) return expect_event(statement.expected.front());
    std::vector<Actor*> from;
    for (const std::string& name : statement.who) {
      if (name == "*") {
        for (const auto& other : actors_) from.push_back(other.get());
      } else {
        from.push_back(&actor(name));
        if (!from.back()->has_wire()) return name + " has no connection";
      }
    }
    if (statement.act == Act::expect_either) return expect_either(statement, from);
    if (statement.act == Act::expect_in_any_order) return expect_in_any_order(statement, from);
    switch (const Expected& expected = statement.expected.front(); expected.what) {
      case What::nothing:
        return expect_nothing(from);
      case What::anything:
        settle();
        for (Actor* one : from) one->inbox.clear();
        return std::nullopt;
      case What::closed:
        return expect_closed(*from.front());
      default:
        return take_one(from, {expected}).second;
    }
  }

  // The next packet of one of them, if it is one of expected; its place there.
  std::pair<std::size_t, Wrong> take_one(const std::vector<Actor*>& from,
                                         const std::vector<Expected>& expected) {
    const auto has_packet = [](const Actor* one) { return !one->inbox.empty(); };
    await([&] {
      return std::ranges::any_of(from, has_packet) ||
             std::ranges::all_of(from, [](const Actor* one) { return one->ended(); });
    });
    const auto found = std::ranges::find_if(from, has_packet);
    if (found == from.end()) {
      const bool closed = std::ranges::all_of(from, [](const Actor* one) { return one->closed_by_broker(); });
      return {0, closed ? "it was closed instead" : "nothing came"};
    }
    Actor& actor = **found;
    std::string wrong;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      Variables tried = variables_;
      std::string not_this = unfit(expected[i], actor, tried);
      if (not_this.empty()) {
        variables_ = std::move(tried);
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

  Wrong expect_in_any_order(const Statement& statement, const std::vector<Actor*>& from) {
    std::vector<Expected> left = statement.expected;
    while (!left.empty()) {
      const auto [place, wrong] = take_one(from, left);
      if (wrong)
        return "of " + std::to_string(statement.expected.size()) + ", " + std::to_string(left.size()) +
               " did not come: " + left.front().text + "\n  " + *wrong;
      left.erase(left.begin() + static_cast<std::ptrdiff_t>(place));
    }
    return std::nullopt;
  }

  Wrong expect_either(const Statement& statement, const std::vector<Actor*>& from) {
    std::vector<Expected> packets;
    bool may_close = false;
    for (const Expected& expected : statement.expected) {
      if (expected.what == What::closed)
        may_close = true;
      else
        packets.push_back(expected);
    }
    settle();
    await([&] { return !from.front()->inbox.empty() || from.front()->ended(); });
    if (may_close && from.front()->inbox.empty()) return expect_closed(*from.front());
    return take_one(from, packets).second;
  }

  Wrong expect_closed(Actor& actor) {
    await([&] { return actor.closed_by_broker() || !actor.inbox.empty(); });
    if (!actor.inbox.empty()) return "something came before it was closed" + seen(actor);
    return take_end(actor);
  }

  Wrong expect_nothing(const std::vector<Actor*>& from) {
    settle();
    for (Actor* actor : from) {
      if (!stage_.is_simulated() && !actor->ended() && greeted_[actor->name()]) {
        actor->say(pingreq, {});
        if (Wrong wrong = take_answer(*actor, pingresp, 0)) return wrong;
      }
    }
    if (!stage_.is_simulated()) stage_.pass(milliseconds(50), [this] { look(); });
    for (Actor* actor : from) {
      if (!actor->inbox.empty()) return "something came" + seen(*actor);
      if (actor->closed_by_broker()) return actor->name() + " was closed";
    }
    return std::nullopt;
  }

  // What the script did not say a word about.
  Wrong leftovers() {
    settle();
    for (const auto& actor : actors_) {
      if (!actor->inbox.empty()) return actor->name() + " got what is not expected anywhere" + seen(*actor);
      if (actor->closed_by_broker()) return actor->name() + " was closed, which is not expected anywhere";
    }
    if (library_ != nullptr && !library_->events.empty()) {
      return "the library told what is not expected anywhere" + seen_events();
    }
    return std::nullopt;
  }

  // --- our client library

  Wrong command(const Statement& statement) {
    const auto done = library_->command(statement.name, statement.fields);
    if (!done) {
      if (!refusal_is_next()) return "the library says: " + done.error().what;
      library_->add_refused(done.error().what);
      return std::nullopt;
    }
    if (statement.name == "connect") {
      Actor& server = actor("server");
      server.open(*library_->connect(), script_.version);
      server.by_hand = true;
    }
    settle();
    return std::nullopt;
  }

  bool refusal_is_next() const {
    if (at_ + 1 == script_.statements.size()) return false;
    const Statement& next = script_.statements[at_ + 1];
    return !next.expected.empty() && next.expected.front().name == "refused";
  }

  Wrong expect_event(const Expected& expected) {
    settle();
    if (library_->events.empty()) return "the library tells nothing";
    const LibraryEvent& event = library_->events.front();
    std::string wrong = event.name == expected.name
                            ? mismatch(expected, event.packet, script_.version, variables_)
                            : "it is " + event.name + ", not " + expected.name;
    if (!wrong.empty()) return wrong + seen_events();
    library_->events.pop_front();
    return std::nullopt;
  }

  std::string seen_events() const {
    std::string text = "\n  what the library told:";
    for (const LibraryEvent& event : library_->events) {
      text += "\n    " + event.name + " as " + show_packet(event.packet, script_.version);
    }
    return text;
  }

  // --- waiting

  void look() {
    for (const auto& actor : actors_) actor->look();
  }

  bool await(const std::function<bool()>& enough) {
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

  // In simulation: until nothing moves. On a real broker what is sent next arrives after
  // what was sent before, so that only a look is needed.
  void settle() {
    if (stage_.is_simulated()) {
      await([] { return false; });
    } else {
      look();
    }
  }

  Actor& actor(const std::string& name) {
    for (const auto& one : actors_) {
      if (one->name() == name) return *one;
    }
    actors_.push_back(std::make_unique<Actor>(name));
    actors_.back()->transcript = transcript_;
    return *actors_.back();
  }

  static std::string seen(const Actor& actor) {
    std::string text = "\n  " + actor.name() + " got" + (actor.inbox.empty() ? " nothing" : ":");
    constexpr std::size_t kShownMax = 8;
    for (std::size_t i = 0; i < std::min(actor.inbox.size(), kShownMax); ++i) {
      text +=
          "\n    " + show_packet(actor.inbox[i], actor.version()) + "\n      " + hex(actor.inbox[i].bytes);
    }
    if (actor.inbox.size() > kShownMax)
      text += "\n    and " + std::to_string(actor.inbox.size() - kShownMax) + " more";
    if (actor.closed_by_broker()) text += "\n    and was closed";
    return text;
  }

  const Script& script_;
  Stage& stage_;
  const Transcript& transcript_;
  Library* library_ = nullptr;
  std::vector<std::unique_ptr<Actor>> actors_;
  std::map<std::string, bool> greeted_;  // CONNECT was said on this connection
  Variables variables_;
  std::size_t at_ = 0;
};

}  // namespace

std::optional<Failure> play(const Script& script, Stage& stage, const Transcript& transcript) {
  return Play(script, stage, transcript).run();
}

}  // namespace gaon::scenario
