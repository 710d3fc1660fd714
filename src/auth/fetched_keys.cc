#include "auth/fetched_keys.h"

#include "base/log.h"

namespace gaon::auth {

FetchedKeys::FetchedKeys(Fetch fetch, const KeyRefresh& refresh, std::function<Time()> now)
    : fetch_(std::move(fetch)), refresh_(refresh), now_(std::move(now)) {
  begin_if_due(now_());
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

FetchedKeys::Keys FetchedKeys::current() {
  const std::lock_guard lock(mutex_);
  const Time now = now_();
  begin_if_due(now);
  return usable(now);
}

FetchedKeys::Keys FetchedKeys::await() {
  std::unique_lock lock(mutex_);
  begin_if_due(now_());
  wait(lock);
  return usable(now_());
}

FetchedKeys::Keys FetchedKeys::other_than(const Keys& known) {
  std::unique_lock lock(mutex_);
  if (keys_ == known) {
    begin_after(refresh_.unknown_key, now_());
    if (waiting_ >= refresh_.waiting_max) return nullptr;
    ++waiting_;
    wait(lock);
    --waiting_;
  }
  return keys_ == known ? nullptr : usable(now_());
}

FetchedKeys::Keys FetchedKeys::usable(Time now) const {
  return keys_ && now - fetched_ < refresh_.usable ? keys_ : nullptr;
}

void FetchedKeys::begin_if_due(Time now) {
  if (!keys_ || now - fetched_ >= refresh_.fresh) begin_after(refresh_.retry, now);
}

// Counted from the end of the last: a server that hangs would else be asked on and on.
void FetchedKeys::begin_after(Duration pause, Time now) {
  if (fetching_ || (tried_ && now - *tried_ < pause)) return;
  fetching_ = true;
  asked_ = now;
  begun_.notify_one();
}

void FetchedKeys::wait(std::unique_lock<std::mutex>& lock) {
  ended_.wait(lock, [this, before = fetches_] { return !fetching_ || fetches_ != before; });
}

void FetchedKeys::run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (begun_.wait(lock, stop, [this] { return fetching_; }) && !stop.stop_requested()) {
    lock.unlock();
    Keys keys = fetch(stop);
    lock.lock();
    if (keys) {
      keys_ = std::move(keys);
      fetched_ = asked_;
    }
    tried_ = now_();
    fetching_ = false;
    ++fetches_;
    ended_.notify_all();
  }
}

// Null, and a line in the log, if there are no keys to be had.
FetchedKeys::Keys FetchedKeys::fetch(const std::stop_token& stop) const {
  const auto text = fetch_(stop);
  if (!text) {
    if (!stop.stop_requested()) {
      log(LogLevel::warning, "the keys for tokens could not be fetched: " + text.error().what);
    }
    return nullptr;
  }
  auto keys = JwtKeys::read(*text);
  if (!keys) {
    log(LogLevel::warning, "what was fetched as keys for tokens is of no use: " + keys.error().what);
    return nullptr;
  }
  return std::make_shared<const JwtKeys>(std::move(*keys));
}

}  // namespace gaon::auth
