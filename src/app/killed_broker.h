// A broker as a process of its own that is started by a command and killed without a word.
// Blocks while it starts. Used by one thread.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/time.h"

namespace gaon::app {

class KilledBroker {
 public:
  // The command is sh's; {port}, {dir}, {workers} and {gaon} (this program) are filled in.
  // What it prints is appended to the log file.
  KilledBroker(std::string command, std::string dir, std::string log, std::uint32_t workers);
  KilledBroker(const KilledBroker&) = delete;
  KilledBroker& operator=(const KilledBroker&) = delete;
  ~KilledBroker() { kill(); }

  // Until its port accepts. Fails when it ends before, or takes longer than patience.
  Result<void> start(Duration patience);
  // SIGKILL to all its processes.
  void kill();
  // How it ended, when nobody killed it; once.
  std::optional<std::string> ended_by_itself();

  std::uint16_t port() const { return port_; }
  const std::string& command() const { return command_; }

 private:
  std::string command_;
  std::string log_;
  std::uint16_t port_;
  pid_t pid_ = -1;
};

}  // namespace gaon::app
