#include "auth/peer.h"

namespace gaon::auth {

std::optional<std::string_view> name_of(const Certificate& certificate, CertificateName name) {
  const auto one = [](const std::string& text) {
    return text.empty() ? std::optional<std::string_view>() : std::string_view(text);
  };
  const auto first = [&one](const std::vector<std::string>& list) {
    return list.empty() ? std::optional<std::string_view>() : one(list.front());
  };
  switch (name) {
    case CertificateName::common_name:
      return one(certificate.common_name);
    case CertificateName::subject:
      return one(certificate.subject);
    case CertificateName::dns:
      return first(certificate.dns_names);
    case CertificateName::uri:
      return first(certificate.uris);
    case CertificateName::email:
      return first(certificate.emails);
    case CertificateName::fingerprint:
      return one(certificate.fingerprint);
  }
  return std::nullopt;
}

}  // namespace gaon::auth
