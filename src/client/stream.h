// The socket under a conversation: a connected, non-blocking descriptor, with TLS and
// WebSocket where they are wanted. The only file pair here that makes system calls besides
// client.cc's poll(2). Used by one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <utility>

#include "base/output.h"
#include "base/result.h"
#include "net/descriptor.h"
#include "net/filter_chain.h"

namespace gaon::client {

class Stream {
 public:
  Stream() = default;
  explicit Stream(int descriptor, net::FilterChain filters = {});

  explicit operator bool() const { return static_cast<bool>(socket_); }
  int descriptor() const { return socket_.get(); }

  // How many bytes came, at most size (at least kReadMin); 0: none are there now. That the
  // peer closed is an error.
  static constexpr std::size_t kReadMin = std::size_t{48} << 10;
  Result<std::size_t> read(std::uint8_t* to, std::size_t size);

  // Writes what the system takes now, nothing before the handshakes are over; told gets
  // each piece that went.
  Result<void> write(Output& output, const std::function<void(ByteView)>& told);
  // Whether write() may get further when the system takes more.
  bool wants_to_write(const Output& output) const;

  // No more will be written.
  void finish();
  void close() { socket_.close(); }

 private:
  bool is_open() const { return filters_.empty() || filters_.state() != net::Filter::State::handshaking; }
  Result<std::size_t> receive(std::uint8_t* to, std::size_t size);
  Result<std::size_t> read_filtered(std::uint8_t* to, std::size_t size);
  Result<void> write_out(Output& output, const std::function<void(ByteView)>& told);

  net::Descriptor socket_;
  net::FilterChain filters_;  // empty for a plain connection
  net::FilterChain::Scratch scratch_;
  Output below_;  // what the filters made for the socket
  Buffer up_;
};

}  // namespace gaon::client
