// TLS on one connection, by OpenSSL. Between two calls it holds no buffers of its own,
// and OpenSSL, told so by its context, none either: an idle connection costs what OpenSSL
// needs to remember, 13.5 kB in some thirty blocks (net/openssl_memory.h).
#pragma once

#include <openssl/ssl.h>

#include <memory>

#include "net/filter.h"
#include "net/tls_context.h"

namespace gaon::net {

class TlsFilter final : public Filter {
 public:
  // The side that accepts.
  explicit TlsFilter(const TlsContext& context);
  // The side that connects; host is what the server's certificate must be for, and empty
  // if that is not checked.
  TlsFilter(const TlsContext& context, const std::string& server_name, const std::string& host);
  ~TlsFilter() override;
  TlsFilter(const TlsFilter&) = delete;
  TlsFilter& operator=(const TlsFilter&) = delete;

  void begin(Buffer& down) override;
  void receive(ByteView bytes, Buffer& up, Buffer& down) override;
  void send(ByteView bytes, Buffer& down) override;
  void end(Buffer& down) override;
  void describe(PeerFacts& facts) const override;

  SSL* ssl() { return ssl_; }

 private:
  class Wire;  // how OpenSSL reads and writes: tls_filter.cc

  void shake_hands();
  void read(Buffer& up);
  void fail_by_openssl(int result);

  SSL* ssl_;
  std::uint8_t first_ = 0;  // the first byte that came
};

}  // namespace gaon::net
