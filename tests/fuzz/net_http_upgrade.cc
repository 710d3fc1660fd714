// Heads of HTTP, as requests to us and as answers to us.
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "net/http_upgrade.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gaon::net;
  if (size > kHttpHeadMax) return 0;
  const std::string_view head(reinterpret_cast<const char*>(data), size);
  static const std::vector<std::string> origins =
      *parse_origins("https://console.example, http://localhost:5173");
  const UpgradeAnswer answer = answer_upgrade(head, "/mqtt", origins);
  CHECK(answer.response.starts_with("HTTP/1.1 "));
  CHECK(answer.accepted == answer.why.empty());
  CHECK(answer.accepted == answer.response.starts_with("HTTP/1.1 101 "));
  if (const auto parsed = parse_origins(head)) {
    for (const std::string& origin : *parsed) CHECK(origin.find("://") != std::string::npos);
  }
  check_upgrade(head, "dGhlIHNhbXBsZSBub25jZQ==");
  return 0;
}
