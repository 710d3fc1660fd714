// Two filter chains that talk to each other, for tests.
#pragma once

#include <algorithm>
#include <string>
#include <utility>

#include "net/filter_chain.h"

namespace gaon::net {

struct FilterSide {
  FilterChain filters;
  Buffer out;       // to the other side
  std::string got;  // what came up

  void receive(ByteView bytes) {
    FilterChain::Scratch scratch;
    Buffer up;
    filters.receive(bytes, up, out, scratch);
    got += as_text(up.view());
  }
  void say(std::string_view text) {
    FilterChain::Scratch scratch;
    Output output;
    output.bytes().append(as_bytes(text));
    while (!output.empty()) filters.send(output, output.size(), out, scratch);
  }
  void end() {
    FilterChain::Scratch scratch;
    filters.end(out, scratch);
  }
  Filter::State state() const { return filters.state(); }
  std::string why() const { return std::string(filters.why()); }
};

struct FilterPair {
  FilterSide client;
  FilterSide server;
  std::size_t chunk = 65536;  // bytes that arrive at a time

  void begin() {
    FilterChain::Scratch scratch;
    client.filters.begin(client.out, scratch);
    server.filters.begin(server.out, scratch);
    exchange();
  }
  // Until nobody has anything to say.
  void exchange() {
    while (!client.out.empty() || !server.out.empty()) {
      carry(client, server);
      carry(server, client);
    }
  }

 private:
  void carry(FilterSide& from, FilterSide& to) const {
    Buffer bytes;
    bytes.swap(from.out);
    for (ByteView left = bytes.view(); !left.empty();) {
      const std::size_t size = std::min(chunk, left.size());
      to.receive(left.first(size));
      left = left.subspan(size);
    }
  }
};

}  // namespace gaon::net
