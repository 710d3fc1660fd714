// RFC 5802, section 3:
//   SaltedPassword  = stretch(password, salt, i)
//   ClientKey       = HMAC(SaltedPassword, "Client Key")     StoredKey = H(ClientKey)
//   ServerKey       = HMAC(SaltedPassword, "Server Key")
//   AuthMessage     = client-first-bare "," server-first "," client-final-without-proof
//   ClientProof     = ClientKey XOR HMAC(StoredKey, AuthMessage)
//   ServerSignature = HMAC(ServerKey, AuthMessage)
#include "auth/scram.h"

#include <utility>

#include "auth/scram_message.h"

namespace gaon::auth {
namespace {

constexpr std::string_view kGs2Header = "n,,";
constexpr std::size_t kNonceBytes = 18;

Digest exclusive_or(Digest a, const Digest& b) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i] = static_cast<std::uint8_t>(a[i] ^ b[i]);
  return a;
}

Reply refused(Verdict verdict, const char* why) {
  Reply reply(verdict);
  reply.why = why;
  return reply;
}

std::string server_final(const Digest& signature) { return "v=" + encode_base64(signature); }

}  // namespace

ScramKey make_scram_key(std::string_view password, std::string salt, std::uint32_t iterations) {
  const Digest salted = stretch(password, salt, iterations);
  return {.salt = std::move(salt),
          .iterations = iterations,
          .stored_key = sha256(hmac_sha256(salted, "Client Key")),
          .server_key = hmac_sha256(salted, "Server Key")};
}

std::string make_nonce() { return encode_base64(as_bytes(random_bytes(kNonceBytes))); }

// --- the server's side

ScramServer::ScramServer(FindScramKey find, std::optional<std::string> only, std::string nonce)
    : find_(std::move(find)), only_(std::move(only)), nonce_(std::move(nonce)) {}

Reply ScramServer::next(ByteView data) {
  return std::exchange(begun_, true) ? finish(as_text(data)) : begin(as_text(data));
}

Reply ScramServer::begin(std::string_view message) {
  auto first = parse_client_first(message);
  if (!first) return refused(Verdict::not_authorized, "ill-formed first message of SCRAM");
  FoundScramKey found = find_(first->user);
  key_ = std::move(found.key);
  acceptable_ = found.known && (!only_ || *only_ == first->user);
  user_ = std::move(first->user);
  gs2_header_ = first->gs2_header;
  nonce_ = std::string(first->nonce) + nonce_;
  std::string reply = server_first(nonce_, key_.salt, key_.iterations);
  messages_ = std::string(first->bare) + "," + reply;
  return {Verdict::continue_authentication, std::move(reply)};
}

Reply ScramServer::finish(std::string_view message) const {
  const auto last = parse_client_final(message);
  if (!last || last->channel_binding != gs2_header_ || last->nonce != nonce_) {
    return refused(Verdict::not_authorized, "ill-formed final message of SCRAM");
  }
  const std::string all = messages_ + "," + std::string(last->without_proof);
  const Digest client_key = exclusive_or(last->proof, hmac_sha256(key_.stored_key, all));
  // As much is done for a user that there is not.
  const bool proven = equal(sha256(client_key), key_.stored_key);
  if (!proven || !acceptable_) {
    return refused(Verdict::bad_user_name_or_password, "wrong proof of the password");
  }
  Reply reply(Verdict::granted, server_final(hmac_sha256(key_.server_key, all)));
  reply.identity.user = user_;
  return reply;
}

// --- the client's side

ScramClient::ScramClient(std::string user, std::string password, std::string nonce)
    : user_(std::move(user)), password_(std::move(password)), nonce_(std::move(nonce)) {}

Reply ScramClient::next(ByteView data) {
  switch (step_) {
    case Step::first:
      step_ = Step::proof;
      messages_ = client_first_bare(user_, nonce_);
      return {Verdict::continue_authentication, std::string(kGs2Header) + messages_};
    case Step::proof:
      step_ = Step::check;
      return prove(as_text(data));
    case Step::check:
      break;
  }
  const auto signature = parse_server_final(as_text(data));
  if (signature && equal(*signature, signature_)) return Verdict::granted;
  return refused(Verdict::not_authorized, "the broker does not know the password itself");
}

Reply ScramClient::prove(std::string_view message) {
  const auto first = parse_server_first(message);
  if (!first || !first->nonce.starts_with(nonce_) || first->nonce.size() == nonce_.size()) {
    return refused(Verdict::not_authorized, "the broker's first message of SCRAM is ill-formed");
  }
  const Digest salted = stretch(password_, first->salt, first->iterations);
  const Digest client_key = hmac_sha256(salted, "Client Key");
  const std::string without_proof = client_final_without_proof(kGs2Header, first->nonce);
  const std::string all = messages_ + "," + std::string(message) + "," + without_proof;
  const Digest proof = exclusive_or(client_key, hmac_sha256(sha256(client_key), all));
  signature_ = hmac_sha256(hmac_sha256(salted, "Server Key"), all);
  return {Verdict::continue_authentication, without_proof + ",p=" + encode_base64(proof)};
}

}  // namespace gaon::auth
