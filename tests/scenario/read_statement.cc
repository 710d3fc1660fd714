#include "read_statement.h"

#include <algorithm>

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

std::string no_packet(std::string_view name) {
  std::vector<std::string_view> names{"closed",       "nothing", "anything", "raw",
                                      "in-any-order", "either",  "send",     "open",
                                      "break",        "hang-up", "manual",   "automatic"};
  for (int type = 1; type <= 15; ++type)
    names.push_back(find_packet(static_cast<mqtt::PacketType>(type))->name);
  return "'" + std::string(name) + "' is no packet and nothing else a client can do or see" +
         suggest(name, names);
}

}  // namespace

Result<Version> read_version(std::string_view text) {
  const auto* found = std::ranges::find(kVersions, text, &VersionName::name);
  if (found == std::end(kVersions))
    return failure("'" + std::string(text) + "' is no version; use 3.1, 3.1.1 or 5");
  return found->version;
}

Result<Statement> StatementReader::read(std::string_view rest) {
  const std::string_view first = take_word(rest);
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
  return made;
}

Version StatementReader::version_of(const std::string& who) const {
  const auto found = versions_.find(who);
  return found == versions_.end() ? version_ : found->second;
}

bool StatementReader::is_library(const Statement& statement) const {
  return of_client_ && statement.who.front() == "client";
}

Result<void> StatementReader::action(Statement& made, std::string_view rest) {
  if (made.who.size() > 1 || made.who.front() == "*") return failure("one client at a time can do something");
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

Result<void> StatementReader::opening(Statement& made, std::string_view rest) {
  TRY_SET(auto words, split_words(rest));
  TRY(take_version(made, words));
  return words.empty() ? Result<void>{} : failure("after 'open' comes nothing but a version");
}

// The word v5, v3.1.1 or v3.1, if it is there.
Result<void> StatementReader::take_version(Statement& made, std::vector<Word>& words) {
  made.version = version_;
  const auto found = std::ranges::find_if(
      words, [](const Word& word) { return word.key.empty() && word.text.starts_with('v'); });
  if (found != words.end()) {
    TRY_SET(made.version, read_version(std::string_view(found->text).substr(1)));
    words.erase(found);
  }
  versions_[made.who.front()] = made.version;
  return {};
}

Result<void> StatementReader::command(Statement& made, std::string_view name, std::string_view rest) {
  if (std::ranges::find(kCommands, name) == std::end(kCommands)) {
    return failure("the library cannot '" + std::string(name) + "'" + suggest(name, kCommands));
  }
  made.act = Act::command;
  made.name = name;
  TRY_SET(auto words, split_words(rest));
  TRY_SET(made.fields, read_fields(*find_packet(name), words, version_));
  return {};
}

Result<void> StatementReader::expectation(Statement& made, std::string_view rest) {
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

Result<Expected> StatementReader::read_expected(const Statement& made, std::string_view part) {
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

}  // namespace gaon::scenario
