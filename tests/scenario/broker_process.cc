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

void replace(std::string& word, std::string_view what, const std::string& by) {
  if (const std::size_t at = word.find(what); at != std::string::npos) word.replace(at, what.size(), by);
}

std::filesystem::path new_directory() {
  std::string name = (std::filesystem::temp_directory_path() / "gaon-scenario-XXXXXX").string();
  return ::mkdtemp(name.data()) != nullptr ? std::filesystem::path(name) : std::filesystem::path();
}

std::vector<std::string> words_of(std::string_view command, const std::vector<std::string>& settings,
                                  std::uint16_t port, const std::string& directory) {
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
    replace(word, "{port}", std::to_string(port));
    replace(word, "{dir}", directory);
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
  const bool wants_directory = command.find("{dir}") != std::string::npos;
  const std::filesystem::path directory = wants_directory ? new_directory() : std::filesystem::path();
  auto words = words_of(command, settings, port, directory.string());
  if (words.empty()) return failure("the command is empty");
  const pid_t pid = ::fork();
  if (pid < 0) return failure("cannot start a process");
  if (pid == 0) become(words);
  BrokerProcess process(pid, port, directory);
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
    : pid_(std::exchange(other.pid_, -1)),
      port_(other.port_),
      directory_(std::exchange(other.directory_, {})) {}

BrokerProcess::~BrokerProcess() {
  end();
  std::error_code ignored;
  if (!directory_.empty()) std::filesystem::remove_all(directory_, ignored);
}

void BrokerProcess::end() {
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
