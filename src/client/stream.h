// The socket under a conversation: a connected, non-blocking descriptor. The only file
// pair here that makes system calls besides client.cc's poll(2). Used by one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <utility>

#include "base/output.h"
#include "base/result.h"
#include "net/descriptor.h"

namespace gaon::client {

class Stream {
 public:
  Stream() = default;
  explicit Stream(int descriptor) : socket_(descriptor) {}

  explicit operator bool() const { return static_cast<bool>(socket_); }
  int descriptor() const { return socket_.get(); }

  // How many bytes came, at most size; 0: none are there now. That the peer closed is
  // an error.
  Result<std::size_t> read(std::uint8_t* to, std::size_t size);

  // Writes what the system takes now; told gets each piece that went.
  Result<void> write(Output& output, const std::function<void(ByteView)>& told);

  // No more will be written.
  void finish();
  void close() { socket_.close(); }

 private:
  net::Descriptor socket_;
};

}  // namespace gaon::client
