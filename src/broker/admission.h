// What counts over all workers: connections of each address, listener and user, and client
// ids that connect too often. Only what somebody set a limit for is counted. Any thread;
// touched when a connection begins, is accepted and ends.
#pragma once

#include <array>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/time.h"
#include "base/token_bucket.h"
#include "broker/config.h"
#include "net/address.h"

namespace gaon::broker {

class Admission {
  using Counts = std::unordered_map<std::string, std::uint32_t>;

 public:
  explicit Admission(const Config& config);
  // Other limits from now on, for as many listeners; who is in stays, and who was not counted
  // under the limits before is not under these.
  void change(const Config& config);

  // The places that one connection has; it leaves them at its end.
  class Places {
   public:
    Places() = default;
    Places(Places&& other) noexcept { swap(other); }
    Places& operator=(Places&& other) noexcept {
      swap(other);
      return *this;
    }
    ~Places() { leave(); }
    bool has_address() const { return address_ != nullptr; }

   private:
    friend class Admission;
    void leave();
    void swap(Places& other) noexcept {
      std::swap(admission_, other.admission_);
      std::swap(listener_, other.listener_);
      std::swap(address_, other.address_);
      std::swap(user_, other.user_);
    }
    Admission* admission_ = nullptr;
    std::uint32_t* listener_ = nullptr;
    Counts::value_type* address_ = nullptr;  // nodes of the maps do not move
    Counts::value_type* user_ = nullptr;
  };

  // False: as many as may be are there.
  bool enter_listener(std::uint32_t listener, Places& places);
  bool enter_address(std::uint32_t listener, const net::Peer& peer, Places& places);
  // 0: no limit. A connection that this one takes over counts for nothing.
  bool enter_user(std::string_view user, std::uint32_t most, bool takes_over, Places& places);

  bool counts_addresses(std::uint32_t listener);

  // A connection was accepted; returns when the next one may be.
  Time accepted(std::uint32_t listener, Time now);

  // Whether this client id connected too often; and that it connected.
  bool is_banned(std::string_view client_id, Time now);
  void connected(std::string_view client_id, Time now);

 private:
  struct Door {
    std::uint32_t connections = 0;
    std::uint32_t most = 0;
    TokenBucket rate{0, Time{}};
  };
  struct Flapping {
    Time window{};
    std::uint32_t connects = 0;
    Time banned_until{};
  };
  static bool enter(Counts& counts, std::string key, std::uint32_t most, Counts::value_type*& place);
  static void leave(Counts& counts, Counts::value_type*& place);
  void forget_flapping(Time now);

  std::mutex mutex_;  // for all below
  Limits limits_;
  std::vector<std::uint32_t> address_max_;  // by listener
  std::vector<Door> doors_;                 // by listener; they do not move
  Counts addresses_;
  Counts users_;
  std::unordered_map<std::string, Flapping> flapping_;
  Time forgot_{};
};

}  // namespace gaon::broker
