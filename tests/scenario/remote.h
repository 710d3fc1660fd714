// A broker behind an address: real sockets and the real clock.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "stage.h"

namespace gaon::scenario {

class Remote final : public Stage {
 public:
  // patience: how long something that must come may take.
  Remote(std::string host, std::uint16_t port, Duration patience)
      : host_(std::move(host)), port_(port), patience_(patience) {}

  Result<std::unique_ptr<Wire>> connect() override;
  void begin() override { begun_ = std::chrono::steady_clock::now(); }
  bool more() override;
  void pass(Duration duration, const std::function<void()>& look) override;
  bool is_simulated() const override { return false; }

 private:
  void wait_for_bytes(Duration at_most);

  std::string host_;
  std::uint16_t port_;
  Duration patience_;
  std::chrono::steady_clock::time_point begun_{};
  std::vector<std::weak_ptr<int>> descriptors_;  // of connections that still stand
};

}  // namespace gaon::scenario
