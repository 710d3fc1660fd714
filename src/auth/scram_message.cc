#include "auth/scram_message.h"

#include <algorithm>
#include <charconv>

namespace gaon::auth {
namespace {

// Takes attributes "a=value" off the front of a message.
class Attributes {
 public:
  explicit Attributes(std::string_view message) : rest_(message) {}

  // The value of the next attribute, which must be this one and not empty.
  std::optional<std::string_view> take(char name) {
    if (done_ || rest_.size() < 3 || rest_[0] != name || rest_[1] != '=') return std::nullopt;
    const std::size_t comma = std::min(rest_.find(','), rest_.size());
    const std::string_view value = rest_.substr(2, comma - 2);
    done_ = comma == rest_.size();
    rest_.remove_prefix(std::min(comma + 1, rest_.size()));
    if (value.empty()) return std::nullopt;
    return value;
  }

  // What is left are extensions that need not be understood: letters with any value.
  bool skip_extensions() {
    while (!done_) {
      const char name = rest_.empty() ? '\0' : rest_[0];
      const bool letter = (name >= 'a' && name <= 'z') || (name >= 'A' && name <= 'Z');
      if (!letter || name == 'm' || !take(name)) return false;
    }
    return true;
  }

 private:
  std::string_view rest_;
  bool done_ = false;
};

bool printable(std::string_view nonce) {
  return std::ranges::all_of(nonce, [](char c) { return c > ' ' && c <= '~' && c != ','; });
}

// A name with =2C for a comma and =3D for an equals sign.
std::optional<std::string> unescape(std::string_view text) {
  std::string name;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\0') return std::nullopt;
    if (text[i] != '=') {
      name += text[i];
      continue;
    }
    const std::string_view code = text.substr(i, 3);
    if (code != "=2C" && code != "=3D") return std::nullopt;
    name += code == "=2C" ? ',' : '=';
    i += 2;
  }
  return name;
}

std::string escape(std::string_view name) {
  std::string text;
  for (const char c : name) {
    if (c == ',') {
      text += "=2C";
    } else if (c == '=') {
      text += "=3D";
    } else {
      text += c;
    }
  }
  return text;
}

}  // namespace

std::optional<std::uint32_t> parse_iterations(std::string_view text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || text.starts_with('0')) return std::nullopt;
  if (number < kIterationsMin || number > kIterationsMax) return std::nullopt;
  return number;
}

std::optional<Digest> parse_digest(std::string_view base64) {
  const auto bytes = decode_base64(base64);
  Digest digest;
  if (!bytes || bytes->size() != digest.size()) return std::nullopt;
  std::ranges::copy(as_bytes(*bytes), digest.begin());
  return digest;
}

std::optional<ClientFirst> parse_client_first(std::string_view message) {
  if (message.size() > kScramMessageMax) return std::nullopt;
  // n: without channel binding; y: the client knows of it and believes that we do not.
  if (!message.starts_with("n,,") && !message.starts_with("y,,")) return std::nullopt;
  ClientFirst first{.gs2_header = message.substr(0, 3), .bare = message.substr(3), .user = {}, .nonce = {}};
  Attributes attributes(first.bare);
  const auto name = attributes.take('n');
  const auto nonce = attributes.take('r');
  if (!name || !nonce || !printable(*nonce) || !attributes.skip_extensions()) return std::nullopt;
  auto user = unescape(*name);
  if (!user) return std::nullopt;
  first.user = std::move(*user);
  first.nonce = *nonce;
  return first;
}

std::optional<ServerFirst> parse_server_first(std::string_view message) {
  if (message.size() > kScramMessageMax) return std::nullopt;
  Attributes attributes(message);
  const auto nonce = attributes.take('r');
  const auto salt_text = attributes.take('s');
  const auto number = attributes.take('i');
  if (!nonce || !printable(*nonce) || !salt_text || !number || !attributes.skip_extensions()) {
    return std::nullopt;
  }
  auto salt = decode_base64(*salt_text);
  const auto iterations = parse_iterations(*number);
  if (!salt || !iterations) return std::nullopt;
  return ServerFirst{.nonce = *nonce, .salt = std::move(*salt), .iterations = *iterations};
}

std::optional<ClientFinal> parse_client_final(std::string_view message) {
  if (message.size() > kScramMessageMax) return std::nullopt;
  // The proof is the last attribute, and no value has a comma.
  const std::size_t comma = message.rfind(',');
  if (comma == std::string_view::npos) return std::nullopt;
  Attributes last(message.substr(comma + 1));
  const auto proof_text = last.take('p');
  Attributes attributes(message.substr(0, comma));
  const auto binding_text = attributes.take('c');
  const auto nonce = attributes.take('r');
  if (!proof_text || !binding_text || !nonce || !printable(*nonce) || !attributes.skip_extensions()) {
    return std::nullopt;
  }
  auto binding = decode_base64(*binding_text);
  const auto proof = parse_digest(*proof_text);
  if (!binding || !proof) return std::nullopt;
  return ClientFinal{.without_proof = message.substr(0, comma),
                     .channel_binding = std::move(*binding),
                     .nonce = *nonce,
                     .proof = *proof};
}

std::optional<Digest> parse_server_final(std::string_view message) {
  if (message.size() > kScramMessageMax) return std::nullopt;
  Attributes attributes(message);
  const auto signature = attributes.take('v');
  if (!signature || !attributes.skip_extensions()) return std::nullopt;
  return parse_digest(*signature);
}

std::string client_first_bare(std::string_view user, std::string_view nonce) {
  return "n=" + escape(user) + ",r=" + std::string(nonce);
}

std::string server_first(std::string_view nonce, std::string_view salt, std::uint32_t iterations) {
  return "r=" + std::string(nonce) + ",s=" + encode_base64(as_bytes(salt)) +
         ",i=" + std::to_string(iterations);
}

std::string client_final_without_proof(std::string_view gs2_header, std::string_view nonce) {
  return "c=" + encode_base64(as_bytes(gs2_header)) + ",r=" + std::string(nonce);
}

}  // namespace gaon::auth
