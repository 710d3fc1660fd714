// What Epoll keeps of a connection.
#pragma once

#include <sys/epoll.h>

#include <cstdint>

#include "net/socket.h"

namespace gaon::net {

struct EpollSocket : Socket {
  // A peer that is still sending when we close may send this much more.
  static constexpr std::uint32_t kDiscardMax = 16 * 65536;

  int descriptor = -1;  // -1: the worker is done with it, or it was never used
  std::uint32_t discard_left = kDiscardMax;
  std::uint16_t error = 0;   // errno of the first failure
  std::uint8_t watched = 0;  // what epoll was told: EPOLLIN, EPOLLOUT or both
  bool listed : 1 = false;   // epoll knows it at all
  bool marked : 1 = false;   // by send()
  bool paused : 1 = false;
  bool blocked : 1 = false;   // the kernel took no more; drained is owed
  bool failed : 1 = false;    // a write failed: what is sent vanishes
  bool ended : 1 = false;     // the peer ended, or reading failed
  bool closing : 1 = false;   // lingers after close()
  bool finished : 1 = false;  // our direction was ended

  std::uint8_t wanted() const {
    const unsigned in = paused || ended ? 0U : unsigned{EPOLLIN};
    const unsigned out = blocked ? unsigned{EPOLLOUT} : 0U;
    return static_cast<std::uint8_t>(in | out);
  }
};
static_assert(sizeof(EpollSocket) <= 64);

}  // namespace gaon::net
