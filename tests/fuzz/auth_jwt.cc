// Tokens, keys, rules and answers of HTTP servers against anything: the first byte of the
// input chooses which. Nothing that was not signed may get in.
#include "auth/acl.h"
#include "auth/crypto.h"
#include "auth/http_source.h"
#include "auth/json.h"
#include "auth/jwt.h"
#include "base/check.h"
#include "topic/name.h"

using namespace gaon;
using namespace gaon::auth;

namespace {

// RFC 8037, appendix A.2, and RFC 7517, appendix A.1.
const JwtKeys& keys() {
  static const JwtKeys known = std::move(*JwtKeys::read(
      R"({"keys":[{"kty":"OKP","crv":"Ed25519","kid":"ed","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},)"
      R"({"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",)"
      R"("y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","kid":"ec"}]})"));
  return known;
}

void check_token(std::string_view text) {
  const JwtPolicy policy{.roles_claim = "realm_access.roles", .rules_claim = "acl"};
  const auto identity = auth::check_token(text, keys(), policy, "c", Time(seconds(1'700'000'000)));
  CHECK(!identity && *identity.error().why != '\0');
}

// Header and claims as JSON, so that the fuzzer need not know base64.
void check_parts(std::string_view text) {
  const std::size_t half = std::min(text.find('\0'), text.size());
  const auto part = [](std::string_view json) {
    std::string encoded = encode_base64(as_bytes(json));
    encoded.erase(encoded.find_last_not_of('=') + 1);
    for (char& c : encoded) c = c == '+' ? '-' : c == '/' ? '_' : c;
    CHECK(decode_base64url(encoded) == json);
    return encoded;
  };
  const std::string claims(text.substr(std::min(half + 1, text.size())));
  check_token(part(text.substr(0, half)) + "." + part(claims) + "." + std::string(86, 'A'));
}

void check_keys(std::string_view text) {
  const auto read = JwtKeys::read(text);
  if (!read) return;
  for (const JwtKey& key : read->keys()) {
    CHECK(!key.takes("none") && !key.takes("HS256"));
    for (const char* algorithm : {"RS256", "PS512", "ES256", "ES384", "ES512", "EdDSA"}) {
      if (key.takes(algorithm)) key.verifies(algorithm, as_bytes("x"), as_bytes(std::string(64, 'y')));
    }
  }
}

void check_json(std::string_view text) {
  if (const auto json = parse_json(text, 4096)) CHECK(text.size() <= 4096);
  if (const auto bytes = decode_base64url(text)) CHECK(text.find('=') == std::string_view::npos);
}

void check_rules(std::string_view text) {
  AclRules rules;
  if (const auto read = rules.read(text, "f"); !read) {
    CHECK(read.error().what.starts_with("f:"));
    return;
  }
  for (const AclRule& rule : rules.rules) {
    const auto again = parse_acl_rule(to_string(rule));
    CHECK(again && again->filter == rule.filter && again->allow == rule.allow);
    CHECK(parse_acl_subject(to_string(rule.subject)) == rule.subject);
  }
  rules.unmet();
  const Identity wild{.user = "#", .claims = {{"a", "+"}, {"b", "x/y"}}};
  const AclSet set(rules.rules, wild, "$SYS");
  // Whoever may have all of a filter may have each topic of it.
  for (const char* filter : {"#", "+", "a/#", "a/+/c", "$SYS/#", "+/b"}) {
    if (!set.may_subscribe(filter)) continue;
    for (const char* topic : {"a", "a/b", "a/b/c", "$SYS/x", "x/b"}) {
      if (topic::matches(filter, topic)) CHECK(set.may_receive(topic));
    }
  }
}

void check_answer(std::string_view text) {
  const Finding finding = read_http_answer({200, std::string(text)}, {.client_id = "c"});
  if (finding.kind == Finding::Kind::granted) CHECK(text.find("true") != std::string_view::npos);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  constexpr void (*kChecks[])(std::string_view) = {check_token, check_parts, check_keys,
                                                   check_json,  check_rules, check_answer};
  kChecks[data[0] % std::size(kChecks)](as_text({data + 1, size - 1}));
  return 0;
}
