#include "auth/jwt.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "auth/json.h"

namespace gaon::auth {
namespace {

using nlohmann::json;

constexpr std::size_t kUserMax = 1024;  // bytes, as in a file of users
constexpr std::size_t kRolesMax = 256;
constexpr std::size_t kClaimsMax = 64;  // that rules may name, and the length of their values
constexpr std::size_t kClaimMax = 256;
constexpr std::size_t kRulesMax = 256;
constexpr std::size_t kKeysTried = 8;  // of a token that names none
constexpr double kSecondsMax = 4e11;   // far beyond any date, and no overflow in milliseconds

constexpr std::string_view kAlgorithms[] = {"RS256", "RS384", "RS512", "PS256", "PS384",
                                            "PS512", "ES256", "ES384", "ES512", "EdDSA"};

std::unexpected<JwtRefusal> refuse(const char* why) { return std::unexpected(JwtRefusal{.why = why}); }

// header, claims, signature; nothing if there are not three parts.
std::optional<std::array<std::string_view, 3>> parts_of(std::string_view token) {
  const std::size_t first = token.find('.');
  if (first == std::string_view::npos) return std::nullopt;
  const std::size_t second = token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) {
    return std::nullopt;
  }
  return std::array{token.substr(0, first), token.substr(first + 1, second - first - 1),
                    token.substr(second + 1)};
}

std::optional<json> object_in(std::string_view part) {
  const auto text = decode_base64url(part);
  if (!text) return std::nullopt;
  auto value = parse_json(*text, kTokenMax);
  return value && value->is_object() ? std::move(value) : std::nullopt;
}

bool is_type_of_token(const json& header) {
  const auto at = header.find("typ");
  if (at == header.end()) return true;
  if (!at->is_string()) return false;
  std::string type = at->get<std::string>();
  std::ranges::transform(type, type.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return type == "jwt" || type == "at+jwt" || type == "application/at+jwt";
}

std::expected<void, JwtRefusal> check_signature(const json& header, std::string_view token,
                                                std::string_view signature_part, const JwtKeys& keys) {
  const auto algorithm = text_of(header, "alg");
  const auto signature = decode_base64url(signature_part);
  if (!algorithm || !signature) return refuse("the token is ill-formed");
  if (header.contains("kid") && !header["kid"].is_string()) return refuse("the token is ill-formed");
  const auto id = text_of(header, "kid");
  const ByteView is_signed = as_bytes(token.substr(0, token.size() - signature_part.size() - 1));
  std::size_t tried = 0;
  bool fits = false;
  for (const JwtKey& key : keys.keys()) {
    if (id && !key.id.empty() && key.id != *id) continue;
    if (!key.takes(*algorithm)) continue;
    fits = true;
    if (key.verifies(*algorithm, is_signed, as_bytes(*signature))) return {};
    if (++tried == kKeysTried) break;
  }
  if (!fits) {
    const bool newer_might =
        std::ranges::find(kAlgorithms, *algorithm) != std::end(kAlgorithms) && !(id && keys.has(*id));
    return std::unexpected(
        JwtRefusal{.why = "no known key fits the token's key id and algorithm", .key_unknown = newer_might});
  }
  return refuse("the token's signature is not right");
}

// Seconds since 1970; nothing if there are none, wrong if it is no such number.
std::optional<Time> time_of(const json& claims, const char* name, bool& wrong) {
  const auto at = claims.find(name);
  if (at == claims.end()) return std::nullopt;
  const double value = at->is_number() ? at->get<double>() : -1;
  if (!(value >= 0 && value < kSecondsMax)) {
    wrong = true;
    return std::nullopt;
  }
  return Time(milliseconds(static_cast<std::int64_t>(std::floor(value)) * 1000));
}

bool is_for(const json& claims, const std::string& audience) {
  if (audience.empty()) return true;
  const auto at = claims.find("aud");
  if (at == claims.end()) return false;
  if (at->is_string()) return *at == audience;
  return at->is_array() && std::ranges::any_of(*at, [&](const json& one) { return one == audience; });
}

std::expected<Time, JwtRefusal> check_time(const json& claims, Duration leeway, Time wall) {
  bool wrong = false;
  const auto ends = time_of(claims, "exp", wrong);
  const auto begins = time_of(claims, "nbf", wrong);
  const auto made = time_of(claims, "iat", wrong);
  if (wrong) return refuse("a time in the token is no number of seconds");
  if (!ends) return refuse("the token has no end (exp)");
  if (*ends + leeway <= wall) return refuse("the token is out of date (exp)");
  if (begins && *begins - leeway > wall) return refuse("the token is not valid yet (nbf)");
  if (made && *made - leeway > wall) return refuse("the token was made in the future (iat)");
  return *ends;
}

// A list of texts, or one text of words between spaces, as "scope" has them.
std::optional<std::vector<std::string>> texts_in(const json& value) {
  std::vector<std::string> texts;
  if (value.is_string()) {
    const std::string text = value.get<std::string>();
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find(' ', at), text.size());
      if (end > at) texts.push_back(text.substr(at, end - at));
      at = end + 1;
    }
    return texts;
  }
  if (!value.is_array()) return std::nullopt;
  for (const json& one : value) {
    if (!one.is_string()) return std::nullopt;
    texts.push_back(one.get<std::string>());
  }
  return texts;
}

// What rules can name: texts, numbers and truths, also in lists and inner objects.
void collect(const json& value, const std::string& name, Identity& to) {
  if (to.claims.size() >= kClaimsMax) return;
  if (value.is_object()) {
    for (const auto& [inner, more] : value.items())
      collect(more, name.empty() ? inner : name + "." + inner, to);
  } else if (value.is_array()) {
    for (const json& one : value) {
      if (!one.is_structured()) collect(one, name, to);
    }
  } else if (!value.is_null()) {
    std::string text = value.is_string() ? value.get<std::string>() : value.dump();
    if (text.size() <= kClaimMax && name.size() <= kClaimMax) to.claims.emplace_back(name, std::move(text));
  }
}

std::expected<void, JwtRefusal> read_rules(const json& claims, const std::string& path, Identity& to) {
  to.ruled = true;  // Without the claim it may nothing that others do not allow it.
  const json* value = find_path(claims, path);
  if (value == nullptr) return {};
  if (!value->is_array() || value->size() > kRulesMax)
    return refuse("the token's rules are no list of texts");
  for (const json& one : *value) {
    const auto rule = one.is_string() ? parse_acl_rule(one.get<std::string>()) : failure("");
    if (!rule) return refuse("one of the token's rules is ill-formed");
    to.rules.push_back(*rule);
  }
  return {};
}

}  // namespace

bool looks_like_token(std::string_view text) {
  const auto parts = parts_of(text);
  // A JSON object begins with '{' and mostly a quotation mark: "eyJ".
  return parts && (*parts)[0].starts_with("ey") && (*parts)[1].starts_with("ey");
}

std::expected<Identity, JwtRefusal> check_token(std::string_view token, const JwtKeys& keys,
                                                const JwtPolicy& policy, std::string_view client_id,
                                                Time wall) {
  if (token.size() > kTokenMax) return refuse("the token is larger than 16 KiB");
  const auto parts = parts_of(token);
  if (!parts) return refuse("the token is ill-formed");
  const auto header = object_in((*parts)[0]);
  if (!header || !is_type_of_token(*header)) return refuse("the token is ill-formed");
  if (header->contains("crit")) return refuse("the token has extensions that we do not know");
  if (auto good = check_signature(*header, token, (*parts)[2], keys); !good) {
    return std::unexpected(good.error());
  }
  // Only now is it worth looking at what it says.
  const auto claims = object_in((*parts)[1]);
  if (!claims) return refuse("the token is ill-formed");
  const auto ends = check_time(*claims, seconds(policy.leeway_s), wall);
  if (!ends) return std::unexpected(ends.error());
  if (!policy.issuer.empty() && text_of(*claims, "iss") != policy.issuer) {
    return refuse("the token is from another issuer (iss)");
  }
  if (!is_for(*claims, policy.audience)) return refuse("the token is for somebody else (aud)");

  Identity identity{.ends = *ends};
  const json* user = find_path(*claims, policy.user_claim);
  if (user == nullptr || !user->is_string()) return refuse("the token does not name a user");
  identity.user = user->get<std::string>();
  if (identity.user.empty() || identity.user.size() > kUserMax)
    return refuse("the token does not name a user");
  if (!policy.client_id_claim.empty()) {
    const json* id = find_path(*claims, policy.client_id_claim);
    if (id == nullptr || *id != json(client_id)) return refuse("the token is for another client id");
  }
  if (const json* roles = policy.roles_claim.empty() ? nullptr : find_path(*claims, policy.roles_claim)) {
    auto texts = texts_in(*roles);
    if (!texts || texts->size() > kRolesMax) return refuse("the token's roles are no list of texts");
    identity.roles = std::move(*texts);
  }
  collect(*claims, "", identity);
  if (!policy.rules_claim.empty()) {
    if (auto good = read_rules(*claims, policy.rules_claim, identity); !good) {
      return std::unexpected(good.error());
    }
  }
  return identity;
}

}  // namespace gaon::auth
