// What a subcommand takes from its arguments: a table of options, read by CLI11, which
// nobody else includes.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace gaon::app {

// Exit codes of every subcommand.
inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;
inline constexpr int kUsage = 2;

// Without the names of program and subcommand.
using Arguments = std::vector<std::string>;

// The command line was enough: text to print (help, or what is wrong) and a code.
struct Exit {
  int code = kUsage;
  std::string text;
};

// Prints to standard output when all is well, else to standard error; returns the code.
int finish(const Exit& exit);

// A bounded number of any arithmetic type.
struct Number {
  template <class T>
  Number(T& to, double lower, double upper)
      : put([&to](double value) { to = static_cast<T>(value); }),
        least(lower),
        most(upper),
        whole(std::is_integral_v<T>) {}

  std::function<void(double)> put;
  double least;
  double most;
  bool whole;
};

// One of some words, each standing for a number.
struct Word {
  std::string_view word;
  std::uint8_t value;
};
struct Choice {
  std::uint8_t* to;
  std::span<const Word> words;
};

// Where an option goes. A list takes one text each time; elsewhere the last one counts.
using Target =
    std::variant<bool*, std::string*, std::optional<std::string>*, std::vector<std::string>*, Number, Choice>;

struct Option {
  std::string names;     // "-t,--topic"
  std::string argument;  // "TOPIC"; empty for a flag
  std::string doc;
  Target to;
};

struct Usage {
  std::string command;   // "gaon pub"
  std::string doc;       // one line
  std::string examples;  // lines, shown after the options
  std::string exit_codes = "0 done, 1 failed, 2 wrong usage";
};

// Fills the targets. Help (--help) and mistakes come back as an Exit.
std::expected<void, Exit> read_arguments(const Usage& usage, std::span<const Option> options,
                                         const Arguments& arguments);

// A mistake found later, worded the same way.
Exit usage_mistake(const Usage& usage, std::string_view what);

}  // namespace gaon::app
