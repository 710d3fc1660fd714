// A socket that accepts connections: IPv4, IPv6 (and nothing but IPv6) or a Unix
// socket. Opened and owned by who wires the program; all workers' backends watch it
// at the same time and it must outlive them.
#pragma once

#include <sys/types.h>

#include "base/result.h"
#include "net/address.h"
#include "net/descriptor.h"

namespace gaon::net {

class Listener {
 public:
  static constexpr int kBacklog = 4096;

  // A name that stands for several addresses opens one of them, IPv4 first. The file of
  // a Unix socket that nobody listens on any more is replaced; it is removed at the end.
  static Result<Listener> open(const Url& url);

  Listener(Listener&& other) noexcept = default;
  Listener& operator=(Listener&& other) = delete;
  ~Listener();

  int descriptor() const { return descriptor_.get(); }
  // Where it listens, with the port that the system chose if 0 was asked for.
  const Url& url() const { return url_; }
  std::uint16_t port() const { return url_.port; }

 private:
  Listener(Descriptor descriptor, Url url) : descriptor_(std::move(descriptor)), url_(std::move(url)) {}

  Descriptor descriptor_;
  Url url_;
  ino_t file_ = 0;  // of the Unix socket, so that only our own file is removed
};

}  // namespace gaon::net
