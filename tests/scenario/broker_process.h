// A broker that was started for a scenario and ends with it.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace gaon::scenario {

class BrokerProcess {
 public:
  // What a command exits with that cannot translate a setting for its broker.
  static constexpr int kNoSuchSetting = 77;

  // command: words with {port} in it, {set} where --set key=value ... goes, and {dir} for a
  // directory that goes with the process. Returns when the port answers, or an error after
  // patience.
  static Result<BrokerProcess> start(const std::string& command, const std::vector<std::string>& settings,
                                     Duration patience);
  BrokerProcess(BrokerProcess&& other) noexcept;
  BrokerProcess& operator=(BrokerProcess&&) = delete;
  // SIGTERM, and SIGKILL after three seconds.
  ~BrokerProcess();

  // False: the command has ended with kNoSuchSetting, and there is no broker.
  bool takes_settings() const { return pid_ >= 0; }
  std::uint16_t port() const { return port_; }

 private:
  BrokerProcess(pid_t pid, std::uint16_t port, std::filesystem::path directory)
      : pid_(pid), port_(port), directory_(std::move(directory)) {}
  void end();

  pid_t pid_;
  std::uint16_t port_;
  std::filesystem::path directory_;  // empty for none
};

}  // namespace gaon::scenario
