// The parsers of SCRAM against what they would write, and both sides and the users' file
// against anything. The first byte of the input chooses which.
#include "auth/scram_message.h"
#include "auth/scram_users.h"
#include "base/check.h"

using namespace gaon;
using namespace gaon::auth;

namespace {

void check_client_first(std::string_view text) {
  const auto first = parse_client_first(text);
  if (!first) return;
  CHECK(std::string(first->gs2_header) + std::string(first->bare) == text);
  const std::string again = client_first_bare(first->user, first->nonce);
  const std::string whole = "n,," + again;
  const auto second = parse_client_first(whole);
  CHECK(second && second->user == first->user && second->nonce == first->nonce);
  CHECK(first->bare.starts_with(again));  // extensions may follow
}

void check_server_first(std::string_view text) {
  const auto first = parse_server_first(text);
  if (!first) return;
  CHECK(text.starts_with(server_first(first->nonce, first->salt, first->iterations)));
}

void check_client_final(std::string_view text) {
  const auto last = parse_client_final(text);
  if (!last) return;
  CHECK(std::string(last->without_proof) + ",p=" + encode_base64(last->proof) == text);
  CHECK(last->without_proof.starts_with(client_final_without_proof(last->channel_binding, last->nonce)));
}

void check_server(std::string_view text) {
  ScramServer server([](std::string_view) { return FoundScramKey{.key = {}, .known = true}; }, {}, "n");
  const std::size_t half = std::min(text.find('\0'), text.size());
  if (server.next(as_bytes(text.substr(0, half))).verdict != Verdict::continue_authentication) return;
  CHECK(server.next(as_bytes(text.substr(std::min(half + 1, text.size())))).verdict != Verdict::granted);
}

void check_users(std::string_view text) {
  const auto users = ScramUsers::read(text, "f", "secret");
  if (!users) CHECK(users.error().what.starts_with("f:"));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text = as_text({data + 1, size - 1});
  constexpr void (*kChecks[])(std::string_view) = {check_client_first, check_server_first, check_client_final,
                                                   check_server, check_users};
  kChecks[data[0] % std::size(kChecks)](text);
  if (const auto signature = parse_server_final(text)) {
    CHECK(text.starts_with("v=" + encode_base64(*signature)));
  }
  return 0;
}
