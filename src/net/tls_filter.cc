#include "net/tls_filter.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "net/tls_certificate.h"
#include "net/tls_failure.h"

namespace gaon::net {
namespace {

constexpr std::size_t kRecord = 16384;

bool is_address(const std::string& host) {
  ASN1_OCTET_STRING* address = a2i_IPADDRESS(host.c_str());
  ASN1_OCTET_STRING_free(address);
  ERR_clear_error();
  return address != nullptr;
}

}  // namespace

// What OpenSSL reads from and writes to during a call: straight the buffers of the call. A
// pair of BIOs would copy everything once more, and keep its memory. There is one for each
// thread, which a connection has during its calls only.
class TlsFilter::Wire {
 public:
  Wire(SSL* ssl, ByteView in, Buffer& out) : ssl_(ssl), in_(in), out_(out) {
    BIO* bio = of_this_thread();
    BIO_set_data(bio, this);
    CHECK(BIO_up_ref(bio) == 1);
    SSL_set_bio(ssl, bio, bio);  // which owns one reference for both
    ERR_clear_error();
  }
  ~Wire() { SSL_set_bio(ssl_, nullptr, nullptr); }
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

 private:
  static int read(BIO* bio, char* to, int size) {
    ByteView& in = static_cast<Wire*>(BIO_get_data(bio))->in_;
    BIO_clear_retry_flags(bio);
    const std::size_t taken = std::min(in.size(), static_cast<std::size_t>(size));
    if (taken == 0) {
      BIO_set_retry_read(bio);
      return -1;
    }
    std::memcpy(to, in.data(), taken);
    in = in.subspan(taken);
    return static_cast<int>(taken);
  }

  static int write(BIO* bio, const char* from, int size) {
    Buffer& out = static_cast<Wire*>(BIO_get_data(bio))->out_;
    out.append({reinterpret_cast<const std::uint8_t*>(from), static_cast<std::size_t>(size)});
    return size;
  }

  static long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

  static BIO_METHOD* method() {
    static BIO_METHOD* const method = [] {
      BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "gaon");
      CHECK(made != nullptr);
      BIO_meth_set_read(made, read);
      BIO_meth_set_write(made, write);
      BIO_meth_set_ctrl(made, control);
      return made;
    }();
    return method;
  }

  static BIO* of_this_thread() {
    static thread_local const std::unique_ptr<BIO, decltype(&BIO_free)> bio = [] {
      std::unique_ptr<BIO, decltype(&BIO_free)> made(BIO_new(method()), BIO_free);
      CHECK(made != nullptr);
      BIO_set_init(made.get(), 1);
      return made;
    }();
    return bio.get();
  }

  SSL* const ssl_;
  ByteView in_;
  Buffer& out_;
};

TlsFilter::TlsFilter(const TlsContext& context) : ssl_(SSL_new(context.get())) {
  CHECK(ssl_ != nullptr);
  SSL_set_accept_state(ssl_);
}

TlsFilter::TlsFilter(const TlsContext& context, const std::string& server_name, const std::string& host)
    : ssl_(SSL_new(context.get())) {
  CHECK(ssl_ != nullptr);
  SSL_set_connect_state(ssl_);
  if (!server_name.empty() && !is_address(server_name)) SSL_set_tlsext_host_name(ssl_, server_name.c_str());
  if (host.empty()) return;
  if (is_address(host)) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_), host.c_str());
  } else {
    SSL_set1_host(ssl_, host.c_str());
  }
}

TlsFilter::~TlsFilter() { SSL_free(ssl_); }

void TlsFilter::begin(Buffer& down) {
  if (SSL_is_server(ssl_) != 0) return;
  const Wire wire(ssl_, {}, down);
  shake_hands();
}

void TlsFilter::receive(ByteView bytes, Buffer& up, Buffer& down) {
  if (first_ == 0 && !bytes.empty()) first_ = bytes.front();
  const Wire wire(ssl_, bytes, down);
  if (state() == State::handshaking) shake_hands();
  if (state() == State::open) read(up);
}

void TlsFilter::shake_hands() {
  const int result = SSL_do_handshake(ssl_);
  if (result != 1) {
    fail_by_openssl(result);
  } else if (SSL_session_reused(ssl_) != 0 && has_expired(SSL_get0_peer_certificate(ssl_))) {
    // What a ticket brings was checked when the ticket was made.
    fail("TLS failed: the certificate of its resumed session has expired");
  } else {
    enter(State::open);
  }
}

void TlsFilter::read(Buffer& up) {
  for (;;) {
    const int size = SSL_read(ssl_, up.reserve(kRecord), kRecord);
    if (size <= 0) {
      fail_by_openssl(size);
      return;
    }
    up.commit(static_cast<std::size_t>(size));
  }
}

// Or the peer's goodbye, or that there is nothing more to read now.
void TlsFilter::fail_by_openssl(int result) {
  switch (SSL_get_error(ssl_, result)) {
    case SSL_ERROR_WANT_READ:
      return;
    case SSL_ERROR_ZERO_RETURN:
      enter(State::ended);
      return;
    default:
      fail(tls_failure(ssl_, first_));
  }
}

void TlsFilter::send(ByteView bytes, Buffer& down) {
  const Wire wire(ssl_, {}, down);
  while (!bytes.empty() && state() != State::failed) {
    const int size = SSL_write(ssl_, bytes.data(), static_cast<int>(std::min(bytes.size(), kRecord)));
    if (size <= 0) {
      fail_by_openssl(size);
      return;
    }
    bytes = bytes.subspan(static_cast<std::size_t>(size));
  }
}

void TlsFilter::end(Buffer& down) {
  const Wire wire(ssl_, {}, down);
  SSL_shutdown(ssl_);
  ERR_clear_error();
}

void TlsFilter::describe(PeerFacts& facts) const {
  if (state() == State::handshaking) return;
  TlsPeer peer;
  peer.protocol = SSL_get_version(ssl_);
  peer.cipher = SSL_get_cipher_name(ssl_);
  if (const char* name = SSL_get_servername(ssl_, TLSEXT_NAMETYPE_host_name)) peer.server_name = name;
  X509* certificate = SSL_get0_peer_certificate(ssl_);
  const bool verified =
      SSL_get_verify_result(ssl_) == X509_V_OK && SSL_get_verify_mode(ssl_) != SSL_VERIFY_NONE;
  if (certificate != nullptr && verified) {
    peer.certificate = certificate_of(certificate);
    peer.certificate->resumed = SSL_session_reused(ssl_) != 0;
    peer.certificate->chain.push_back(der_of(certificate));
    STACK_OF(X509)* others = SSL_get_peer_cert_chain(ssl_);  // of a server without its own
    for (int i = 0; i < sk_X509_num(others); ++i)
      peer.certificate->chain.push_back(der_of(sk_X509_value(others, i)));
  }
  facts.tls = std::move(peer);
}

}  // namespace gaon::net
