#include "net/tls_context.h"

#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <span>

#include "base/check.h"
#include "net/tls_certificate.h"
#include "net/tls_failure.h"
#include "net/tls_files.h"

namespace gaon::net {
namespace {

// A resumed connection brings its certificate in the ticket, unchecked. A reload of a CRL
// makes another context, with which no older ticket is good.
constexpr long kTicketLife_s = 3600;

// What goes with an SSL_CTX: which protocol ALPN has to agree on, and the contexts of
// further certificates.
struct Attached {
  std::string protocol;
  std::vector<TlsContext> others;
};

void free_attached(void*, void* attached, CRYPTO_EX_DATA*, int, long, void*) {
  delete static_cast<Attached*>(attached);
}

int attached_index() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, free_attached);
  return index;
}

Attached& attached(SSL_CTX* context) {
  return *static_cast<Attached*>(SSL_CTX_get_ex_data(context, attached_index()));
}

// A client that names protocols and not ours means somebody else: attacks that play one
// protocol against another's server end here.
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* size, const unsigned char* offered,
                    unsigned int offered_size, void* wanted) {
  const auto& protocol = static_cast<const Attached*>(wanted)->protocol;
  for (unsigned int at = 0; at < offered_size; at += 1U + offered[at]) {
    if (offered[at] != protocol.size() || at + 1U + offered[at] > offered_size) continue;
    if (std::memcmp(offered + at + 1, protocol.data(), protocol.size()) != 0) continue;
    *chosen = offered + at + 1;
    *size = offered[at];
    return SSL_TLSEXT_ERR_OK;
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

bool is_for(SSL_CTX* context, const char* name) {
  return X509_check_host(SSL_CTX_get0_certificate(context), name, std::strlen(name), 0, nullptr) == 1;
}

int choose_certificate(SSL* ssl, int*, void* first) {
  const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  auto* context = static_cast<SSL_CTX*>(first);
  if (name == nullptr || is_for(context, name)) return SSL_TLSEXT_ERR_OK;
  for (const TlsContext& other : attached(context).others) {
    if (!is_for(other.get(), name)) continue;
    SSL_set_SSL_CTX(ssl, other.get());
    break;
  }
  return SSL_TLSEXT_ERR_OK;
}

void set_up(SSL_CTX* context, TlsVersion least) {
  SSL_CTX_set_min_proto_version(context, least == TlsVersion::tls12 ? TLS1_2_VERSION : TLS1_3_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  // A key of 128 bits is as good as any to come, and costs a device less than one of 256.
  CHECK(SSL_CTX_set_ciphersuites(
            context, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256") == 1);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  // Sessions are kept by the clients, in tickets; one each, for one connection at a time.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 1);
  SSL_CTX_set_timeout(context, kTicketLife_s);
}

// Whether all that is wrong since then is that we may not read files; that is a warning then.
bool only_denied(std::vector<TlsProblem>& problems, std::size_t since) {
  const std::span<TlsProblem> found(problems.begin() + static_cast<std::ptrdiff_t>(since), problems.end());
  if (std::ranges::any_of(found, [](const auto& one) { return !one.warning && !one.denied; })) return false;
  for (TlsProblem& one : found) one.warning = true;
  return true;
}

bool set_up_certificate(SSL_CTX* context, const TlsOptions::Certificate& files,
                        std::vector<TlsProblem>& problems, SSL_CTX* before) {
  const std::size_t since = problems.size();
  if (load_certificate(context, files, problems)) return true;
  if (before == nullptr || !only_denied(problems, since)) return false;
  STACK_OF(X509)* chain = nullptr;
  SSL_CTX_get0_chain_certs(before, &chain);
  return SSL_CTX_use_cert_and_key(context, SSL_CTX_get0_certificate(before), SSL_CTX_get0_privatekey(before),
                                  chain, 1) == 1;
}

// Whom the other one trusts, and whom it knows as revoked, stays together.
bool take_clients(SSL_CTX* context, SSL_CTX* before) {
  SSL_CTX_set1_cert_store(context, SSL_CTX_get_cert_store(before));
  SSL_CTX_set_client_CA_list(
      context, sk_X509_NAME_deep_copy(SSL_CTX_get_client_CA_list(before), X509_NAME_dup, X509_NAME_free));
  return true;
}

// Who names a CA for clients means to ask them for their certificates.
bool has_idle_trust(const TlsOptions& options, std::vector<TlsProblem>& problems) {
  const std::size_t known = problems.size();
  for (const auto& [key, file] :
       {std::pair{"tls.client_ca_file", &options.client_ca_file}, std::pair{"tls.crl", &options.crl}}) {
    if (file->empty()) continue;
    problems.push_back(
        {.key = key,
         .what = "this is without effect: no client is asked for a certificate",
         .fix = "set tls.client_certificate to \"required\" or \"optional\", or leave it out"});
  }
  return problems.size() > known;
}

bool set_up_clients(SSL_CTX* context, const TlsOptions& options, std::vector<TlsProblem>& problems,
                    SSL_CTX* before) {
  if (options.client_certificate == ClientCertificate::none) return !has_idle_trust(options, problems);
  const std::size_t since = problems.size();
  const bool loaded = (load_client_ca(context, options, problems) &&
                       (options.crl.empty() || load_revoked(context, options.crl, problems))) ||
                      (before != nullptr && only_denied(problems, since) && take_clients(context, before));
  int mode = SSL_VERIFY_PEER;
  if (options.client_certificate == ClientCertificate::required) mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
  SSL_CTX_set_verify(context, mode, keep_turned_down);
  SSL_CTX_set_verify_depth(context, options.client_chain_max);
  return loaded;
}

}  // namespace

std::optional<TlsContext> TlsContext::server(const TlsOptions& options, std::string_view protocol,
                                             std::vector<TlsProblem>& problems, const TlsContext* before) {
  // Tickets are good for this context only: [RFC 8446, 4.6.1] leaves it to us.
  unsigned char session_id_context[SSL_MAX_SID_CTX_LENGTH];
  CHECK(RAND_bytes(session_id_context, sizeof(session_id_context)) == 1);
  std::vector<TlsContext> contexts;
  bool good = true;
  std::vector<TlsOptions::Certificate> certificates{options.certificate};
  certificates.insert(certificates.end(), options.other_certificates.begin(),
                      options.other_certificates.end());
  for (const TlsOptions::Certificate& files : certificates) {
    TlsContext made(SSL_CTX_new(TLS_server_method()));
    CHECK(made.get() != nullptr);
    set_up(made.get(), options.min_version);
    SSL_CTX_set_session_id_context(made.get(), session_id_context, sizeof(session_id_context));
    auto* its = new Attached{std::string(protocol), {}};
    SSL_CTX_set_ex_data(made.get(), attached_index(), its);  // which owns it
    SSL_CTX_set_alpn_select_cb(made.get(), choose_protocol, its);
    SSL_CTX* its_before = nullptr;
    if (before != nullptr) {
      its_before =
          contexts.empty() ? before->get() : attached(before->get()).others[contexts.size() - 1].get();
    }
    const std::size_t known = problems.size();
    good = set_up_certificate(made.get(), files, problems, its_before) && good;
    for (TlsProblem& problem : std::span(problems).subspan(known)) problem.certificate = contexts.size();
    // What is wrong with it is the same for all of them.
    if (contexts.empty() || good) good = set_up_clients(made.get(), options, problems, its_before) && good;
    contexts.push_back(std::move(made));
  }
  if (!good) return std::nullopt;
  TlsContext first = std::move(contexts.front());
  contexts.erase(contexts.begin());
  if (!contexts.empty()) {
    SSL_CTX_set_tlsext_servername_callback(first.get(), choose_certificate);
    SSL_CTX_set_tlsext_servername_arg(first.get(), first.get());
    attached(first.get()).others = std::move(contexts);
  }
  return first;
}

std::optional<TlsContext> TlsContext::client(const TlsClientOptions& options, std::string_view protocol,
                                             std::vector<TlsProblem>& problems) {
  TlsContext made(SSL_CTX_new(TLS_client_method()));
  CHECK(made.get() != nullptr);
  set_up(made.get(), options.min_version);
  bool good = true;
  if (!options.insecure) {
    SSL_CTX_set_verify(made.get(), SSL_VERIFY_PEER, keep_turned_down);
    good = load_trusted(made.get(), options.ca_file, problems);
  }
  if (!options.certificate.certificate_file.empty()) {
    good = load_certificate(made.get(), options.certificate, problems) && good;
  }
  std::vector<unsigned char> offered(1, static_cast<unsigned char>(protocol.size()));
  offered.insert(offered.end(), protocol.begin(), protocol.end());
  CHECK(SSL_CTX_set_alpn_protos(made.get(), offered.data(), static_cast<unsigned int>(offered.size())) == 0);
  if (!good) return std::nullopt;
  return made;
}

Time TlsContext::ends() const {
  Time first = end_of(SSL_CTX_get0_certificate(context_));
  for (const TlsContext& other : attached(context_).others) first = std::min(first, other.ends());
  return first;
}

const char* TlsContext::objection(const PeerCertificate& certificate) const {
  return objection_to(certificate, SSL_CTX_get_cert_store(context_));
}

}  // namespace gaon::net
