// Sockets whose worker is done with them but which still write their last bytes and
// wait for the peer to stop. All may linger equally long, so the first come is the first
// due. Used by one thread.
#pragma once

#include <algorithm>
#include <deque>

#include "base/time.h"
#include "net/epoll_socket.h"

namespace gaon::net {

class Lingering {
 public:
  static constexpr Duration kLongest = seconds(2);
  static constexpr std::size_t kMost = 1024;

  bool empty() const { return waiting_.empty(); }
  std::size_t size() const { return waiting_.size(); }
  bool full() const { return size() >= kMost; }
  EpollSocket& oldest() { return *waiting_.front().socket; }
  // When the oldest must go.
  Time deadline() const { return empty() ? kNever : waiting_.front().deadline; }

  void add(EpollSocket& socket, Time now) { waiting_.push_back({&socket, now + kLongest}); }

  // A walk over at most kMost pointers, once in the life of a socket.
  void remove(EpollSocket& socket) {
    const auto at = std::ranges::find(waiting_, &socket, &Entry::socket);
    if (at != waiting_.end()) waiting_.erase(at);
  }

 private:
  struct Entry {
    EpollSocket* socket;
    Time deadline;
  };

  std::deque<Entry> waiting_;
};

}  // namespace gaon::net
