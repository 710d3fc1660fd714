#include "net/tls_filter.h"

#include <gtest/gtest.h>

#include "net/filter_pair.h"
#include "net/tls_certificate.h"
#include "net/tls_fixture.h"

namespace gaon::net {
namespace {

using State = Filter::State;

struct TlsFilterTest : testing::Test {
  TestCa ca{"TestCa"};
  TlsOptions options{.certificate = ca.issue({.name = "localhost", .alt = "DNS:localhost"})};
  TlsClientOptions client{.ca_file = ca.ca_file()};

  FilterPair pair(const std::string& host = "localhost") {
    FilterPair pair;
    pair.server.filters.add(std::make_unique<TlsFilter>(server_context(options)));
    pair.client.filters.add(std::make_unique<TlsFilter>(client_context(client), host, host));
    return pair;
  }
  FilterPair begun() {
    FilterPair made = pair();
    made.begin();
    return made;
  }
  void ask_for_certificates() {
    options.client_certificate = ClientCertificate::required;
    options.client_ca_file = ca.ca_file();
  }
};

TEST_F(TlsFilterTest, carries_bytes_both_ways) {
  FilterPair pair = begun();
  ASSERT_EQ(pair.server.state(), State::open) << pair.server.why();
  ASSERT_EQ(pair.client.state(), State::open) << pair.client.why();
  const std::string large(100'000, 'x');
  pair.client.say("hello");
  pair.server.say(large);
  pair.exchange();
  EXPECT_EQ(pair.server.got, "hello");
  EXPECT_EQ(pair.client.got, large);
}

TEST_F(TlsFilterTest, takes_bytes_one_by_one) {
  FilterPair pair = this->pair();
  pair.chunk = 1;
  pair.begin();
  pair.client.say("hello");
  pair.server.say("world");
  pair.exchange();
  EXPECT_EQ(pair.server.got, "hello");
  EXPECT_EQ(pair.client.got, "world");
}

TEST_F(TlsFilterTest, speaks_1_3_and_tells_what_was_agreed) {
  FilterPair pair = begun();
  const auto tls = pair.server.filters.facts().tls;
  ASSERT_TRUE(tls);
  EXPECT_EQ(tls->protocol, "TLSv1.3");
  EXPECT_EQ(tls->server_name, "localhost");
  EXPECT_EQ(tls->cipher, "TLS_AES_128_GCM_SHA256");
  EXPECT_FALSE(tls->certificate);
}

TEST_F(TlsFilterTest, takes_the_cipher_of_a_client_that_has_but_one) {
  for (const char* cipher : {"TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"}) {
    const TlsContext only = client_context(client);
    ASSERT_EQ(SSL_CTX_set_ciphersuites(only.get(), cipher), 1);
    FilterPair pair;
    pair.server.filters.add(std::make_unique<TlsFilter>(server_context(options)));
    pair.client.filters.add(std::make_unique<TlsFilter>(only, "localhost", "localhost"));
    pair.begin();
    ASSERT_EQ(pair.server.state(), State::open) << pair.server.why();
    EXPECT_EQ(pair.server.filters.facts().tls->cipher, cipher);
  }
}

TEST_F(TlsFilterTest, a_goodbye_comes_after_the_bytes) {
  FilterPair pair = begun();
  pair.client.say("last");
  pair.client.end();
  pair.exchange();
  EXPECT_EQ(pair.server.got, "last");
  EXPECT_EQ(pair.server.state(), State::ended);
}

TEST_F(TlsFilterTest, a_verified_certificate_is_told) {
  ask_for_certificates();
  client.certificate = ca.issue({.name = "pump-7", .alt = "DNS:pump.plant,URI:urn:plant:7,email:p@plant"});
  FilterPair pair = begun();
  ASSERT_EQ(pair.server.state(), State::open) << pair.server.why();
  const auto certificate = pair.server.filters.facts().tls->certificate;
  ASSERT_TRUE(certificate);
  EXPECT_EQ(certificate->common_name, "pump-7");
  EXPECT_EQ(certificate->subject, "CN=pump-7");
  EXPECT_EQ(certificate->dns_names, std::vector<std::string>{"pump.plant"});
  EXPECT_EQ(certificate->uris, std::vector<std::string>{"urn:plant:7"});
  EXPECT_EQ(certificate->emails, std::vector<std::string>{"p@plant"});
  EXPECT_EQ(certificate->fingerprint.size(), 64U);
}

TEST_F(TlsFilterTest, an_optional_certificate_may_be_missing) {
  ask_for_certificates();
  options.client_certificate = ClientCertificate::optional;
  FilterPair pair = begun();
  EXPECT_EQ(pair.server.state(), State::open) << pair.server.why();
  EXPECT_FALSE(pair.server.filters.facts().tls->certificate);
}

TEST_F(TlsFilterTest, an_optional_certificate_must_be_good) {
  TestCa stranger("Stranger");
  ask_for_certificates();
  options.client_certificate = ClientCertificate::optional;
  client.certificate = stranger.issue({.name = "pump-7"});
  EXPECT_EQ(begun().server.why(),
            "TLS failed: its certificate is by a CA that is not trusted here (/CN=pump-7)");
}

TEST_F(TlsFilterTest, says_what_is_wrong_with_a_client) {
  ask_for_certificates();
  EXPECT_EQ(begun().server.why(),
            "TLS failed: it sent no certificate, and tls.client_certificate is \"required\"");
  client.certificate = ca.issue({.name = "old", .from_s = -7200, .until_s = -3600});
  EXPECT_EQ(begun().server.why(), "TLS failed: its certificate has expired (/CN=old)");
  client.certificate = ca.issue({.name = "early", .from_s = 3000});
  EXPECT_EQ(begun().server.why(),
            "TLS failed: its certificate is not valid yet; are the clocks right? (/CN=early)");
  client.certificate = ca.issue({.name = "lost"});
  options.crl = ca.revoke({"lost"});
  EXPECT_EQ(begun().server.why(), "TLS failed: its certificate was revoked (/CN=lost)");
  client.certificate = ca.issue({.name = "kept"});
  EXPECT_EQ(begun().server.state(), State::open);
}

TEST_F(TlsFilterTest, no_more_cas_than_allowed_stand_between_a_client_and_its_root) {
  ask_for_certificates();
  TestCa site("Site", ca);
  TestCa line("Line", site);
  client.certificate = line.issue({.name = "pump-7"});
  EXPECT_EQ(begun().server.state(), State::open);
  options.client_chain_max = 2;
  EXPECT_EQ(begun().server.state(), State::open);
  options.client_chain_max = 1;
  EXPECT_EQ(begun().server.why(),
            "TLS failed: more CAs than tls.client_chain_max stand between its certificate and the root "
            "(/CN=pump-7)");
  client.certificate = ca.issue({.name = "pump-8"});
  options.client_chain_max = 0;
  EXPECT_EQ(begun().server.state(), State::open);
}

TEST_F(TlsFilterTest, says_that_a_certificate_is_signed_by_itself) {
  TestCa lonely("pump-7");
  ask_for_certificates();
  client.certificate = {lonely.ca_file(), lonely.path("pump-7.key")};
  EXPECT_EQ(begun().server.why(),
            "TLS failed: its certificate is self-signed and not trusted here (/CN=pump-7)");
}

TEST_F(TlsFilterTest, says_what_a_client_finds_wrong_with_us) {
  TestCa stranger("Stranger");
  client.ca_file = stranger.ca_file();
  EXPECT_EQ(begun().server.why(), "TLS failed: it does not trust the CA of our certificate");
}

TEST_F(TlsFilterTest, says_that_somebody_speaks_something_else) {
  FilterPair mqtt = pair();
  mqtt.server.receive(as_bytes(std::string_view("\x10\x0c\0\4MQTT\5\2\0\0\0\0", 14)));
  EXPECT_EQ(mqtt.server.why(), "TLS failed: it speaks MQTT without TLS on a port for TLS");
  FilterPair http = pair();
  http.server.receive(as_bytes("GET /mqtt HTTP/1.1\r\n\r\n"));
  EXPECT_EQ(http.server.why(), "TLS failed: it speaks HTTP without TLS on a port for TLS");
}

TEST_F(TlsFilterTest, an_older_version_is_refused_unless_it_is_allowed) {
  const auto with_tls_1_2 = [this] {
    FilterPair made;
    made.server.filters.add(std::make_unique<TlsFilter>(server_context(options)));
    TlsContext context = client_context(client);
    SSL_CTX_set_max_proto_version(context.get(), TLS1_2_VERSION);
    made.client.filters.add(std::make_unique<TlsFilter>(context, "localhost", "localhost"));
    made.begin();
    return made;
  };
  EXPECT_EQ(with_tls_1_2().server.why(),
            "TLS failed: it knows only older versions of TLS than tls.min_version");
  options.min_version = TlsVersion::tls12;
  const FilterPair allowed = with_tls_1_2();
  EXPECT_EQ(allowed.server.state(), State::open) << allowed.server.why();
  EXPECT_EQ(allowed.server.filters.facts().tls->protocol, "TLSv1.2");
}

TEST_F(TlsFilterTest, who_names_other_protocols_is_refused) {
  FilterPair pair;
  pair.server.filters.add(std::make_unique<TlsFilter>(server_context(options)));
  pair.client.filters.add(
      std::make_unique<TlsFilter>(client_context(client, "h2"), "localhost", "localhost"));
  pair.begin();
  EXPECT_EQ(pair.server.why(), "TLS failed: it names protocols (ALPN), but not the one spoken here");
}

TEST_F(TlsFilterTest, a_certificate_is_chosen_by_name) {
  options.other_certificates = {ca.issue({.name = "plant", .alt = "DNS:*.plant.example"})};
  for (const char* host : {"localhost", "gate.plant.example"}) {
    FilterPair pair = this->pair(host);
    pair.begin();
    EXPECT_EQ(pair.client.state(), State::open) << host << ": " << pair.client.why();
  }
  FilterPair pair = this->pair("elsewhere");
  pair.begin();
  EXPECT_EQ(pair.client.why(), "TLS failed: its certificate is for another host (/CN=localhost)");
}

TEST_F(TlsFilterTest, a_later_context_says_what_it_has_against_a_certificate) {
  ask_for_certificates();
  client.certificate = ca.issue({.name = "pump-7"});
  FilterPair pair = begun();
  auto certificate = *pair.server.filters.facts().tls->certificate;
  const auto objection = [&](const TlsOptions& to) {
    const char* why = server_context(to).objection(certificate);
    return std::string(why != nullptr ? why : "");
  };
  TestCa stranger("Stranger");
  TlsOptions other_ca = options;
  other_ca.client_ca_file = stranger.ca_file();
  for (const bool resumed : {false, true}) {
    certificate.resumed = resumed;
    options.crl.clear();
    EXPECT_EQ(objection(options), "");
    options.crl = ca.revoke({"localhost"});
    EXPECT_EQ(objection(options), "");
    options.crl = ca.revoke({"localhost", "pump-7"});
    EXPECT_EQ(objection(options), "its certificate was revoked");
    // What was between a resumed certificate and its CA is not known.
    EXPECT_EQ(objection(other_ca), resumed ? "" : "its certificate is not trusted any more");
  }
  other_ca.crl = ca.revoke({"pump-7"});
  EXPECT_EQ(objection(other_ca), "its certificate was revoked");
}

TEST_F(TlsFilterTest, who_is_connected_when_its_certificate_ends_may_stay) {
  ask_for_certificates();
  client.certificate = ca.issue({.name = "pump-7"});
  FilterPair pair = begun();
  auto certificate = *pair.server.filters.facts().tls->certificate;
  X509* old = TestCa::read(ca.issue({.name = "old", .from_s = -7200, .until_s = -3600}).certificate_file);
  certificate.chain = {der_of(old)};
  X509_free(old);
  EXPECT_EQ(server_context(options).objection(certificate), nullptr);
  EXPECT_EQ(server_context(options).objection({.common_name = "by a proxy"}), nullptr);
}

TEST_F(TlsFilterTest, a_session_is_resumed_by_its_ticket_and_keeps_its_certificate) {
  ask_for_certificates();
  client.certificate = ca.issue({.name = "pump-7"});
  const TlsContext server = server_context(options);
  TlsContext context = client_context(client);
  static SSL_SESSION* ticket = nullptr;
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context.get(), [](SSL*, SSL_SESSION* session) {
    SSL_SESSION_free(ticket);
    ticket = session;
    return 1;
  });
  const auto connect = [&](const TlsContext& to) {
    FilterPair made;
    made.server.filters.add(std::make_unique<TlsFilter>(to));
    auto filter = std::make_unique<TlsFilter>(context, "localhost", "localhost");
    if (ticket != nullptr) SSL_set_session(filter->ssl(), ticket);
    SSL* ssl = filter->ssl();
    made.client.filters.add(std::move(filter));
    made.begin();
    EXPECT_EQ(made.server.state(), State::open) << made.server.why();
    EXPECT_EQ(made.server.filters.facts().tls->certificate.value_or(PeerCertificate{}).common_name, "pump-7");
    const bool resumed = SSL_session_reused(ssl) != 0;
    made.client.end();  // OpenSSL does not resume what broke off
    return resumed;
  };
  EXPECT_FALSE(connect(server));
  ASSERT_NE(ticket, nullptr);
  EXPECT_TRUE(connect(server));
  // Another context, as after a reload, does not believe the tickets of the one before.
  EXPECT_FALSE(connect(server_context(options)));
  SSL_SESSION_free(std::exchange(ticket, nullptr));
}

TEST(TlsContext, says_what_is_wrong_with_files) {
  TestCa ca("TestCa");
  const auto good = ca.issue({.name = "good"});
  const auto other = ca.issue({.name = "other"});
  const auto old = ca.issue({.name = "old", .from_s = -7200, .until_s = -3600});
  const auto problem_with = [](const TlsOptions& options) {
    std::vector<TlsProblem> problems;
    TlsContext::server(options, "mqtt", problems);
    return told(problems);
  };
  const auto has = [](const std::string& text, const char* part) {
    return text.find(part) != std::string::npos;
  };
  EXPECT_EQ(problem_with({.certificate = good}), "");
  EXPECT_EQ(problem_with({}), "tls.certificate_file: TLS needs a certificate");
  EXPECT_TRUE(has(problem_with({.certificate = {ca.path("none.pem"), ""}}), "cannot be read: No such file"));
  EXPECT_TRUE(has(problem_with({.certificate = {good.key_file, good.key_file}}), "holds no certificate"));
  EXPECT_TRUE(has(problem_with({.certificate = {good.certificate_file, ""}}), "tls.key_file: "));
  EXPECT_TRUE(
      has(problem_with({.certificate = {good.certificate_file, other.key_file}}), "does not belong to"));
  EXPECT_TRUE(has(problem_with({.certificate = old}), "warning: tls.certificate_file: "));
  EXPECT_TRUE(has(problem_with({.certificate = old}), "has expired on"));
  const auto soon = ca.issue({.name = "soon", .from_s = -86'400 * 90, .until_s = 86'400 * 10});
  EXPECT_TRUE(has(problem_with({.certificate = soon}), "expires on"));
  const auto short_lived = ca.issue({.name = "short", .from_s = -86'400, .until_s = 86'400});
  EXPECT_EQ(problem_with({.certificate = short_lived}), "");
  EXPECT_EQ(problem_with({.certificate = good, .client_certificate = ClientCertificate::required}),
            "tls.client_ca_file: client certificates need a CA that they are checked against");
  EXPECT_TRUE(has(problem_with({.certificate = good,
                                .client_certificate = ClientCertificate::optional,
                                .client_ca_file = ca.ca_file(),
                                .crl = good.certificate_file}),
                  "holds no list of revoked certificates"));
  ASSERT_EQ(chmod(good.key_file.c_str(), 0644), 0);
  EXPECT_TRUE(has(problem_with({.certificate = good}), "warning: tls.key_file: others can read or change"));
}

}  // namespace
}  // namespace gaon::net
