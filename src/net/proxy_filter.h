// The PROXY protocol in front of a connection that a proxy passes on: its header is taken
// off, and what it says of the peer is believed. So whom we let say it matters: Entrance.
#pragma once

#include "net/filter.h"
#include "net/proxy_header.h"

namespace gaon::net {

class ProxyFilter final : public Filter {
 public:
  void receive(ByteView bytes, Buffer& up, Buffer&) override {
    if (state() == State::handshaking) {
      bytes = read_header(bytes);
      if (state() != State::open) return;
    }
    up.append(bytes);
  }
  void send(ByteView bytes, Buffer& down) override { down.append(bytes); }
  void end(Buffer&) override {}
  void describe(PeerFacts& facts) const override {
    if (facts_.address) facts.address = facts_.address;
    if (facts_.tls) facts.tls = facts_.tls;
  }

 private:
  // Returns what is behind it.
  ByteView read_header(ByteView bytes) {
    const std::size_t had = head_.size();
    head_.append(bytes.first(std::min(bytes.size(), ProxyHeader::kSizeMax - had)));
    ProxyHeader header = read_proxy_header(head_.view());
    if (header.status == ProxyHeader::Status::malformed) {
      fail("PROXY protocol failed: the header is wrong: " + std::string(header.why));
    }
    if (header.status != ProxyHeader::Status::complete) return {};
    facts_ = std::move(header.facts);
    head_.release();
    enter(State::open);
    return bytes.subspan(header.size - had);
  }

  Buffer head_;  // while it is not complete
  PeerFacts facts_;
};

}  // namespace gaon::net
