// The filters of one connection, from the wire upwards. Owned by the connection's
// backend, used on its thread, and moves with the connection.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "base/output.h"
#include "net/filter.h"

namespace gaon::net {

class FilterChain {
 public:
  // Memory for what is between two filters: one for all chains of a thread.
  struct Scratch {
    std::array<Buffer, 2> up;
    std::array<Buffer, 2> down;
    Buffer answer;
    Buffer pieces;
  };

  FilterChain() = default;
  void add(std::unique_ptr<Filter> filter) { filters_.push_back(std::move(filter)); }
  bool empty() const { return filters_.empty(); }

  // Lets those speak that speak first. Before anything else.
  void begin(Buffer& down, Scratch& scratch);
  // Bytes from the wire; appends what is for the worker to up, what is for the wire to down.
  void receive(ByteView bytes, Buffer& up, Buffer& down, Scratch& scratch);
  // Takes at least the first piece of from and about size bytes; for an open chain.
  void send(Output& from, std::size_t size, Buffer& down, Scratch& scratch);
  // Says goodbye from the top down; nothing is sent after it.
  void end(Buffer& down, Scratch& scratch);

  // The worst of its filters.
  Filter::State state() const;
  // Why it failed; empty if it did not.
  std::string_view why() const;
  PeerFacts facts() const;

 private:
  void pass_down(std::size_t from, ByteView bytes, Buffer& down, Scratch& scratch);

  std::vector<std::unique_ptr<Filter>> filters_;
  std::size_t begun_ = 0;  // so many filters had their begin()
};

}  // namespace gaon::net
