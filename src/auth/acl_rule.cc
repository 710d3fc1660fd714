#include "auth/acl_rule.h"

#include <optional>

#include "topic/name.h"

namespace gaon::auth {
namespace {

constexpr std::size_t kFilterMax = 4096;  // bytes, as written

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

// The first word, which goes.
std::string_view cut_word(std::string_view& text) {
  text = trim(text);
  const std::string_view word = text.substr(0, text.find_first_of(" \t"));
  text = trim(text.substr(word.size()));
  return word;
}

// A filter with any value in the place of each %; nothing if there is another %.
std::optional<std::string> with_values(std::string_view filter) {
  std::string text;
  while (!filter.empty()) {
    const char c = filter.front();
    filter.remove_prefix(1);
    if (c != '%') {
      text += c;
      continue;
    }
    if (filter.starts_with('{')) {
      const std::size_t end = filter.find('}');
      if (end == std::string_view::npos || end == 1) return std::nullopt;
      filter.remove_prefix(end);
    } else if (!filter.starts_with('u') && !filter.starts_with('c') && !filter.starts_with('%')) {
      return std::nullopt;
    }
    filter.remove_prefix(1);
    text += 'x';
  }
  return text;
}

constexpr std::string_view kActions[] = {"", "publish", "subscribe", "all"};

}  // namespace

Result<AclSubject> parse_acl_subject(std::string_view text) {
  const std::string_view kind = cut_word(text);
  AclSubject subject{.name = std::string(text)};
  if (kind == "everybody" && text.empty()) return subject;
  if (kind == "user") subject.kind = AclSubject::Kind::user;
  if (kind == "client") subject.kind = AclSubject::Kind::client;
  if (kind == "role") subject.kind = AclSubject::Kind::role;
  if (kind == "claim") {
    subject.kind = AclSubject::Kind::claim;
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos || equals == 0) return failure("write claim NAME=VALUE");
    subject.name = text.substr(0, equals);
    subject.value = text.substr(equals + 1);
  }
  if (subject.kind == AclSubject::Kind::everybody || subject.name.empty()) {
    return failure("write everybody, user NAME, client ID, role NAME or claim NAME=VALUE");
  }
  return subject;
}

Result<AclRule> parse_acl_rule(std::string_view text) {
  constexpr const char* kForm = "write allow or deny, then publish, subscribe or all, then a topic filter";
  const std::string_view verdict = cut_word(text);
  const std::string_view action = cut_word(text);
  AclRule rule{.allow = verdict == "allow", .filter = std::string(text)};
  if (verdict != "allow" && verdict != "deny") return failure(kForm);
  if (action == "publish") {
    rule.action = AclAction::publish;
  } else if (action == "subscribe") {
    rule.action = AclAction::subscribe;
  } else if (action != "all") {
    return failure(kForm);
  }
  if (rule.filter.empty()) return failure(kForm);
  if (rule.filter.size() > kFilterMax) return failure("the topic filter is longer than 4096 bytes");
  const auto example = with_values(rule.filter);
  if (!example) return failure("behind a % stands u, c, {claim} or another %");
  if (topic::is_shared(*example)) return failure("leave $share/<name>/ out: rules are about topics");
  if (!topic::valid_filter(*example)) return failure("'" + rule.filter + "' is no topic filter");
  return rule;
}

std::string to_string(const AclSubject& subject) {
  switch (subject.kind) {
    case AclSubject::Kind::everybody:
      return "everybody";
    case AclSubject::Kind::user:
      return "user " + subject.name;
    case AclSubject::Kind::client:
      return "client " + subject.name;
    case AclSubject::Kind::role:
      return "role " + subject.name;
    case AclSubject::Kind::claim:
      break;
  }
  return "claim " + subject.name + "=" + subject.value;
}

std::string to_string(const AclRule& rule) {
  return std::string(rule.allow ? "allow " : "deny ") +
         std::string(kActions[static_cast<std::size_t>(rule.action)]) + " " + rule.filter;
}

}  // namespace gaon::auth
