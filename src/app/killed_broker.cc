#include "app/killed_broker.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <random>
#include <string_view>
#include <thread>

#include "net/connect.h"
#include "net/descriptor.h"
#include "net/loop.h"
#include "net/system_error.h"

namespace gaon::app {
namespace {

constexpr Duration kProbeInterval = milliseconds(5);

bool is_free(std::uint16_t port) {
  const net::Descriptor probe(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return ::bind(probe.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
}

// Below the range from which the kernel takes ports for outgoing connections: one of
// those could connect to itself while the broker is away.
std::uint16_t free_port() {
  std::random_device device;
  for (;;) {
    const auto port = static_cast<std::uint16_t>(20'000 + device() % 12'000);
    if (is_free(port)) return port;
  }
}

void fill_in(std::string& text, std::string_view word, const std::string& value) {
  for (std::size_t at = 0; (at = text.find(word, at)) != std::string::npos; at += value.size()) {
    text.replace(at, word.size(), value);
  }
}

[[noreturn]] void become(const char* command, const char* log) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  const int nothing = ::open("/dev/null", O_RDONLY);
  const int output = ::open(log, O_WRONLY | O_CREAT | O_APPEND, 0644);
  ::dup2(nothing, 0);
  ::dup2(output, 1);
  ::dup2(output, 2);
  ::execl("/bin/sh", "sh", "-c", command, nullptr);
  ::_exit(127);
}

std::string ending(int status) {
  return WIFSIGNALED(status) ? "signal " + std::to_string(WTERMSIG(status))
                             : "exit code " + std::to_string(WEXITSTATUS(status));
}

}  // namespace

KilledBroker::KilledBroker(std::string command, std::string dir, std::string log, std::uint32_t workers)
    : command_(std::move(command)), log_(std::move(log)), port_(free_port()) {
  fill_in(command_, "{port}", std::to_string(port_));
  fill_in(command_, "{workers}", std::to_string(workers));
  fill_in(command_, "{gaon}", std::filesystem::read_symlink("/proc/self/exe"));
  fill_in(command_, "{dir}", dir);
}

Result<void> KilledBroker::start(Duration patience) {
  kill();
  pid_ = ::fork();
  if (pid_ < 0) return failure("cannot start a process: " + net::system_error(errno));
  if (pid_ == 0) become(command_.c_str(), log_.c_str());
  ::setpgid(pid_, pid_);
  const net::Ticker ticker;
  const Time deadline = ticker.now() + patience;
  while (ticker.now() < deadline) {
    const auto probe = net::connect_to({.host = "127.0.0.1", .port = port_}, seconds(1));
    if (probe) {
      net::Descriptor{*probe};
      return {};
    }
    if (const auto ended = ended_by_itself()) return failure("the broker did not start: " + *ended);
    std::this_thread::sleep_for(kProbeInterval);
  }
  kill();
  return failure("the broker did not listen on port " + std::to_string(port_) + " in time");
}

void KilledBroker::kill() {
  if (pid_ < 0) return;
  ::kill(-pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

std::optional<std::string> KilledBroker::ended_by_itself() {
  int status = 0;
  if (pid_ < 0 || ::waitpid(pid_, &status, WNOHANG) != pid_) return std::nullopt;
  pid_ = -1;
  return ending(status);
}

}  // namespace gaon::app
