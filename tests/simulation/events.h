// What happened in a run, as text: the last of it is told with a failure, all of it with
// --verbose. One per run.
#pragma once

#include <cstdint>
#include <cstdio>
#include <deque>
#include <string>

namespace gaon::simulation {

class Events {
 public:
  static constexpr std::size_t kKept = 60;

  explicit Events(bool verbose) : verbose_(verbose) {}

  void at(std::size_t step, std::int64_t now_ms) {
    step_ = step;
    now_ms_ = now_ms;
  }
  void add(const std::string& what) {
    const std::string line = std::to_string(step_) + " +" + std::to_string(now_ms_) + "ms " + what;
    for (const char c : line) digest_ = (digest_ ^ static_cast<unsigned char>(c)) * 1'099'511'628'211U;
    if (verbose_) std::fprintf(stderr, "%s\n", line.c_str());
    last_.push_back(line);
    if (last_.size() > kKept) last_.pop_front();
  }

  const std::deque<std::string>& last() const { return last_; }
  // Of all that was added: equal for equal runs.
  std::uint64_t digest() const { return digest_; }

 private:
  bool verbose_;
  std::size_t step_ = 0;
  std::int64_t now_ms_ = 0;
  std::uint64_t digest_ = 14'695'981'039'346'656'037U;
  std::deque<std::string> last_;
};

}  // namespace gaon::simulation
