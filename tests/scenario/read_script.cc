#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>

#include "app/config_key.h"
#include "script.h"

namespace gaon::scenario {
namespace {

using mqtt::Version;
using Act = Statement::Act;
using What = Expected::What;

struct VersionName {
  std::string_view name;
  Version version;
};
constexpr VersionName kVersions[] = {
    {"5.0", Version::v5}, {"5", Version::v5}, {"3.1.1", Version::v311}, {"3.1", Version::v31}};

Result<Version> read_version(std::string_view text) {
  const auto* found = std::ranges::find(kVersions, text, &VersionName::name);
  if (found == std::end(kVersions))
    return failure("'" + std::string(text) + "' is no version; use 3.1, 3.1.1 or 5");
  return found->version;
}

struct Verb {
  std::string_view name;
  Act act;
};
// What a client may do besides saying packets.
constexpr Verb kVerbs[] = {
    {"send", Act::send}, {"raw", Act::raw},       {"open", Act::open},           {"hang-up", Act::hang_up},
    {"break", Act::cut}, {"manual", Act::manual}, {"automatic", Act::automatic},
};

// auth: authenticate again.
constexpr std::string_view kCommands[] = {"connect",     "publish",    "subscribe",
                                          "unsubscribe", "disconnect", "auth"};
constexpr std::string_view kEvents[] = {"message",      "subscribed", "unsubscribed",  "not-delivered",
                                        "disconnected", "connected",  "authenticated", "refused"};

std::vector<std::string_view> split(std::string_view text, std::string_view by) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t at = text.find(by);
    parts.push_back(trim(text.substr(0, at)));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + by.size());
  }
}

std::string replace_all(std::string text, std::string_view what, const std::string& with) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size()) {
    text.replace(at, what.size(), with);
  }
  return text;
}

std::string no_packet(std::string_view name) {
  std::vector<std::string_view> names{"closed",       "nothing", "anything", "raw",
                                      "in-any-order", "either",  "send",     "open",
                                      "break",        "hang-up", "manual",   "automatic"};
  for (int type = 1; type <= 15; ++type)
    names.push_back(find_packet(static_cast<mqtt::PacketType>(type))->name);
  return "'" + std::string(name) + "' is no packet and nothing else a client can do or see" +
         suggest(name, names);
}

class Reading {
 public:
  Reading(std::string path, Version version) {
    script_.path = std::move(path);
    script_.version = version;
  }

  Result<void> line(std::string_view text, int number) {
    line_ = number;
    text = trim(text);
    if (text.starts_with('#')) return comment(trim(text.substr(1)));
    if (text.empty()) return {};
    if (text.starts_with('[')) {
      TRY_SET(const bool ours, takes_part(text));
      if (!ours) return {};
    }
    std::string_view rest = text;
    const std::string_view first = take_word(rest);
    if (first == "repeat") return repeat(rest, number);
    if (first == "set") return set(rest);
    if (first == "versions") return {};  // read_scripts() has seen to it.
    if (first == "workers") return workers(rest);
    if (first == "side") return side(rest);
    if (first == "only") {
      if (rest != "simulation") return failure("after 'only' comes 'simulation'");
      script_.only_simulation = true;
      return {};
    }
    if (first == "wait") return wait(rest, text);
    return statement(first, rest, text);
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

  // [5] or [3.1 3.1.1] before a line.
  Result<bool> takes_part(std::string_view& text) const {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return failure("the [ has no ]");
    std::string_view names = text.substr(1, end - 1);
    text = trim(text.substr(end + 1));
    bool ours = false;
    while (!names.empty()) {
      TRY_SET(const Version version, read_version(take_word(names)));
      ours = ours || version == script_.version;
    }
    return ours;
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
    return {};
  }

  Result<void> wait(std::string_view rest, std::string_view text) {
    const auto duration = parse_duration(rest);
    if (!duration) return failure("how long? Write 'wait 1.5s', with ms, s, m or h");
    add({.act = Act::wait, .duration = *duration}, text);
    return {};
  }

  void add(Statement statement, std::string_view text) {
    statement.line = line_;
    statement.text = text;
    script_.statements.push_back(std::move(statement));
  }

  bool is_library(const Statement& statement) const {
    return script_.of_client && statement.who.front() == "client";
  }

  Result<void> statement(std::string_view first, std::string_view rest, std::string_view text) {
    Statement made;
    if (!first.ends_with(':') && !first.ends_with('>')) {
      return failure("a line begins with 'name:' (the client does) or 'name>' (the client sees), not '" +
                     std::string(first) + "'");
    }
    for (const std::string_view name : split(first.substr(0, first.size() - 1), ","))
      made.who.emplace_back(name);
    made.version = version_of(made.who.front());
    if (first.ends_with('>')) {
      TRY(expectation(made, rest));
    } else {
      TRY(action(made, rest));
    }
    add(std::move(made), text);
    return {};
  }

  Version version_of(const std::string& who) const {
    const auto found = versions_.find(who);
    return found == versions_.end() ? script_.version : found->second;
  }

  Result<void> action(Statement& made, std::string_view rest) {
    if (made.who.size() > 1 || made.who.front() == "*")
      return failure("one client at a time can do something");
    std::string_view name = take_word(rest);
    if (is_library(made)) return command(made, name, rest);
    const auto* verb = std::ranges::find(kVerbs, name, &Verb::name);
    if (verb != std::end(kVerbs)) made.act = verb->act;
    if (made.act == Act::raw) {
      TRY_SET(made.bytes, read_wire(rest));
      return {};
    }
    if (made.act == Act::send) name = take_word(rest);
    if (made.act == Act::open) return opening(made, rest);
    if (made.act != Act::send && made.act != Act::say) {
      return rest.empty() ? Result<void>{} : failure("nothing can follow '" + std::string(name) + "'");
    }
    const PacketRow* packet = find_packet(name == "ping" ? "pingreq" : name);
    if (packet == nullptr) return failure(no_packet(name));
    made.type = packet->type;
    TRY_SET(auto words, split_words(rest));
    if (packet->type == mqtt::PacketType::connect) TRY(take_version(made, words));
    TRY_SET(made.fields, read_fields(*packet, words, made.version));
    return {};
  }

  Result<void> opening(Statement& made, std::string_view rest) {
    TRY_SET(auto words, split_words(rest));
    TRY(take_version(made, words));
    return words.empty() ? Result<void>{} : failure("after 'open' comes nothing but a version");
  }

  // The word v5, v3.1.1 or v3.1, if it is there.
  Result<void> take_version(Statement& made, std::vector<Word>& words) {
    made.version = script_.version;
    const auto found = std::ranges::find_if(
        words, [](const Word& word) { return word.key.empty() && word.text.starts_with('v'); });
    if (found != words.end()) {
      TRY_SET(made.version, read_version(std::string_view(found->text).substr(1)));
      words.erase(found);
    }
    versions_[made.who.front()] = made.version;
    return {};
  }

  Result<void> command(Statement& made, std::string_view name, std::string_view rest) {
    if (std::ranges::find(kCommands, name) == std::end(kCommands)) {
      return failure("the library cannot '" + std::string(name) + "'" + suggest(name, kCommands));
    }
    made.act = Act::command;
    made.name = name;
    TRY_SET(auto words, split_words(rest));
    TRY_SET(made.fields, read_fields(*find_packet(name), words, script_.version));
    return {};
  }

  Result<void> expectation(Statement& made, std::string_view rest) {
    made.act = Act::expect;
    std::string_view after = rest;
    const std::string_view word = take_word(after);
    if (word == "in-any-order") made.act = Act::expect_in_any_order;
    if (word == "either") made.act = Act::expect_either;
    if (made.act == Act::expect) after = rest;
    for (const std::string_view part : made.act == Act::expect ? std::vector{after} : split(after, " | ")) {
      TRY_SET(Expected expected, read_expected(made, part));
      made.expected.push_back(std::move(expected));
    }
    return {};
  }

  Result<Expected> read_expected(const Statement& made, std::string_view part) {
    Expected expected;
    expected.text = part;
    std::string_view rest = part;
    std::string_view name = take_word(rest);
    if (name == "raw") {
      expected.what = What::raw;
      TRY_SET(expected.bytes, read_wire(rest));
      return expected;
    }
    if (name == "closed" || name == "nothing" || name == "anything") {
      if (!rest.empty()) return failure("nothing can follow '" + std::string(name) + "'");
      expected.what = name == "closed" ? What::closed : name == "nothing" ? What::nothing : What::anything;
      return expected;
    }
    if (name.ends_with('!')) {
      expected.exact = true;
      name.remove_suffix(1);
    }
    TRY_SET(const auto words, split_words(rest));
    if (is_library(made)) {
      if (std::ranges::find(kEvents, name) == std::end(kEvents)) {
        return failure("the library does not tell '" + std::string(name) + "'" + suggest(name, kEvents));
      }
      expected.what = What::event;
      expected.name = name;
      const std::string_view like = name == "message" || name == "not-delivered"  ? "publish"
                                    : name == "connected"                         ? "connack"
                                    : name == "disconnected" || name == "refused" ? "disconnect"
                                                                                  : "suback";
      expected.type = find_packet(like)->type;
    } else {
      const PacketRow* packet = find_packet(name);
      if (packet == nullptr) return failure(no_packet(name));
      expected.type = packet->type;
    }
    TRY_SET(expected.fields, read_fields(*find_packet(expected.type), words, made.version));
    return expected;
  }

  Script script_;
  std::map<std::string, Version> versions_;  // of each client's last connect
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

Result<std::vector<Script>> read_scripts(const std::string& path) {
  std::ifstream file(path);
  if (!file) return failure(path + ": cannot be read");
  std::ostringstream text;
  text << file.rdbuf();
  return parse_scripts(path, text.str());
}

Result<std::vector<Script>> parse_scripts(const std::string& path, const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  TRY_SET(const auto versions, versions_of(lines, path));
  std::vector<Script> scripts;
  for (const Version version : versions) {
    Reading reading(path, version);
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
