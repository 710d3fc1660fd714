// A JWKS that changes, goes down, hangs until the test lets it go, and is counted; and a clock.
#pragma once

#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <string>

#include "auth/fetched_keys.h"
#include "auth/jwt_fixture_test.h"

namespace gaon::auth {

class KeyServer {
 public:
  explicit KeyServer(Time now) : now_(now) {}

  // One key under this id.
  static std::string jwks(const TestKey& key, const std::string& id) {
    std::uint8_t raw[32];
    std::size_t size = sizeof raw;
    EVP_PKEY_get_raw_public_key(key.get(), raw, &size);
    return R"({"keys":[{"kty":"OKP","crv":"Ed25519","kid":")" + id + R"(","x":")" + base64url(as_text(raw)) +
           "\"}]}";
  }

  Time now() {
    const std::lock_guard lock(mutex_);
    return now_;
  }
  void advance(Duration by) {
    const std::lock_guard lock(mutex_);
    now_ += by;
  }
  void answer_with(Result<std::string> answer, Duration takes = {}) {
    const std::lock_guard lock(mutex_);
    answer_ = std::move(answer), takes_ = takes;
  }
  void hold() {
    const std::lock_guard lock(mutex_);
    held_ = true;
  }
  void let_go() {
    const std::lock_guard lock(mutex_);
    held_ = false;
    changed_.notify_all();
  }

  // Requests that came.
  int asked() {
    const std::lock_guard lock(mutex_);
    return asked_;
  }
  void wait_until_asked(int times) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return asked_ >= times; });
  }

  FetchedKeys::Fetch fetch() {
    return [this](const std::stop_token& stop) -> Result<std::string> {
      std::unique_lock lock(mutex_);
      ++asked_;
      changed_.notify_all();
      if (!changed_.wait(lock, stop, [this] { return !held_; })) return failure("stopped");
      now_ += takes_;
      return answer_;
    };
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  Time now_;
  Result<std::string> answer_ = failure("down");
  Duration takes_{};
  bool held_ = false;
  int asked_ = 0;
};

}  // namespace gaon::auth
