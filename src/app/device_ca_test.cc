#include "app/device_ca.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <ctime>
#include <thread>

#include "net/filter_pair.h"
#include "net/tls_context.h"
#include "net/tls_filter.h"

namespace gaon::app {
namespace {

using State = net::Filter::State;

struct DeviceCaTest : testing::Test {
  std::string directory = testing::TempDir() + "gaon-device-ca-XXXXXX";
  std::int64_t now_s = std::time(nullptr);

  void SetUp() override {
    ASSERT_NE(mkdtemp(directory.data()), nullptr);
    const auto made = DeviceCa::init(directory, "Plant", 10, now_s);
    ASSERT_TRUE(made) << made.error().what;
    issue({.name = "broker", .hosts = {"localhost", "*.plant.example", "10.0.0.5", "::1"}, .days = 5});
  }
  void TearDown() override { std::filesystem::remove_all(directory); }

  DeviceCa ca() const { return std::move(DeviceCa::open(directory)).value(); }
  void issue(const DeviceCa::Request& request) const {
    const auto done = ca().issue(request, now_s);
    ASSERT_TRUE(done) << done.error().what;
  }
  std::string file(const std::string& name) const { return directory + "/" + name; }
  net::TlsOptions::Certificate files(const std::string& name) const {
    return {file(name + ".pem"), file(name + ".key")};
  }

  // What a broker that asks for certificates of this CA says to a device.
  std::string verdict(const std::string& device, const std::string& host = "localhost") const {
    std::vector<net::TlsProblem> problems;
    const auto server = net::TlsContext::server({.certificate = files("broker"),
                                                 .client_certificate = net::ClientCertificate::required,
                                                 .client_ca_file = file("ca.pem"),
                                                 .crl = file("crl.pem")},
                                                "mqtt", problems);
    const auto client =
        net::TlsContext::client({.ca_file = file("ca.pem"), .certificate = files(device)}, "mqtt", problems);
    EXPECT_TRUE(problems.empty()) << problems.front().what;
    if (!server || !client) return "no context";
    net::FilterPair pair;
    pair.server.filters.add(std::make_unique<net::TlsFilter>(*server));
    pair.client.filters.add(std::make_unique<net::TlsFilter>(*client, host, host));
    pair.begin();
    if (!pair.server.why().empty()) return pair.server.why();
    if (!pair.client.why().empty()) return pair.client.why();
    return pair.server.filters.facts().tls->certificate->common_name;
  }
};

TEST_F(DeviceCaTest, a_device_gets_in_until_its_certificate_is_revoked) {
  issue({.name = "pump-7", .days = 1});
  issue({.name = "pump-8", .days = 1});
  EXPECT_EQ(verdict("pump-7"), "pump-7");
  EXPECT_EQ(verdict("pump-7", "gate.plant.example"), "pump-7");
  EXPECT_EQ(verdict("pump-7", "10.0.0.5"), "pump-7");
  EXPECT_EQ(ca().revoke("pump-7", "", now_s).value(), 1U);
  EXPECT_EQ(verdict("pump-7"), "TLS failed: its certificate was revoked (/CN=pump-7)");
  EXPECT_EQ(verdict("pump-8"), "pump-8");
  EXPECT_FALSE(ca().revoke("pump-7", "", now_s));
  issue({.name = "pump-7", .days = 1});
  EXPECT_EQ(verdict("pump-7"), "pump-7");
  EXPECT_EQ(ca().issued().size(), 4U);
  EXPECT_NE(ca().issued()[1].revoked_s, 0);
}

TEST_F(DeviceCaTest, a_certificate_is_for_one_side_only) {
  EXPECT_EQ(verdict("broker"),
            "TLS failed: its certificate is not meant for this side of a connection (/CN=broker)");
}

TEST_F(DeviceCaTest, keys_are_readable_by_their_owner_only) {
  for (const char* name : {"ca.key", "broker.key"}) {
    struct stat status {};
    ASSERT_EQ(::stat(file(name).c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U) << name;
  }
}

TEST_F(DeviceCaTest, what_is_issued_at_the_same_time_is_all_listed) {
  constexpr int kAll = 12;
  std::vector<std::thread> issuers;
  for (int i = 0; i < kAll; ++i)
    issuers.emplace_back([this, i] { issue({.name = "pump-" + std::to_string(i), .days = 1}); });
  for (std::thread& one : issuers) one.join();
  EXPECT_EQ(ca().issued().size(), 1U + kAll);
  for (int i = 0; i < kAll; ++i) EXPECT_TRUE(ca().revoke("pump-" + std::to_string(i), "", now_s)) << i;
}

TEST_F(DeviceCaTest, a_lost_list_is_an_error_and_revokes_nothing_less) {
  issue({.name = "pump-7", .days = 1});
  ASSERT_TRUE(ca().revoke("pump-7", "", now_s));
  std::filesystem::remove(file("issued"));
  const auto opened = DeviceCa::open(directory);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().what,
            file("issued") +
                " cannot be read: No such file or directory; it says what was issued and what is "
                "revoked: bring it back from a backup, or make it empty if nothing was issued "
                "yet");
  EXPECT_EQ(verdict("pump-7"), "TLS failed: its certificate was revoked (/CN=pump-7)");
}

TEST_F(DeviceCaTest, a_second_valid_certificate_has_to_be_asked_for) {
  issue({.name = "pump-7", .days = 1});
  const auto again = ca().issue({.name = "pump-7", .days = 1}, now_s);
  ASSERT_FALSE(again);
  EXPECT_TRUE(again.error().what.starts_with("pump-7 has a certificate that is valid: "))
      << again.error().what;
  issue({.name = "pump-7", .days = 1, .renew = true});
  EXPECT_EQ(ca().revoke("pump-7", "", now_s).value(), 2U);
}

TEST_F(DeviceCaTest, one_of_two_certificates_of_a_device_is_revoked_by_its_serial) {
  issue({.name = "pump-7", .days = 1});
  issue({.name = "pump-7", .days = 1, .renew = true});
  const std::string serial = ca().issued()[1].serial;
  EXPECT_FALSE(ca().revoke("pump-8", serial, now_s));
  EXPECT_FALSE(ca().revoke("pump-7", "00", now_s));
  EXPECT_EQ(ca().revoke("pump-7", serial, now_s).value(), 1U);
  EXPECT_NE(ca().issued()[1].revoked_s, 0);
  EXPECT_EQ(ca().issued()[2].revoked_s, 0);
  EXPECT_EQ(verdict("pump-7"), "pump-7");
}

TEST_F(DeviceCaTest, a_name_that_cannot_be_is_told_why) {
  for (const char* name : {"ca", "crl"}) {
    EXPECT_EQ(ca().issue({.name = name, .days = 1}, now_s).error().what,
              "the name \"" + std::string(name) + "\" is that of a file of the CA itself: take another");
  }
  EXPECT_EQ(ca().issue({.name = ".", .days = 1}, now_s).error().what,
            "the name \".\" is not 1 to 64 letters, digits, '.', '-' and '_', of which '.' is not the first");
}

TEST_F(DeviceCaTest, refuses_what_would_do_harm) {
  EXPECT_FALSE(DeviceCa::init(directory, "Plant", 10, now_s));  // There is one.
  EXPECT_FALSE(DeviceCa::open(directory + "/none"));
  for (const char* name : {"", "../x", "a/b", ".a", "ca", "a,CN=b", "a b"}) {
    EXPECT_FALSE(ca().issue({.name = name, .days = 1}, now_s)) << name;
  }
  for (const char* host : {"a,DNS:b", "a b", "", "*.*.x"}) {
    EXPECT_FALSE(ca().issue({.name = "x", .hosts = {host}, .days = 1}, now_s)) << host;
  }
  EXPECT_EQ(ca().issued().size(), 1U);
}

}  // namespace
}  // namespace gaon::app
