// What each client is allowed, worked out once for every listener and [[limit]]. Immutable;
// any thread. What it hands out lives as long as the table.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "broker/config.h"
#include "session/endpoint.h"

namespace gaon::broker {

struct Allowance {
  ClientLimits limits;
  EndpointOptions endpoint;  // the same, as the endpoint wants it
};

class LimitTable {
 public:
  explicit LimitTable(const Config& config);

  // Without a listener: of a client that was restored. user is empty for who is nobody.
  // The first [[limit]] that fits holds.
  const Allowance& of(std::optional<std::uint32_t> listener, std::string_view user,
                      std::string_view client_id) const;

  // Whether what is retained is to be counted by publisher.
  bool limits_retained() const;

  // Until the CONNECT is answered.
  const EndpointOptions& before_connect() const { return before_connect_; }

 private:
  std::vector<LimitEntry> entries_;
  // Of each listener, and at the end of none: first what holds without a [[limit]], then by entry.
  std::vector<Allowance> allowances_;
  EndpointOptions before_connect_;
};

}  // namespace gaon::broker
