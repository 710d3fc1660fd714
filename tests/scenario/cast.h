// The clients of a scenario while it is played, on their stage: who there is, how they are
// waited for, and the answers that they wait for themselves.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actor.h"
#include "match.h"
#include "stage.h"

namespace gaon::scenario {

// What is wrong; nullopt if nothing is.
using Wrong = std::optional<std::string>;

class Cast {
 public:
  // Both must outlive it.
  Cast(Stage& stage, const Transcript& transcript, Whose whose)
      : whose_(whose), stage_(stage), transcript_(transcript) {}

  Whose whose() const { return whose_; }

  // The one of that name, who is there from now on.
  Actor& actor(const std::string& name);
  const std::vector<std::unique_ptr<Actor>>& everyone() const { return actors_; }

  Wrong open(Actor& actor, mqtt::Version version);

  // Everybody takes what has come.
  void look();
  // Until enough() is true; false if that does not happen.
  bool await(const std::function<bool()>& enough);
  // In simulation: until nothing moves. On a real broker what is sent next arrives after
  // what was sent before, so that only a look is needed.
  void settle();
  void pass(Duration duration);

  // Waits for the answer with that id, whatever else comes before it; 0: any id.
  Wrong take_answer(Actor& actor, mqtt::PacketType type, std::uint16_t id);
  // Waits until the broker has ended the connection.
  Wrong take_end(Actor& actor);
  // Until whatever was on its way to them has come.
  Wrong let_everything_come(const std::vector<Actor*>& to);

  Variables variables;

 private:
  Whose whose_;
  Stage& stage_;
  const Transcript& transcript_;
  std::vector<std::unique_ptr<Actor>> actors_;
};

// What waits in the inbox, as lines that begin with a line feed.
std::string seen(const Actor& actor);

}  // namespace gaon::scenario
