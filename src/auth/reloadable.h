// An authenticator that can be exchanged while clients connect: each question is answered
// by the one that was there when it was asked.
//
// Questions come from any thread; all else from one.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "auth/authenticator.h"
#include "base/result.h"

namespace gaon::auth {

class Reloadable final : public Authenticator {
 public:
  static constexpr std::size_t kRetiredMax = 8;

  explicit Reloadable(std::shared_ptr<Authenticator> first) : current_(std::move(first)) {}

  void start(Answer answer) override;
  Reply authenticate(const Credentials& credentials, const Ticket& ticket) override;
  std::unique_ptr<Exchange> begin(std::string_view method, const Credentials& credentials,
                                  const Ticket& ticket) override;
  const char* objection(std::uint32_t listener, const Identity& identity) const override;
  std::uint64_t busy() const override;
  void stop() override;

  // False: too many old ones still have questions to answer; try again later.
  bool has_room();
  // New questions go to next. The old one stays until all that it was asked is answered.
  void exchange(std::shared_ptr<Authenticator> next);

 private:
  class Kept;

  std::shared_ptr<Authenticator> current() const;
  void let_go();

  mutable std::mutex mutex_;
  Answer answer_;
  std::shared_ptr<Authenticator> current_;
  std::vector<std::shared_ptr<Authenticator>> retired_;
  std::uint64_t busy_before_ = 0;  // of those that are gone
};

}  // namespace gaon::auth
