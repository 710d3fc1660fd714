// Tokens as a source of identity, with keys that stand still or are fetched now and then.
// On one thread of a lane: nothing in here is locked.
//
// A token's times are compared with the system's clock as it is now, which may have been set
// since the start. Its end becomes a deadline in the broker's time.
#pragma once

#include <functional>
#include <optional>

#include "auth/jwt.h"
#include "auth/source.h"
#include "base/result.h"

namespace gaon::auth {

// When keys are fetched again.
struct KeyRefresh {
  Duration fresh = seconds(3600);      // no need before
  Duration usable = seconds(86'400);   // not without new ones after
  Duration retry = seconds(5);         // after a failure
  Duration unknown_key = seconds(30);  // a token names a key that we do not have
};

// Two ways to tell the time; any thread calls them.
struct JwtClocks {
  std::function<Time()> now;   // the broker's
  std::function<Time()> wall;  // the system's: may jump
};

class JwtSource final : public Source {
 public:
  using Fetch = std::move_only_function<Result<std::string>() const>;  // a JWKS; may take its time

  JwtSource(JwtKeys keys, JwtPolicy policy, JwtClocks clocks);
  JwtSource(Fetch fetch, KeyRefresh refresh, JwtPolicy policy, JwtClocks clocks);

  Finding check(const Question& question) override;
  void refresh() override;

 private:
  bool fetch_if(Duration age);
  std::expected<Identity, JwtRefusal> check_now(const Question& question) const;

  std::optional<JwtKeys> keys_;
  const Fetch fetch_;
  const KeyRefresh refresh_;
  const JwtPolicy policy_;
  const JwtClocks clocks_;
  Time fetched_{};  // when the keys came
  Time tried_{};    // when they were last asked for
};

}  // namespace gaon::auth
