// The four messages of SCRAM (RFC 5802, section 7), strictly: no channel binding, nobody
// acting for somebody else, no extensions that must be understood. Parsers never look
// beyond kScramMessageMax bytes; names are taken as bytes (no SASLprep).
//
//   client first   n,,n=user,r=client-nonce            gs2 header | bare
//   server first   r=client-nonce+more,s=salt,i=4096
//   client final   c=biws,r=nonce,p=proof
//   server final   v=signature
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "auth/crypto.h"

namespace gaon::auth {

inline constexpr std::size_t kScramMessageMax = 4096;
// Fewer are too quick to guess (RFC 7677), more cost who checks a password too much.
inline constexpr std::uint32_t kIterationsMin = 4096;
inline constexpr std::uint32_t kIterationsMax = 1'000'000;

// Views on the message that was parsed. The parsers give nothing for what is ill-formed.
struct ClientFirst {
  std::string_view gs2_header;
  std::string_view bare;
  std::string user;
  std::string_view nonce;
};
std::optional<ClientFirst> parse_client_first(std::string_view message);

struct ServerFirst {
  std::string_view nonce;
  std::string salt;
  std::uint32_t iterations;
};
std::optional<ServerFirst> parse_server_first(std::string_view message);

struct ClientFinal {
  std::string_view without_proof;
  std::string channel_binding;  // the gs2 header again
  std::string_view nonce;
  Digest proof;
};
std::optional<ClientFinal> parse_client_final(std::string_view message);

// The server's signature.
std::optional<Digest> parse_server_final(std::string_view message);

// "n=user,r=nonce".
std::string client_first_bare(std::string_view user, std::string_view nonce);
std::string server_first(std::string_view nonce, std::string_view salt, std::uint32_t iterations);
std::string client_final_without_proof(std::string_view gs2_header, std::string_view nonce);

// A number as SCRAM writes it: no sign, no zero in front, no more than kIterationsMax.
std::optional<std::uint32_t> parse_iterations(std::string_view text);
std::optional<Digest> parse_digest(std::string_view base64);

}  // namespace gaon::auth
