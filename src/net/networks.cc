#include "net/networks.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace gaon::net {
namespace {

constexpr std::array<std::uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

bool same_bits(const std::array<std::uint8_t, 16>& a, const std::array<std::uint8_t, 16>& b, unsigned bits) {
  const unsigned whole = bits / 8;
  if (!std::equal(a.begin(), a.begin() + whole, b.begin())) return false;
  const unsigned rest = bits % 8;
  return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

}  // namespace

Peer plain(const Peer& peer) {
  if (peer.family != Peer::Family::ipv6) return peer;
  if (!std::equal(kMapped.begin(), kMapped.end(), peer.address.begin())) return peer;
  Peer ipv4{.family = Peer::Family::ipv4, .port = peer.port};
  std::copy(peer.address.begin() + 12, peer.address.end(), ipv4.address.begin());
  return ipv4;
}

bool Networks::parse_one(std::string_view text, Network& network) {
  const std::size_t slash = std::min(text.find('/'), text.size());
  const std::string address(text.substr(0, slash));
  network = {};
  unsigned most = 32;
  if (inet_pton(AF_INET, address.c_str(), network.address.data()) == 1) {
    network.family = Peer::Family::ipv4;
  } else if (inet_pton(AF_INET6, address.c_str(), network.address.data()) == 1) {
    network.family = Peer::Family::ipv6;
    most = 128;
  } else {
    return false;
  }
  network.bits = static_cast<std::uint8_t>(most);
  if (slash == text.size()) return true;
  const std::string_view bits = text.substr(slash + 1);
  const auto [end, error] = std::from_chars(bits.data(), bits.data() + bits.size(), network.bits);
  return error == std::errc{} && end == bits.data() + bits.size() && network.bits <= most;
}

Result<Networks> Networks::parse(std::string_view text) {
  Networks list;
  while (!trimmed(text).empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string_view one = trimmed(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
    Network network{};
    if (!parse_one(one, network)) {
      return failure("\"" + std::string(one) + "\" is neither an address nor a network like 10.0.0.0/8");
    }
    if (list.networks_.size() == kMost) return failure("there are more than 256 networks");
    list.networks_.push_back(network);
  }
  return list;
}

bool Networks::contain(const Peer& peer) const {
  const Peer who = plain(peer);
  return std::ranges::any_of(networks_, [&who](const Network& network) {
    return network.family == who.family && same_bits(network.address, who.address, network.bits);
  });
}

}  // namespace gaon::net
