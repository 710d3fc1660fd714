#include "net/memory_network.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace gaon::net {

int MemoryNetwork::add() {
  wires_.emplace_back();
  return static_cast<int>(wires_.size()) - 1;
}

MemoryNetwork::Wire& MemoryNetwork::wire(int descriptor) {
  CHECK(descriptor >= 0 && static_cast<std::size_t>(descriptor) < wires_.size());
  return wires_[static_cast<std::size_t>(descriptor)];
}

void MemoryPeer::write(ByteView bytes) {
  MemoryNetwork::Wire& wire = network_->wire(descriptor_);
  CHECK(!wire.peer_ended);
  if (wire.worker_closed || wire.worker_aborted) return;
  wire.to_worker.insert(wire.to_worker.end(), bytes.begin(), bytes.end());
}

std::vector<std::uint8_t> MemoryPeer::read() {
  return std::exchange(network_->wire(descriptor_).to_peer, {});
}

void MemoryPeer::close() { network_->wire(descriptor_).peer_ended = true; }

void MemoryPeer::reset(int error) {
  CHECK(error != 0);
  MemoryNetwork::Wire& wire = network_->wire(descriptor_);
  wire.peer_ended = true;
  wire.peer_error = error;
  wire.to_peer.clear();
  wire.parting.clear();
}

void MemoryPeer::take_at_most(std::size_t bytes) {
  MemoryNetwork::Wire& wire = network_->wire(descriptor_);
  const std::size_t size = std::min(bytes, wire.parting.size());
  const auto end = wire.parting.begin() + static_cast<std::ptrdiff_t>(size);
  wire.to_peer.insert(wire.to_peer.end(), wire.parting.begin(), end);
  wire.parting.erase(wire.parting.begin(), end);
  wire.room = bytes == MemoryNetwork::kUnlimited ? bytes : bytes - size;
}

void MemoryPeer::chunk(std::size_t bytes_max) {
  CHECK(bytes_max > 0);
  network_->wire(descriptor_).chunk = bytes_max;
}

bool MemoryPeer::closed() const {
  const MemoryNetwork::Wire& wire = network_->wire(descriptor_);
  return wire.worker_closed && wire.parting.empty();
}

bool MemoryPeer::aborted() const { return network_->wire(descriptor_).worker_aborted; }

}  // namespace gaon::net
