// One connection through a network that is slow, in order, and may be cut at any byte.
// Between a client and the worker's end of a MemoryNetwork wire.
#pragma once

#include <deque>
#include <vector>

#include "base/time.h"
#include "net/memory_network.h"
#include "random.h"

namespace gaon::simulation {

struct LinkQuality {
  std::size_t delay_ms_max = 0;
  std::size_t chunk = net::MemoryNetwork::kUnlimited;  // bytes the worker reads at once
  bool slow_reader = false;                            // takes some bytes now and then
};

class Link {
 public:
  Link(net::MemoryPeer peer, const LinkQuality& quality, Random& random);

  void send(ByteView bytes, Time now);
  // Moves what is due in both directions.
  void step(Time now);
  // What has come for the client.
  std::vector<std::uint8_t> receive(Time now);
  // The worker ended it and everything was received.
  bool ended() const;
  // All that the client said has arrived.
  bool sending_over() const { return sending_over_ || dead_; }
  // The worker's end is closed; left: perhaps something of it is still on its way.
  bool worker_gone() const { return worker_gone_; }
  bool worker_left() const { return worker_gone_ || peer_.closed() || peer_.aborted(); }

  // The client will say no more; what it said arrives. It still receives.
  void half_close();
  // The same, and it does not receive either.
  void close();
  // A part of what is on the way still arrives, in both directions.
  std::vector<std::uint8_t> cut(bool by_reset);
  // The broker died with its network: the same, and the peer must not be used any more.
  std::vector<std::uint8_t> die();
  void be_quick();

 private:
  struct Parcel {
    Time due;
    std::vector<std::uint8_t> bytes;
  };
  Time due(const std::deque<Parcel>& way, Time now);
  std::vector<std::uint8_t> some_of(std::deque<Parcel>& way);
  void end_sending();

  net::MemoryPeer peer_;
  LinkQuality quality_;
  Random* random_;
  std::deque<Parcel> out_;
  std::deque<Parcel> in_;
  bool half_closed_ = false;  // when out_ is empty, so is the peer's direction
  bool sending_over_ = false;
  bool worker_gone_ = false;
  bool dead_ = false;
};

}  // namespace gaon::simulation
