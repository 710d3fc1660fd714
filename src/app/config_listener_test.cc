#include "app/config_listener.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "app/config_file.h"
#include "net/tls_fixture.h"

namespace gaon::app {
namespace {

struct ConfigListener : testing::Test {
  net::TestCa ca{"TestCa"};
  net::TlsOptions::Certificate good = ca.issue({.name = "localhost"});
  net::TlsOptions::Certificate other = ca.issue({.name = "other"});

  static std::string quoted(const std::string& text) { return '"' + text + '"'; }
  std::string tls_lines() const {
    return "[[listener]]\nurl = \"mqtts://127.0.0.1\"\ntls.certificate_file = " +
           quoted(good.certificate_file) + "\ntls.key_file = " + quoted(good.key_file) + '\n';
  }
  static std::vector<std::string> problems_of(const std::string& text) {
    broker::Config config;
    std::vector<std::string> texts;
    ConfigLines lines;
    for (const Problem& problem : read_config(text, "x.toml", config, lines))
      texts.push_back(to_text(problem));
    return texts;
  }
  static void expect_problem(const std::string& text, const std::string& start) {
    const auto problems = problems_of(text);
    ASSERT_EQ(problems.size(), 1U) << text;
    EXPECT_TRUE(problems[0].starts_with(start)) << problems[0];
  }
};

TEST_F(ConfigListener, keys_of_tls_and_proxies_are_read_and_shown_so_that_they_read_back) {
  const std::string text =
      tls_lines() +
      "tls.min_version = \"1.2\"\ntls.client_certificate = \"optional\"\ntls.client_ca_file = " +
      quoted(ca.ca_file()) + "\ntls.crl = " + quoted(ca.revoke({})) +
      "\nproxy_protocol = true\nproxy_trusted = \"10.0.0.0/8, ::1\"\n" +
      "[[listener.certificate]]\ncertificate_file = " + quoted(other.certificate_file) +
      "\nkey_file = " + quoted(other.key_file) + '\n';
  const auto config = parse_config(text, "x.toml");
  ASSERT_TRUE(config) << config.error().what;
  const broker::ListenerConfig& listener = config->listeners.at(0);
  EXPECT_EQ(listener.url.port, 8883);
  EXPECT_EQ(listener.tls.certificate, good);
  EXPECT_EQ(listener.tls.min_version, net::TlsVersion::tls12);
  EXPECT_EQ(listener.tls.client_certificate, net::ClientCertificate::optional);
  EXPECT_EQ(listener.tls.other_certificates, std::vector{other});
  EXPECT_TRUE(listener.proxy_protocol);
  const auto again = parse_config(show_config(*config, false), "shown");
  ASSERT_TRUE(again) << again.error().what;
  EXPECT_EQ(again->listeners.at(0).tls, listener.tls);
  EXPECT_EQ(again->listeners.at(0).proxy_trusted, listener.proxy_trusted);
}

TEST_F(ConfigListener, what_is_wrong_with_a_file_is_a_problem_of_its_line) {
  expect_problem("[[listener]]\nurl = \"mqtts://127.0.0.1\"\ntls.certificate_file = " +
                     quoted(good.certificate_file) + "\ntls.key_file = " + quoted(other.key_file),
                 "x.toml:4: listener.tls.key_file: the key in ");
  expect_problem(
      "[[listener]]\nurl = \"wss://127.0.0.1\"\ntls.certificate_file = \"none.pem\"",
      "x.toml:3: listener.tls.certificate_file: \"none.pem\" cannot be read: No such file or directory");
  expect_problem("[[listener]]\nurl = \"mqtts://127.0.0.1\"",
                 "x.toml:1: listener.tls.certificate_file: TLS needs a certificate; name a PEM file");
  expect_problem(tls_lines() + "tls.client_certificate = \"required\"",
                 "x.toml:1: listener.tls.client_ca_file: client certificates need a CA");
}

TEST_F(ConfigListener, keys_without_effect_are_problems) {
  expect_problem("[[listener]]\nurl = \"ws://127.0.0.1\"\ntls.crl = \"x\"",
                 "x.toml:3: listener.tls.crl: this is for TLS, and ws://127.0.0.1:80/mqtt has none");
  expect_problem("[[listener]]\nurl = \"mqtt://127.0.0.1\"\nproxy_trusted = \"::1\"",
                 "x.toml:3: listener.proxy_trusted: this is without effect");
  expect_problem("[[listener]]\nurl = \"mqtt://127.0.0.1\"\norigins = \"https://x\"",
                 "x.toml:3: listener.origins: this is for WebSocket, and mqtt://127.0.0.1:1883 has none");
}

TEST_F(ConfigListener, origins_have_a_scheme) {
  expect_problem(
      "[[listener]]\nurl = \"ws://127.0.0.1\"\norigins = \"https://a, b.example\"",
      "x.toml:3: listener.origins: \"b.example\" is no origin of web pages; write for example origins = ");
}

TEST_F(ConfigListener, a_ca_for_clients_that_are_asked_for_nothing_is_a_problem) {
  const std::string what = ": this is without effect: no client is asked for a certificate; set ";
  expect_problem(tls_lines() + "tls.client_ca_file = " + quoted(ca.ca_file()),
                 "x.toml:5: listener.tls.client_ca_file" + what);
  expect_problem(tls_lines() + "tls.crl = " + quoted(ca.revoke({})), "x.toml:5: listener.tls.crl" + what);
}

TEST_F(ConfigListener, a_folder_of_lists_may_hold_what_is_none) {
  std::string folder = testing::TempDir() + "gaon-crl-XXXXXX";
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  const std::string asks =
      tls_lines() + "tls.client_certificate = \"required\"\ntls.client_ca_file = " + quoted(ca.ca_file()) +
      "\ntls.crl = ";
  ASSERT_EQ(mkfifo((folder + "/pipe.pem").c_str(), 0600), 0);
  expect_problem(asks + quoted(folder), "x.toml:7: warning: listener.tls.crl: " + quoted(folder) +
                                            " holds no list (*.pem, *.crl): "
                                            "nobody gets in");
  std::filesystem::copy_file(ca.revoke({}), folder + "/list.pem");
  EXPECT_EQ(problems_of(asks + quoted(folder)), std::vector<std::string>{});
  expect_problem(
      asks + quoted(folder + "/pipe.pem"),
      "x.toml:7: listener.tls.crl: " + quoted(folder + "/pipe.pem") + " is neither a file nor a folder");
  std::filesystem::remove_all(folder);
}

TEST_F(ConfigListener, a_listener_for_proxies_needs_their_addresses) {
  expect_problem("[[listener]]\nurl = \"mqtt://127.0.0.1\"\nproxy_protocol = true",
                 "x.toml:1: listener.proxy_trusted: the PROXY protocol needs to know who may speak it");
  expect_problem("[[listener]]\nurl = \"mqtt://127.0.0.1\"\nproxy_protocol = true\nproxy_trusted = \"here\"",
                 "x.toml:4: listener.proxy_trusted: \"here\" is neither an address nor a network");
  EXPECT_TRUE(problems_of("[[listener]]\nurl = \"unix:///x\"\nproxy_protocol = true").empty());
}

TEST_F(ConfigListener, further_certificates_have_two_keys) {
  expect_problem(tls_lines() + "[[listener.certificate]]\ncertificate_file = \"none.pem\"",
                 "x.toml:6: listener.certificate.1.certificate_file: \"none.pem\" cannot be read");
  expect_problem(tls_lines() + "[[listener.certificate]]\ncertificate_file = " +
                     quoted(other.certificate_file) + "\nkey_file = " + quoted(other.key_file) +
                     "\n[[listener.certificate]]\ncertificate_file = " + quoted(other.certificate_file) +
                     "\nkey_file = " + quoted(good.key_file),
                 "x.toml:10: listener.certificate.2.key_file: the key in ");
  expect_problem(tls_lines() + "[[listener.certificate]]\nfile = \"x\"",
                 "x.toml:6: listener.certificate.file: this is neither certificate_file nor key_file");
}

}  // namespace
}  // namespace gaon::app
