// SCRAM-SHA-256 (RFC 5802, RFC 7677), both sides, as a method of MQTT 5: the client
// shows that it knows the password and the server that it knows what was made of it, and
// neither says so. The server keeps no password and nothing that would do as one.
//
//   CONNECT  client first  →   AUTH 0x18  server first
//   AUTH 0x18 client final →   CONNACK    server final
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "auth/crypto.h"
#include "auth/exchange.h"

namespace gaon::auth {

inline constexpr std::string_view kScramSha256 = "SCRAM-SHA-256";

// What a server keeps of a password.
struct ScramKey {
  std::string salt;
  std::uint32_t iterations = 0;
  Digest stored_key{};
  Digest server_key{};
};

ScramKey make_scram_key(std::string_view password, std::string salt, std::uint32_t iterations);

// The key of a user; of one that there is not, one that fits no password but looks like
// the others and is always the same, with known = false.
struct FoundScramKey {
  ScramKey key;
  bool known = false;
};
using FindScramKey = std::function<FoundScramKey(std::string_view user)>;

// A nonce of 144 random bits, for either side.
std::string make_nonce();

class ScramServer final : public Exchange {
 public:
  // find is called once, by next(). Users other than only are refused, as if their
  // password were wrong.
  ScramServer(FindScramKey find, std::optional<std::string> only, std::string nonce = make_nonce());
  Reply next(ByteView data) override;

 private:
  Reply begin(std::string_view message);
  Reply finish(std::string_view message) const;

  FindScramKey find_;
  std::optional<std::string> only_;
  std::string nonce_;  // ours; from the first message on the client's with ours
  std::string gs2_header_;
  std::string user_;
  std::string messages_;  // for the signatures: client first bare, server first
  ScramKey key_;
  bool acceptable_ = false;
  bool begun_ = false;
};

class ScramClient final : public Exchange {
 public:
  ScramClient(std::string user, std::string password, std::string nonce = make_nonce());
  Reply next(ByteView data) override;

 private:
  enum class Step : std::uint8_t { first, proof, check };

  Reply prove(std::string_view message);

  std::string user_;
  std::string password_;
  std::string nonce_;
  std::string messages_;
  Digest signature_{};  // that the server has to give
  Step step_ = Step::first;
};

}  // namespace gaon::auth
