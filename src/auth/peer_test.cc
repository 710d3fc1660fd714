#include "auth/peer.h"

#include <gtest/gtest.h>

namespace gaon::auth {
namespace {

const Certificate kPump{.common_name = "pump-7",
                        .subject = "CN=pump-7,O=Plant",
                        .dns_names = {"pump-7.plant", "second.plant"},
                        .uris = {"urn:plant:pump-7"},
                        .emails = {"pump@plant"},
                        .fingerprint = "ab12"};

TEST(PeerTest, each_part_of_a_certificate_can_name_its_client) {
  EXPECT_EQ(name_of(kPump, CertificateName::common_name), "pump-7");
  EXPECT_EQ(name_of(kPump, CertificateName::subject), "CN=pump-7,O=Plant");
  EXPECT_EQ(name_of(kPump, CertificateName::dns), "pump-7.plant");
  EXPECT_EQ(name_of(kPump, CertificateName::uri), "urn:plant:pump-7");
  EXPECT_EQ(name_of(kPump, CertificateName::email), "pump@plant");
  EXPECT_EQ(name_of(kPump, CertificateName::fingerprint), "ab12");
}

TEST(PeerTest, a_certificate_without_that_part_names_nobody) {
  for (const auto name : {CertificateName::common_name, CertificateName::dns, CertificateName::fingerprint}) {
    EXPECT_EQ(name_of({}, name), std::nullopt);
  }
}

}  // namespace
}  // namespace gaon::auth
