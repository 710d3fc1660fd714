#include "broker_process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <thread>
#include <utility>

#include "remote.h"
#include "words.h"

namespace gaon::scenario {
namespace {

// One that is free now. Somebody else may take it before the broker does; then the
// broker does not start, and the file fails by saying so.
std::uint16_t free_port() {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ::bind(descriptor, reinterpret_cast<sockaddr*>(&address), size);
  ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size);
  ::close(descriptor);
  return ntohs(address.sin_port);
}

std::vector<std::string> words_of(std::string_view command, const std::vector<std::string>& settings,
                                  std::uint16_t port) {
  std::vector<std::string> words;
  while (!command.empty()) {
    std::string word(take_word(command));
    if (word == "{set}") {
      for (const std::string& setting : settings) {
        words.emplace_back("--set");
        words.push_back(setting);
      }
      continue;
    }
    if (const std::size_t at = word.find("{port}"); at != std::string::npos)
      word.replace(at, 6, std::to_string(port));
    words.push_back(std::move(word));
  }
  return words;
}

[[noreturn]] void become(std::vector<std::string>& words) {
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  const int nowhere = ::open("/dev/null", O_RDWR);
  for (const int descriptor : {0, 1, 2}) ::dup2(nowhere, descriptor);
  ::execvp(arguments[0], arguments.data());
  ::_exit(127);
}

}  // namespace

Result<BrokerProcess> BrokerProcess::start(const std::string& command,
                                           const std::vector<std::string>& settings, Duration patience) {
  const std::uint16_t port = free_port();
  auto words = words_of(command, settings, port);
  if (words.empty()) return failure("the command is empty");
  const pid_t pid = ::fork();
  if (pid < 0) return failure("cannot start a process");
  if (pid == 0) become(words);
  BrokerProcess process(pid, port);
  const auto end = std::chrono::steady_clock::now() + patience;
  while (std::chrono::steady_clock::now() < end) {
    if (Remote("127.0.0.1", port, patience).connect()) return process;
    int status = 0;
    if (::waitpid(pid, &status, WNOHANG) == pid) {
      process.pid_ = -1;
      if (WIFEXITED(status) && WEXITSTATUS(status) == kNoSuchSetting) return process;
      return failure("'" + words.front() + "' ended at once");
    }
    std::this_thread::sleep_for(milliseconds(5));
  }
  return failure("'" + words.front() + "' does not listen on port " + std::to_string(port));
}

BrokerProcess::BrokerProcess(BrokerProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), port_(other.port_) {}

BrokerProcess::~BrokerProcess() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGTERM);
  for (int i = 0; i < 300; ++i) {
    if (::waitpid(pid_, nullptr, WNOHANG) != 0) return;
    std::this_thread::sleep_for(milliseconds(10));
  }
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

}  // namespace gaon::scenario
