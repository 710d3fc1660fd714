#include <algorithm>
#include <fstream>
#include <sstream>

#include "app/config_key.h"
#include "read_statement.h"
#include "script.h"

namespace gaon::scenario {
namespace {

using mqtt::Version;

std::string replace_all(std::string text, std::string_view what, const std::string& with) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size()) {
    text.replace(at, what.size(), with);
  }
  return text;
}

class Reading {
 public:
  Reading(std::string path, Version version, Whose whose) : statements_(version) {
    script_.path = std::move(path);
    script_.version = version;
    script_.whose = whose;
  }

  Result<void> line(std::string_view text, int number) {
    line_ = number;
    text = trim(text);
    if (text.starts_with('#')) return comment(trim(text.substr(1)));
    if (text.empty()) return {};
    if (text.starts_with('[')) {
      TRY_SET(const bool it_does, takes_part(text));
      if (!it_does) return {};
    }
    std::string_view rest = text;
    const std::string_view first = take_word(rest);
    if (first == "repeat") return repeat(rest, number);
    if (first == "set") return set(rest);
    if (first == "versions") return {};  // read_scripts() has seen to it.
    if (first == "workers") return workers(rest);
    if (first == "side") return side(rest);
    if (first == "ours") {
      if (rest.empty()) return failure("why is it ours? Write 'ours the text lets a broker ...'");
      script_.ours_because = rest;
      return {};
    }
    if (first == "only") {
      if (rest != "simulation") return failure("after 'only' comes 'simulation'");
      script_.only_simulation = true;
      return {};
    }
    if (first == "wait") return wait(rest, text);
    TRY_SET(Statement made, statements_.read(text));
    add(std::move(made), text);
    return {};
  }

  Script take() { return std::move(script_); }

 private:
  Result<void> comment(std::string_view text) {
    if (script_.title.empty()) script_.title = text;
    std::string_view rest = text;
    if (take_word(rest) != "covers") return {};
    while (!rest.empty()) script_.covers.emplace_back(take_word(rest));
    return {};
  }

  // [5], [3.1 3.1.1], [ours], [5 others] before a line.
  Result<bool> takes_part(std::string_view& text) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return failure("the [ has no ]");
    std::string_view names = text.substr(1, end - 1);
    text = trim(text.substr(end + 1));
    bool names_versions = false;
    bool of_version = false;
    bool of_broker = true;
    while (!names.empty()) {
      const std::string_view name = take_word(names);
      if (name == "ours" || name == "others") {
        of_broker = (name == "ours") == (script_.whose == Whose::ours);
        continue;
      }
      TRY_SET(const Version version, read_version(name));
      names_versions = true;
      of_version = of_version || version == script_.version;
    }
    if (names_versions && !of_version) return false;
    if (!of_broker && script_.whose == Whose::others) ++script_.left_out;
    return of_broker;
  }

  // repeat 5: a: publish t/%n
  Result<void> repeat(std::string_view rest, int number) {
    const std::size_t colon = rest.find(':');
    const auto times = parse_number(trim(rest.substr(0, colon)));
    if (!times || colon == std::string_view::npos || *times > 100'000) {
      return failure("write 'repeat 5: a: publish t/%n'; at most 100000 times");
    }
    for (std::uint32_t i = 1; i <= *times; ++i) {
      TRY(line(replace_all(std::string(rest.substr(colon + 1)), "%n", std::to_string(i)), number));
    }
    return {};
  }

  Result<void> set(std::string_view rest) {
    const std::size_t equals = rest.find('=');
    if (equals == std::string_view::npos) return failure("write 'set key = value'");
    if (trim(rest.substr(0, equals)) == "simulation.method") {
      script_.method = trim(rest.substr(equals + 1));
      script_.only_simulation = true;
      return {};
    }
    const std::string setting =
        std::string(trim(rest.substr(0, equals))) + "=" + std::string(trim(rest.substr(equals + 1)));
    broker::Config config;
    if (const auto done = app::set_key(config, setting); !done) return failure(app::to_text(done.error()));
    script_.settings.push_back(setting);
    return {};
  }

  Result<void> workers(std::string_view rest) {
    const auto number = parse_number(rest);
    if (!number || *number == 0 || *number > 8) return failure("workers: a number from 1 to 8");
    script_.workers_min = *number;
    return {};
  }

  Result<void> side(std::string_view rest) {
    if (rest != "client") return failure("after 'side' comes 'client'");
    script_.of_client = script_.only_simulation = true;
    statements_.of_client();
    return {};
  }

  Result<void> wait(std::string_view rest, std::string_view text) {
    const auto duration = parse_duration(rest);
    if (!duration) return failure("how long? Write 'wait 1.5s', with ms, s, m or h");
    add({.act = Statement::Act::wait, .duration = *duration}, text);
    return {};
  }

  void add(Statement statement, std::string_view text) {
    statement.line = line_;
    statement.text = text;
    script_.statements.push_back(std::move(statement));
  }

  Script script_;
  StatementReader statements_;
  int line_ = 0;
};

std::string at(const std::string& path, int line) { return path + ":" + std::to_string(line) + ": "; }

Result<std::vector<Version>> versions_of(const std::vector<std::string>& lines, const std::string& path) {
  for (std::size_t i = 0; i < lines.size(); ++i) {
    std::string_view rest = lines[i];
    if (take_word(rest) != "versions") continue;
    std::vector<Version> versions;
    while (!rest.empty()) {
      const auto version = read_version(take_word(rest));
      if (!version) return failure(at(path, static_cast<int>(i) + 1) + version.error().what);
      versions.push_back(*version);
    }
    return versions;
  }
  return std::vector{Version::v5};
}

}  // namespace

Duration Script::waits() const {
  Duration sum{};
  for (const Statement& statement : statements) sum += statement.duration;
  return sum;
}

std::string Script::name() const { return path + " (" + mqtt::name(version) + ")"; }

Result<std::vector<Script>> read_scripts(const std::string& path, Whose whose) {
  std::ifstream file(path);
  if (!file) return failure(path + ": cannot be read");
  std::ostringstream text;
  text << file.rdbuf();
  return parse_scripts(path, text.str(), whose);
}

Result<std::vector<Script>> parse_scripts(const std::string& path, const std::string& text, Whose whose) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  TRY_SET(const auto versions, versions_of(lines, path));
  std::vector<Script> scripts;
  for (const Version version : versions) {
    Reading reading(path, version, whose);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const int number = static_cast<int>(i) + 1;
      if (auto done = reading.line(lines[i], number); !done)
        return failure(at(path, number) + done.error().what);
    }
    scripts.push_back(reading.take());
    if (scripts.back().title.empty())
      return failure(at(path, 1) + "begin with a comment that says what it shows");
    if (scripts.back().statements.empty()) return failure(at(path, 1) + "there is nothing in it");
  }
  return scripts;
}

}  // namespace gaon::scenario
