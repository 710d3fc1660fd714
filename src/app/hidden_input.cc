#include "app/hidden_input.h"

#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <iostream>

namespace gaon::app {
namespace {

termios shown_{};

// Who interrupts us must not be left with a terminal that shows nothing.
void show_and_end(int signal_number) {
  tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown_);
  signal(signal_number, SIG_DFL);
  raise(signal_number);
}

}  // namespace

Result<std::string> read_hidden(const char* prompt) {
  if (tcgetattr(STDIN_FILENO, &shown_) != 0)
    return failure(std::string("no terminal: ") + std::strerror(errno));
  termios hidden = shown_;
  const auto before = signal(SIGINT, show_and_end);
  hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
  if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden) != 0) {
    return failure(std::string("the terminal cannot be kept from showing it: ") + std::strerror(errno));
  }
  std::fprintf(stderr, "%s", prompt);
  std::string line;
  const bool read = static_cast<bool>(std::getline(std::cin, line));
  tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown_);
  signal(SIGINT, before);
  std::fprintf(stderr, "\n");
  if (!read) return failure("nothing was typed; nothing is changed");
  return line;
}

}  // namespace gaon::app
