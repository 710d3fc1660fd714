#include "auth/jwt.h"

#include <gtest/gtest.h>

#include <map>

#include "auth/json.h"
#include "auth/jwt_fixture_test.h"
#include "auth/key_server_fixture_test.h"

namespace gaon::auth {
namespace {

constexpr Time kNow{seconds(1'700'000'000)};
const std::string kGood = R"({"sub":"ada","exp":1700000100})";

const TestKey& key_of(const std::string& kind) {
  static std::map<std::string, TestKey> keys;
  return keys.try_emplace(kind, kind).first->second;
}

JwtKeys keys(std::string_view text) {
  auto read = JwtKeys::read(text);
  EXPECT_TRUE(read) << read.error().what;
  return std::move(*read);
}

// The user, or why not.
std::string check(std::string_view token, const JwtKeys& known, const JwtPolicy& policy = {},
                  std::string_view client_id = "c") {
  const auto identity = check_token(token, known, policy, client_id, kNow);
  return identity ? identity->user : identity.error().why;
}

struct Algorithm {
  std::string key;
  std::string name;
};
const Algorithm kAlgorithms[] = {{"RSA", "RS256"},     {"RSA", "RS384"},   {"RSA", "RS512"},
                                 {"RSA", "PS256"},     {"RSA", "PS384"},   {"RSA", "PS512"},
                                 {"P-256", "ES256"},   {"P-384", "ES384"}, {"P-521", "ES512"},
                                 {"ED25519", "EdDSA"}, {"ED448", "EdDSA"}};

TEST(Jwt, each_algorithm_is_verified_with_a_key_of_its_family) {
  for (const auto& [kind, algorithm] : kAlgorithms) {
    const std::string token = key_of(kind).token(algorithm, kGood);
    EXPECT_TRUE(looks_like_token(token));
    EXPECT_EQ(check(token, keys(key_of(kind).pem())), "ada") << algorithm;
    // Another signature, or other claims under the same.
    EXPECT_EQ(check(TestKey(kind).token(algorithm, kGood), keys(key_of(kind).pem())),
              "the token's signature is not right")
        << algorithm;
    const std::size_t first = token.find('.');
    const std::size_t second = token.rfind('.');
    std::string signature = *decode_base64url(token.substr(second + 1));
    for (const std::size_t at : {std::size_t{0}, signature.size() / 2, signature.size() - 1}) {
      std::string damaged = signature;
      damaged[at] = static_cast<char>(damaged[at] ^ 1);
      for (const std::string& one :
           {damaged, signature.substr(0, at), signature + '\0', std::string(signature.size(), '\0')}) {
        EXPECT_EQ(check(token.substr(0, second + 1) + base64url(one), keys(key_of(kind).pem())),
                  "the token's signature is not right")
            << algorithm << ", byte " << at;
      }
    }
    const std::string other =
        token.substr(0, first + 1) + base64url(R"({"sub":"eve","exp":1700000100})") + token.substr(second);
    EXPECT_EQ(check(other, keys(key_of(kind).pem())), "the token's signature is not right") << algorithm;
  }
}

TEST(Jwt, an_algorithm_does_not_choose_what_a_key_is_taken_for) {
  const JwtKeys rsa = keys(key_of("RSA").pem());
  const std::string unknown = "no known key fits the token's key id and algorithm";
  const std::string claims = base64url(kGood);
  for (const char* header : {R"({"alg":"none"})", R"({"alg":"HS256"})", R"({"alg":"ES256"})",
                             R"({"alg":"RS1"})", R"({"alg":"rs256"})", R"({"alg":""})"}) {
    EXPECT_EQ(check(base64url(header) + "." + claims + ".AAAA", rsa), unknown) << header;
    EXPECT_EQ(check(base64url(header) + "." + claims + ".", rsa), unknown) << header;
  }
  // A key for one algorithm only.
  const std::string x = base64url("0123456789abcdef0123456789abcdef");
  const auto ed = JwtKeys::read(R"({"kty":"OKP","crv":"Ed25519","alg":"ES256","x":")" + x + "\"}");
  ASSERT_TRUE(ed);
  EXPECT_EQ(check(key_of("ED25519").token("EdDSA", kGood), *ed), unknown);
}

TEST(Jwt, a_public_key_is_no_shared_secret) {
  const std::string unknown = "no known key fits the token's key id and algorithm";
  for (const auto& [kind, algorithm] : kAlgorithms) {
    const std::string pem = key_of(kind).pem();
    const std::string front = base64url(R"({"alg":"HS256"})") + "." + base64url(kGood);
    const std::string token = front + "." + base64url(as_text(hmac_sha256(as_bytes(pem), front)));
    EXPECT_EQ(check(token, keys(pem)), unknown) << algorithm;
  }
}

TEST(Jwt, one_padding_of_rsa_is_not_taken_for_the_other) {
  const JwtKeys rsa = keys(key_of("RSA").pem());
  for (const auto& [is, says] : {std::pair("RS256", "PS256"), std::pair("PS384", "RS384")}) {
    const std::string front = base64url("{\"alg\":\"" + std::string(says) + "\"}") + "." + base64url(kGood);
    EXPECT_EQ(check(front + "." + base64url(key_of("RSA").sign(is, front)), rsa),
              "the token's signature is not right")
        << says;
  }
}

TEST(Jwt, newer_keys_might_do_for_an_id_that_is_not_known_and_an_algorithm_that_is) {
  const TestKey& key = key_of("ED25519");
  const JwtKeys known = keys(KeyServer::jwks(key, "1"));
  const struct {
    const char* header;
    bool unknown;
  } rows[] = {{R"({"alg":"EdDSA","kid":"2"})", true},
              {R"({"alg":"RS256","kid":"2"})", true},
              {R"({"alg":"RS256"})", true},
              {R"({"alg":"RS256","kid":"1"})", false},
              {R"({"alg":"none","kid":"2"})", false},
              {R"({"alg":"HS256","kid":"2"})", false},
              {R"({"alg":"EdDSA","kid":"1"})", false},
              {R"({"alg":"EdDSA"})", false}};
  for (const auto& [header, unknown] : rows) {
    const auto checked =
        check_token(base64url(header) + "." + base64url(kGood) + ".AAAA", known, {}, "c", kNow);
    ASSERT_FALSE(checked) << header;
    EXPECT_EQ(checked.error().key_unknown, unknown) << header;
  }
}

TEST(Jwt, what_is_ill_formed_is_refused) {
  const TestKey& key = key_of("ED25519");
  const JwtKeys known = keys(key.pem());
  const std::string good = key.token("EdDSA", kGood);
  const std::string ill = "the token is ill-formed";
  for (const std::string& token :
       {std::string(), std::string("a.b"), good + ".x", good + "=", good + " ", "." + good,
        good.substr(0, good.rfind('.')), base64url("[]") + good.substr(good.find('.')),
        base64url(R"({"alg":"EdDSA","alg":"none"})") + good.substr(good.find('.')),
        base64url(R"({"alg":7})") + good.substr(good.find('.'))}) {
    EXPECT_EQ(check(token, known), ill) << token;
  }
  for (const char* claims : {"7", "[]", "{", R"({"sub":"ada","sub":"eve","exp":1700000100})",
                             R"({"exp":1700000100,"a":[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]})"}) {
    EXPECT_EQ(check(key.token("EdDSA", claims), known), ill) << claims;
  }
  EXPECT_EQ(check(key.token("EdDSA", kGood, R"(,"crit":["b64"])"), known),
            "the token has extensions that we do not know");
  EXPECT_EQ(check(key.token("EdDSA", kGood, R"(,"typ":"logout+jwt")"), known), ill);
  EXPECT_EQ(check(key.token("EdDSA", kGood, R"(,"typ":"at+JWT")"), known), "ada");
  EXPECT_EQ(check(std::string(kTokenMax + 1, 'e'), known), "the token is larger than 16 KiB");
}

TEST(Jwt, times_issuer_and_audience_are_looked_at) {
  const TestKey& key = key_of("ED25519");
  const JwtKeys known = keys(key.pem());
  const JwtPolicy policy{.issuer = "https://id", .audience = "mqtt", .leeway_s = 10};
  const struct {
    std::string claims;
    std::string what;
  } cases[] = {
      {R"("exp":1700000001,"iss":"https://id","aud":"mqtt")", "ada"},
      {R"("exp":1699999995.5,"iss":"https://id","aud":["x","mqtt"],"nbf":1700000009,"iat":1700000010)",
       "ada"},
      {R"("iss":"https://id","aud":"mqtt")", "the token has no end (exp)"},
      {R"("exp":1699999990,"iss":"https://id","aud":"mqtt")", "the token is out of date (exp)"},
      {R"("exp":"1700000001","iss":"https://id","aud":"mqtt")",
       "a time in the token is no number of seconds"},
      {R"("exp":1e300,"iss":"https://id","aud":"mqtt")", "a time in the token is no number of seconds"},
      {R"("exp":-1,"iss":"https://id","aud":"mqtt")", "a time in the token is no number of seconds"},
      {R"("exp":1700000001,"nbf":1700000011,"iss":"https://id","aud":"mqtt")",
       "the token is not valid yet (nbf)"},
      {R"("exp":1700000001,"iat":1700000011,"iss":"https://id","aud":"mqtt")",
       "the token was made in the future (iat)"},
      {R"("exp":1700000001,"iss":"https://id/","aud":"mqtt")", "the token is from another issuer (iss)"},
      {R"("exp":1700000001,"aud":"mqtt")", "the token is from another issuer (iss)"},
      {R"("exp":1700000001,"iss":"https://id","aud":["x"]})", "the token is ill-formed"},
      {R"("exp":1700000001,"iss":"https://id","aud":["x"])", "the token is for somebody else (aud)"},
      {R"("exp":1700000001,"iss":"https://id")", "the token is for somebody else (aud)"},
  };
  for (const auto& [claims, what] : cases) {
    EXPECT_EQ(check(key.token("EdDSA", R"({"sub":"ada",)" + claims + "}"), known, policy), what) << claims;
  }
}

TEST(Jwt, claims_say_who_it_is_and_what_it_may) {
  const TestKey& key = key_of("ED25519");
  const JwtKeys known = keys(key.pem());
  const std::string token = key.token(
      "EdDSA",
      R"({"sub":"1-2-3","preferred_username":"ada","azp":"c1","exp":1700000100,"site":"seoul","level":7,)"
      R"("groups":["a","b"],"realm_access":{"roles":["operator","viewer"]},"scope":"read write",)"
      R"("mqtt":["allow publish line2/%u/#","deny all #"]})");
  const JwtPolicy policy{.user_claim = "preferred_username",
                         .roles_claim = "realm_access.roles",
                         .client_id_claim = "azp",
                         .rules_claim = "mqtt"};
  const auto identity = check_token(token, known, policy, "c1", kNow);
  ASSERT_TRUE(identity) << identity.error().why;
  EXPECT_EQ(identity->user, "ada");
  EXPECT_EQ(identity->roles, (std::vector<std::string>{"operator", "viewer"}));
  EXPECT_EQ(identity->ends, Time(seconds(1'700'000'100)));
  EXPECT_TRUE(identity->ruled);
  EXPECT_EQ(identity->rules.size(), 2U);
  const auto has = [&](const char* name, const char* value) {
    return std::ranges::count(identity->claims, std::pair<std::string, std::string>(name, value)) == 1;
  };
  EXPECT_TRUE(has("site", "seoul") && has("level", "7") && has("groups", "a") && has("groups", "b"));
  EXPECT_TRUE(has("realm_access.roles", "viewer"));
  EXPECT_EQ(check(token, known, policy, "c2"), "the token is for another client id");
  EXPECT_EQ(check_token(token, known, {.roles_claim = "scope"}, "c", kNow)->roles,
            (std::vector<std::string>{"read", "write"}));
  EXPECT_EQ(check(token, known, {.user_claim = "name"}), "the token does not name a user");
  EXPECT_EQ(check(token, known, {.roles_claim = "level"}), "the token's roles are no list of texts");
  EXPECT_EQ(check(token, known, {.rules_claim = "groups"}), "one of the token's rules is ill-formed");
  EXPECT_EQ(check(token, known, {.rules_claim = "site"}), "the token's rules are no list of texts");
}

TEST(JwtKeys, a_set_is_read_and_what_is_not_for_signatures_is_passed_over) {
  // RFC 7517, appendix A.1 (the second key is for encryption there), and RFC 8037, appendix A.2.
  const JwtKeys known = keys(R"({"keys":[
    {"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
     "y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","use":"enc","kid":"1"},
    {"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
     "e":"AQAB","alg":"RS256","kid":"2011-04-29"},
    {"kty":"OKP","crv":"Ed25519","kid":"ed","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
    {"kty":"oct","k":"AAAA","kid":"secret"}, 7]})");
  ASSERT_EQ(known.keys().size(), 2U);
  EXPECT_TRUE(known.has("2011-04-29"));
  EXPECT_TRUE(known.has("ed"));
  // RFC 8037, appendix A.4.
  EXPECT_TRUE(known.keys()[1].verifies(
      "EdDSA", as_bytes("eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"),
      as_bytes(
          *decode_base64url("hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_"
                            "MuM0KAg"))));
}

TEST(JwtKeys, what_is_no_public_key_is_refused) {
  const std::string none = "there is no public key for tokens in it, neither PEM nor JWK";
  const struct {
    std::string text;
    std::string what;
  } cases[] = {
      {"", none},
      {"hello", none},
      {"{}", none},
      {R"({"keys":[]})", none},
      {R"({"keys":7})", "\"keys\" is no list"},
      {R"({"keys":[}")", "this is no JSON object, or not a strict one"},
      {R"({"kty":"EC","crv":"P-256","x":"AAAA","y":"AAAA"})", none},
      {R"({"kty":"RSA","n":"AQAB","e":"AQAB"})", none},
      {"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
       "there is a private key; tokens are checked with public ones"},
  };
  for (const auto& [text, what] : cases) {
    const auto read = JwtKeys::read(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().what, what);
  }
}

}  // namespace
}  // namespace gaon::auth
