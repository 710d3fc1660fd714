#include "play.h"

#include "act.h"
#include "cast.h"
#include "expect.h"
#include "library.h"

namespace gaon::scenario {
namespace {

using Act = Statement::Act;
using What = Expected::What;

class Play {
 public:
  Play(const Script& script, Stage& stage, const Transcript& transcript)
      : script_(script), transcript_(transcript), cast_(stage, transcript, script.whose) {
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
        cast_.pass(statement.duration);
        return std::nullopt;
      case Act::expect:
      case Act::expect_in_any_order:
      case Act::expect_either:
        if (statement.expected.front().what == What::event) return expect_event(statement.expected.front());
        return expect(statement, cast_);
      case Act::command:
        return command(statement);
      default:
        return act(statement, follow(statement), cast_);
    }
  }

  Follow follow(const Statement& statement) const {
    if (answered_by_hand(statement)) return Follow::nothing;
    return script_.of_client ? Follow::quiet : Follow::answer;
  }

  // The next line says itself what the answer is. A PUBLISH is none.
  bool answered_by_hand(const Statement& statement) const {
    if (at_ + 1 == script_.statements.size()) return false;
    const Statement& next = script_.statements[at_ + 1];
    if (next.expected.empty() || next.who != statement.who) return false;
    const Expected& expected = next.expected.front();
    if (expected.what == What::nothing || expected.what == What::anything) return false;
    return expected.what != What::packet || expected.type != mqtt::PacketType::publish;
  }

  // What the script did not say a word about.
  Wrong leftovers() {
    cast_.settle();
    for (const auto& actor : cast_.everyone()) {
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
      Actor& server = cast_.actor("server");
      server.open(*library_->connect(), script_.version);
      server.by_hand = true;
    }
    cast_.settle();
    return std::nullopt;
  }

  bool refusal_is_next() const {
    if (at_ + 1 == script_.statements.size()) return false;
    const Statement& next = script_.statements[at_ + 1];
    return !next.expected.empty() && next.expected.front().name == "refused";
  }

  Wrong expect_event(const Expected& expected) {
    cast_.settle();
    if (library_->events.empty()) return "the library tells nothing";
    const LibraryEvent& event = library_->events.front();
    std::string wrong = event.name == expected.name
                            ? mismatch(expected, event.packet, script_.version, cast_.variables)
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

  const Script& script_;
  const Transcript& transcript_;
  Cast cast_;
  Library* library_ = nullptr;
  std::size_t at_ = 0;
};

}  // namespace

std::optional<Failure> play(const Script& script, Stage& stage, const Transcript& transcript) {
  return Play(script, stage, transcript).run();
}

}  // namespace gaon::scenario
