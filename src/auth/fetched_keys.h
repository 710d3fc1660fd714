// Keys that are fetched now and then, on a thread of their own: while there are some to use,
// nobody waits for newer ones. Any thread.
//
//   fresh     nothing is asked for
//   old       serve on; newer ones are asked for
//   too old   are none
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "auth/jwt_keys.h"
#include "base/result.h"
#include "base/time.h"

namespace gaon::auth {

// When keys are fetched again.
struct KeyRefresh {
  Duration fresh = seconds(3600);      // no need before
  Duration usable = seconds(86'400);   // not without new ones after
  Duration retry = seconds(5);         // after the end of one that failed
  Duration unknown_key = seconds(30);  // a token names a key that we do not have
  std::size_t waiting_max = 3;         // for such keys at a time

  bool operator==(const KeyRefresh&) const = default;
};

class FetchedKeys {
 public:
  // A JWKS. Ends within a time limit of its own, and soon if it is asked to stop.
  using Fetch = std::move_only_function<Result<std::string>(std::stop_token stop) const>;
  using Keys = std::shared_ptr<const JwtKeys>;  // null: none to use

  // Begins to fetch at once. now is called from any thread.
  FetchedKeys(Fetch fetch, const KeyRefresh& refresh, std::function<Time()> now);
  // Nobody may wait any more. Asks a fetch to stop, and waits for it.
  ~FetchedKeys() = default;

  // Never waits.
  Keys current();
  // When there are none: waits for the fetch that is under way, if one is.
  Keys await();
  // When a token's key is not among these: others, if there are or a fetch may bring them. Waits
  // for it, unless too many do.
  Keys other_than(const Keys& known);

 private:
  Keys usable(Time now) const;
  void begin_if_due(Time now);
  void begin_after(Duration pause, Time now);
  void wait(std::unique_lock<std::mutex>& lock);
  void run(const std::stop_token& stop);
  Keys fetch(const std::stop_token& stop) const;

  const Fetch fetch_;
  const KeyRefresh refresh_;
  const std::function<Time()> now_;

  mutable std::mutex mutex_;
  std::condition_variable_any begun_;
  std::condition_variable ended_;
  Keys keys_;
  Time asked_{};               // when the newest fetch began
  Time fetched_{};             // when that of the keys did
  std::optional<Time> tried_;  // when the last ended
  bool fetching_ = false;
  std::uint64_t fetches_ = 0;  // that ended
  std::size_t waiting_ = 0;    // for a key that is not known
  std::jthread thread_;        // last: ends before what it uses
};

}  // namespace gaon::auth
