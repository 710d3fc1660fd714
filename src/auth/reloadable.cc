#include "auth/reloadable.h"

#include <utility>

namespace gaon::auth {

// Its authenticator lives as long as it does.
class Reloadable::Kept final : public Exchange {
 public:
  Kept(std::shared_ptr<Authenticator> of, std::unique_ptr<Exchange> exchange)
      : of_(std::move(of)), exchange_(std::move(exchange)) {}
  Reply next(ByteView data) override { return exchange_->next(data); }

 private:
  std::shared_ptr<Authenticator> of_;
  std::unique_ptr<Exchange> exchange_;
};

std::shared_ptr<Authenticator> Reloadable::current() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

void Reloadable::start(Answer answer) {
  answer_ = std::move(answer);
  current()->start(answer_);
}

Reply Reloadable::authenticate(const Credentials& credentials, const Ticket& ticket) {
  return current()->authenticate(credentials, ticket);
}

std::unique_ptr<Exchange> Reloadable::begin(std::string_view method, const Credentials& credentials,
                                            const Ticket& ticket) {
  auto of = current();
  auto exchange = of->begin(method, credentials, ticket);
  if (exchange == nullptr) return nullptr;
  return std::make_unique<Kept>(std::move(of), std::move(exchange));
}

const char* Reloadable::objection(std::uint32_t listener, const Identity& identity) const {
  return current()->objection(listener, identity);
}

std::uint64_t Reloadable::busy() const {
  const std::lock_guard lock(mutex_);
  std::uint64_t sum = busy_before_ + current_->busy();
  for (const auto& old : retired_) sum += old->busy();
  return sum;
}

bool Reloadable::has_room() {
  let_go();
  return retired_.size() < kRetiredMax;
}

void Reloadable::exchange(std::shared_ptr<Authenticator> next) {
  next->start(answer_);
  const std::lock_guard lock(mutex_);
  retired_.push_back(std::exchange(current_, std::move(next)));
}

// Of the retired ones, those that nobody needs: their threads end here, not on a worker.
void Reloadable::let_go() {
  std::vector<std::shared_ptr<Authenticator>> free;
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(retired_, [&](std::shared_ptr<Authenticator>& old) {
      // Nobody but us can ask it, so idle stays idle.
      if (old.use_count() > 1 || !old->idle()) return false;
      busy_before_ += old->busy();
      free.push_back(std::move(old));
      return true;
    });
  }
  for (const auto& old : free) old->stop();
}

void Reloadable::stop() {
  for (const auto& old : retired_) old->stop();
  current()->stop();
}

}  // namespace gaon::auth
