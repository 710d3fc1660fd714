#include "app/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>

namespace gaon::app {
namespace {

std::string shown(double number) {
  std::string text = std::to_string(number);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

// One overload for each alternative of Target.
struct Adder {
  CLI::App& app;
  const Option& option;

  void operator()(bool* to) const { app.add_flag(option.names, *to, option.doc); }

  void operator()(std::string* to) const { named(app.add_option(option.names, *to, option.doc)); }

  void operator()(std::optional<std::string>* to) const {
    named(app.add_option_function<std::string>(
        option.names, [to](const std::string& text) { *to = text; }, option.doc));
  }

  void operator()(std::vector<std::string>* to) const {
    app.add_option(option.names, *to, option.doc)->type_name(option.argument)->allow_extra_args(false);
  }

  void operator()(const Number& number) const {
    const auto check = [number](const std::string& text) {
      double value = 0;
      const bool fits = CLI::detail::lexical_cast(text, value) && value >= number.least &&
                        value <= number.most && (!number.whole || value == std::floor(value));
      return fits ? std::string()
                  : text + " is not a number from " + shown(number.least) + " to " + shown(number.most);
    };
    named(app.add_option_function<double>(option.names, number.put, option.doc))
        ->check(CLI::Validator(check, ""));
  }

  void operator()(const Choice& choice) const {
    const auto find = [choice](const std::string& text) {
      return std::ranges::find(choice.words, text, &Word::word);
    };
    const auto check = [choice, find](const std::string& text) {
      if (find(text) != choice.words.end()) return std::string();
      std::string words;
      for (const Word& word : choice.words) words += " " + std::string(word.word);
      return text + " is not one of:" + words;
    };
    const auto put = [choice, find](const std::string& text) { *choice.to = find(text)->value; };
    named(app.add_option_function<std::string>(option.names, put, option.doc))
        ->check(CLI::Validator(check, ""));
  }

  CLI::Option* named(CLI::Option* added) const { return added->type_name(option.argument)->take_last(); }
};

}  // namespace

int finish(const Exit& exit) {
  std::FILE* to = exit.code == kDone ? stdout : stderr;
  std::fwrite(exit.text.data(), 1, exit.text.size(), to);
  return exit.code;
}

std::expected<void, Exit> read_arguments(const Usage& usage, std::span<const Option> options,
                                         const Arguments& arguments) {
  try {
    CLI::App app(usage.doc, usage.command);
    // -h is the host, as with mosquitto's clients.
    app.set_help_flag("--help", "Show this and exit.");
    for (const Option& option : options) std::visit(Adder{app, option}, option.to);
    try {
      // CLI11 takes them from the back.
      app.parse(Arguments(arguments.rbegin(), arguments.rend()));
      return {};
    } catch (const CLI::CallForHelp&) {
      return std::unexpected(
          Exit{kDone, app.help() + "\n" + usage.examples + "\nExit codes: " + usage.exit_codes + ".\n"});
    }
  } catch (const CLI::Error& error) {
    return std::unexpected(usage_mistake(usage, error.what()));
  }
}

Exit usage_mistake(const Usage& usage, std::string_view what) {
  return {kUsage, usage.command + ": " + std::string(what) + "\nSee '" + usage.command + " --help'.\n"};
}

}  // namespace gaon::app
