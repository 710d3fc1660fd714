// Tokens as a source of identity, with keys that stand still or are fetched now and then.
// Any number of threads. Of those, KeyRefresh::waiting_max may be kept waiting by tokens of
// which the key is not known: a lane that is to go on meanwhile has one more.
//
// A token's times are compared with the system's clock as it is now, which may have been set
// since the start. Its end becomes a deadline in the broker's time.
#pragma once

#include <functional>
#include <memory>

#include "auth/fetched_keys.h"
#include "auth/jwt.h"
#include "auth/source.h"

namespace gaon::auth {

// Two ways to tell the time; any thread calls them.
struct JwtClocks {
  std::function<Time()> now;   // the broker's
  std::function<Time()> wall;  // the system's: may jump
};

class JwtSource final : public Source {
 public:
  JwtSource(JwtKeys keys, JwtPolicy policy, JwtClocks clocks);
  // Others may have these keys too.
  JwtSource(std::shared_ptr<FetchedKeys> fetched, JwtPolicy policy, JwtClocks clocks);

  // Waits for keys only if there are none, or not the one that the token names.
  Finding check(const Question& question) override;
  void refresh() override;

 private:
  std::expected<Identity, JwtRefusal> check_now(const Question& question, const JwtKeys& keys) const;

  const JwtPolicy policy_;
  const JwtClocks clocks_;
  const FetchedKeys::Keys standing_;  // or:
  const std::shared_ptr<FetchedKeys> fetched_;
};

}  // namespace gaon::auth
