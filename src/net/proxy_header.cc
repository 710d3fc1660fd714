#include "net/proxy_header.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace gaon::net {
namespace {

using Status = ProxyHeader::Status;

constexpr std::string_view kText = "PROXY ";
constexpr std::size_t kTextMax = 107;
constexpr std::string_view kSignature("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr std::size_t kFixed = 16;

enum Tlv : std::uint8_t {
  authority = 0x02,
  ssl = 0x20,
  ssl_version = 0x21,
  ssl_cn = 0x22,
  ssl_cipher = 0x23
};
enum SslFlag : std::uint8_t { has_tls = 1, has_certificate = 2 | 4 };  // of this connection or its session

ProxyHeader malformed(std::string_view why) { return {.status = Status::malformed, .why = why}; }

// Whether bytes may become something that begins so.
bool begins(ByteView bytes, std::string_view start) {
  const std::size_t size = std::min(bytes.size(), start.size());
  return as_text(bytes.first(size)) == start.substr(0, size);
}

std::string_view take_word(std::string_view& text) {
  const std::size_t end = std::min(text.find(' '), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return word;
}

bool read_port(std::string_view text, std::uint16_t& port) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return !text.empty() && error == std::errc{} && end == text.data() + text.size();
}

ProxyHeader read_text(ByteView bytes) {
  const std::string_view all = as_text(bytes.first(std::min(bytes.size(), kTextMax)));
  const std::size_t end = all.find("\r\n");
  if (end == std::string_view::npos) {
    return all.size() == kTextMax ? malformed("its line has no end") : ProxyHeader{};
  }
  ProxyHeader header{.status = Status::complete, .size = end + 2};
  std::string_view line = all.substr(kText.size(), end - kText.size());
  const std::string_view family = take_word(line);
  if (family == "UNKNOWN") return header;
  if (family != "TCP4" && family != "TCP6") return malformed("its family is neither TCP4, TCP6 nor UNKNOWN");
  const bool ipv6 = family == "TCP6";
  Peer peer{.family = ipv6 ? Peer::Family::ipv6 : Peer::Family::ipv4};
  std::array<std::uint8_t, 16> destination{};
  const int kind = ipv6 ? AF_INET6 : AF_INET;
  const std::string from(take_word(line));
  const std::string to(take_word(line));
  if (inet_pton(kind, from.c_str(), peer.address.data()) != 1 ||
      inet_pton(kind, to.c_str(), destination.data()) != 1) {
    return malformed("its addresses are ill-formed");
  }
  std::uint16_t ignored = 0;
  if (!read_port(take_word(line), peer.port) || !read_port(line, ignored)) {
    return malformed("its ports are ill-formed");
  }
  header.facts.address = peer;
  return header;
}

struct Field {
  std::uint8_t type;
  ByteView value;
};

// The next one; nothing if it goes beyond bytes.
std::optional<Field> take_field(ByteView& bytes) {
  if (bytes.size() < 3) return std::nullopt;
  const std::size_t size = load_u16(bytes.data() + 1);
  if (bytes.size() - 3 < size) return std::nullopt;
  const Field field{bytes[0], bytes.subspan(3, size)};
  bytes = bytes.subspan(3 + size);
  return field;
}

// A name in a certificate may have a zero byte, which others might read as its end.
std::string name_of(ByteView bytes) {
  const std::string_view text = as_text(bytes);
  return text.find('\0') == std::string_view::npos ? std::string(text) : std::string{};
}

bool read_tls(ByteView bytes, PeerFacts& facts) {
  if (bytes.size() < 5) return false;
  const std::uint8_t flags = bytes[0];
  const bool verified = load_u32(bytes.data() + 1) == 0 && (flags & has_certificate) != 0;
  bytes = bytes.subspan(5);
  TlsPeer tls;
  PeerCertificate certificate;
  while (!bytes.empty()) {
    const auto field = take_field(bytes);
    if (!field) return false;
    if (field->type == ssl_version) tls.protocol = as_text(field->value);
    if (field->type == ssl_cipher) tls.cipher = as_text(field->value);
    if (field->type == ssl_cn) certificate.common_name = name_of(field->value);
  }
  if (verified) tls.certificate = std::move(certificate);
  if ((flags & has_tls) != 0) facts.tls = std::move(tls);
  return true;
}

bool read_fields(ByteView bytes, PeerFacts& facts) {
  std::string server_name;
  while (!bytes.empty()) {
    const auto field = take_field(bytes);
    if (!field) return false;
    if (field->type == authority) server_name = name_of(field->value);
    if (field->type == ssl && !read_tls(field->value, facts)) return false;
  }
  if (facts.tls) facts.tls->server_name = std::move(server_name);
  return true;
}

// By the family's number: which addresses, and how many bytes of them in all.
struct Family {
  std::uint8_t number;
  Peer::Family family;
  std::size_t address_size;
  std::size_t size;
};
constexpr Family kFamilies[] = {
    {0x11, Peer::Family::ipv4, 4, 12},
    {0x21, Peer::Family::ipv6, 16, 36},
    {0x31, Peer::Family::local, 0, 216},
};

ProxyHeader read_binary(ByteView bytes) {
  if (bytes.size() < kFixed) return {};
  if ((bytes[12] & 0xF0) != 0x20 || (bytes[12] & 0x0F) > 1) return malformed("it is neither version 1 nor 2");
  const std::size_t size = kFixed + load_u16(bytes.data() + 14);
  if (size > ProxyHeader::kSizeMax) return malformed("it is larger than 4 KiB");
  if (bytes.size() < size) return {};
  ProxyHeader header{.status = Status::complete, .size = size};
  const bool local = (bytes[12] & 0x0F) == 0;
  const auto* family = std::ranges::find(kFamilies, bytes[13], &Family::number);
  if (local || family == std::end(kFamilies)) return header;
  ByteView body = bytes.subspan(kFixed, size - kFixed);
  if (body.size() < family->size) return malformed("it is too short for its addresses");
  Peer peer{.family = family->family};
  std::ranges::copy(body.first(family->address_size), peer.address.begin());
  if (family->address_size > 0) peer.port = load_u16(body.data() + 2 * family->address_size);
  header.facts.address = peer;
  if (!read_fields(body.subspan(family->size), header.facts)) return malformed("its fields are ill-formed");
  return header;
}

}  // namespace

ProxyHeader read_proxy_header(ByteView bytes) {
  if (begins(bytes, kSignature)) return read_binary(bytes);
  if (begins(bytes, kText)) return bytes.size() < kText.size() ? ProxyHeader{} : read_text(bytes);
  return malformed("there is none");
}

}  // namespace gaon::net
