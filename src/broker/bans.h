// Who is not let in, whatever they can prove. Immutable; any thread.
#pragma once

#include <compare>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "net/networks.h"

namespace gaon::broker {

// A [[ban]]: exactly one of the three is not empty.
struct BanEntry {
  std::string address;  // networks as in net/networks.h
  std::string client;   // a client id; a '*' at the end stands for anything
  std::string user;     // the same; proven, not only claimed

  auto operator<=>(const BanEntry&) const = default;
};

inline constexpr std::size_t kBansMax = 10'000;

class Bans {
 public:
  // An address that cannot be read bans nobody; app/ has looked at them.
  explicit Bans(std::span<const BanEntry> entries);
  // Of entries those that are not in before.
  static Bans added(std::vector<BanEntry> entries, std::vector<BanEntry> before);

  bool address(const net::Peer& peer) const;
  bool client(std::string_view client_id) const;
  bool user(std::string_view user) const;
  bool empty() const { return networks_.empty() && clients_.empty() && users_.empty(); }

 private:
  std::vector<net::Networks> networks_;
  std::vector<std::string> clients_;
  std::vector<std::string> users_;
};

}  // namespace gaon::broker
