#include "app/factory_line.h"

#include "base/check.h"

namespace gaon::app {
namespace {

// A JSON object grows by a member, a number by spaces behind it.
void pad(std::string& payload, std::size_t size) {
  constexpr std::string_view kFrame = R"(,"pad":"")";
  if (payload.size() >= size) return;
  const std::size_t missing = size - payload.size();
  if (!payload.ends_with('}')) {
    payload.append(missing, ' ');
    return;
  }
  payload.pop_back();
  payload += R"(,"pad":")" + std::string(missing > kFrame.size() ? missing - kFrame.size() : 0, 'x') + "\"}";
}

}  // namespace

FactoryLine::FactoryLine(const FactoryPlan& plan) : plan_(plan), random_(plan.seed) {
  CHECK(plan.lines > 0 && plan.machines > 0 && plan.rate_per_s > 0);
  for (std::uint32_t line = 1; line <= plan.lines; ++line) {
    for (std::uint32_t machine = 1; machine <= plan.machines; ++machine) {
      states_.push_back(places_.size());
      places_.push_back(
          {.topic = "factory/line" + std::to_string(line) + "/machine" + std::to_string(machine) + "/",
           .machine = Machine(random_)});
    }
  }
}

FactoryMessage FactoryLine::next() {
  const auto due = std::chrono::floor<Duration>(
      std::chrono::duration<double>(static_cast<double>(sent_++) / plan_.rate_per_s));
  // Silent machines are passed over. If all are, the last one asked speaks all the same.
  for (std::size_t asked = 0; states_.empty() && asked < places_.size(); ++asked) {
    turn_ = (turn_ + 1) % places_.size();
    Machine& machine = places_[turn_].machine;
    if (machine.advance(due, random_)) states_.push_back(turn_);
    if (!machine.silent()) break;
  }
  if (!states_.empty()) {
    const Place& place = places_[states_.front()];
    states_.pop_front();
    return message(due, place, "state", std::string(place.machine.state()), true);
  }
  Place& place = places_[turn_];
  const std::size_t signal = place.signal;
  place.signal = (signal + 1) % kSignals.size();
  return message(due, place, kSignals[signal], place.machine.value(signal, random_), false);
}

FactoryMessage FactoryLine::message(Duration due, const Place& place, std::string_view name,
                                    std::string payload, bool retain) const {
  pad(payload, plan_.payload_bytes_min);
  return {.due = due,
          .topic = place.topic + std::string(name),
          .payload = std::move(payload),
          .qos = plan_.qos,
          .retain = retain};
}

}  // namespace gaon::app
