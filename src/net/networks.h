// A list of networks: "10.0.0.0/8, 192.168.1.5, 2001:db8::/32". Immutable; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/address.h"

namespace gaon::net {

// IPv4 in IPv6 (::ffff:10.0.0.1) as IPv4; all else as it is.
Peer plain(const Peer& peer);

class Networks {
 public:
  static constexpr std::size_t kMost = 256;

  // Separated by commas; empty text is no network. The error names what cannot be read.
  static Result<Networks> parse(std::string_view text);

  // IPv4 in IPv6 (::ffff:10.0.0.1) counts as IPv4. False for all but IP addresses.
  bool contain(const Peer& peer) const;
  bool empty() const { return networks_.empty(); }

 private:
  struct Network {
    Peer::Family family;
    std::array<std::uint8_t, 16> address;
    std::uint8_t bits;
  };
  static bool parse_one(std::string_view text, Network& network);

  std::vector<Network> networks_;
};

}  // namespace gaon::net
