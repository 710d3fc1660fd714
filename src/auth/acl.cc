#include "auth/acl.h"

#include <algorithm>
#include <optional>

#include "topic/name.h"

namespace gaon::auth {
namespace {

bool includes(AclAction of_rule, AclAction asked) {
  return (static_cast<unsigned>(of_rule) & static_cast<unsigned>(asked)) != 0;
}

bool is_about(const AclSubject& subject, const Identity& identity, std::string_view client_id) {
  switch (subject.kind) {
    case AclSubject::Kind::everybody:
      return true;
    case AclSubject::Kind::user:
      return identity.user == subject.name;
    case AclSubject::Kind::client:
      return client_id == subject.name;
    case AclSubject::Kind::role:
      return std::ranges::find(identity.roles, subject.name) != identity.roles.end();
    case AclSubject::Kind::claim:
      break;
  }
  return std::ranges::find(identity.claims, std::pair(subject.name, subject.value)) != identity.claims.end();
}

// One level's worth of text, that can be nothing else.
bool is_plain(std::string_view value) {
  return !value.empty() && !value.starts_with('$') &&
         value.find_first_of(std::string_view("+#/\0", 4)) == std::string_view::npos;
}

// The value for the name behind a %, which is cut off.
std::optional<std::string_view> cut_value(std::string_view& rest, const Identity& identity,
                                          std::string_view client_id) {
  const char kind = rest.front();
  if (kind != '{') {
    rest.remove_prefix(1);
    if (kind == '%') return "%";
    return kind == 'u' ? std::string_view(identity.user) : client_id;
  }
  const std::size_t end = rest.find('}');
  const std::string_view name = rest.substr(1, end - 1);
  rest.remove_prefix(end + 1);
  std::optional<std::string_view> value;
  for (const auto& [claim, text] : identity.claims) {
    if (claim != name) continue;
    if (value) return std::nullopt;  // Which of them?
    value = text;
  }
  return value;
}

// The filter for this client; of a rule that denies and cannot be filled in, all from
// that level on. Nothing if the rule says nothing for it.
std::optional<std::string> fill_in(const AclRule& rule, const Identity& identity,
                                   std::string_view client_id) {
  std::string filter;
  std::string_view rest = rule.filter;
  while (!rest.empty()) {
    if (rest.front() != '%') {
      filter += rest.front();
      rest.remove_prefix(1);
      continue;
    }
    rest.remove_prefix(1);
    const auto value = cut_value(rest, identity, client_id);
    if (value && is_plain(*value)) {
      filter += *value;
      continue;
    }
    if (rule.allow) return std::nullopt;
    filter.erase(filter.rfind('/') == std::string::npos ? 0 : filter.rfind('/') + 1);
    return filter + '#';
  }
  return filter;
}

bool is_wildcard(std::string_view level) { return level == "+" || level == "#"; }

// Wildcards in front do not stand for a '$' in front: [MQTT-4.7.2-1].
bool apart_by_dollar(std::string_view a, std::string_view b) {
  return (is_wildcard(a) && b.starts_with('$')) || (is_wildcard(b) && a.starts_with('$'));
}

enum class Relation : std::uint8_t { apart, overlaps, covers };

// How the topics of a rule's filter lie to those of another: it has none of them, some,
// or all.
Relation relation(std::string_view rule, std::string_view other) {
  topic::Levels of_rule(rule);
  topic::Levels of_other(other);
  Relation found = Relation::covers;
  for (bool first = true;; first = false) {
    const bool rule_ends = of_rule.done();
    const bool other_ends = of_other.done();
    if (rule_ends && other_ends) return found;
    const std::string_view a = rule_ends ? std::string_view() : of_rule.next();
    const std::string_view b = other_ends ? std::string_view() : of_other.next();
    if (first && apart_by_dollar(a, b)) return Relation::apart;
    if (!rule_ends && a == "#") return found;
    if (!other_ends && b == "#") return Relation::overlaps;
    if (rule_ends || other_ends) return Relation::apart;
    if (a == "+") continue;
    if (b == "+") {
      found = Relation::overlaps;
    } else if (a != b) {
      return Relation::apart;
    }
  }
}

std::size_t literal_of(std::string_view filter) {
  return std::min(filter.find_first_of("+#"), filter.size());
}

std::string_view cut_word(std::string_view& text) {
  const std::size_t first = std::min(text.find_first_not_of(" \t"), text.size());
  text.remove_prefix(first);
  const std::string_view word = text.substr(0, text.find_first_of(" \t"));
  text.remove_prefix(word.size());
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  return word;
}

}  // namespace

Result<AclExpectation> parse_acl_expectation(std::string_view text) {
  constexpr const char* kForm =
      "write for example: expect allow user=plc7 role=operator client=c1 claim=site=seoul publish line2/temp";
  AclExpectation expected{.text = std::string(text)};
  const std::string_view verdict = cut_word(text);
  if (verdict != "allow" && verdict != "deny") return failure(kForm);
  expected.allow = verdict == "allow";
  for (;;) {
    const std::string_view word = cut_word(text);
    const std::size_t equals = word.find('=');
    const std::string_view name = word.substr(0, equals);
    if (equals == std::string_view::npos) {
      if (name != "publish" && name != "subscribe") return failure(kForm);
      expected.action = name == "publish" ? AclAction::publish : AclAction::subscribe;
      break;
    }
    const std::string value(word.substr(equals + 1));
    if (name == "user") {
      expected.identity.user = value;
    } else if (name == "client") {
      expected.client_id = value;
    } else if (name == "role") {
      expected.identity.roles.push_back(value);
    } else if (name == "claim" && value.find('=') != std::string::npos) {
      const std::size_t inner = value.find('=');
      expected.identity.claims.emplace_back(value.substr(0, inner), value.substr(inner + 1));
    } else {
      return failure(kForm);
    }
  }
  expected.topic = text;
  const bool good = expected.action == AclAction::publish ? topic::valid_name(expected.topic)
                                                          : topic::valid_filter(expected.topic);
  if (!good) return failure("'" + expected.topic + "' is no topic");
  return expected;
}

AclSet::AclSet(std::span<const AclRule> rules, const Identity& identity, std::string_view client_id)
    : else_(rules.empty() && identity.rules.empty() && !identity.ruled) {
  for (const AclRule& rule : rules) add(rule, identity, client_id);
  for (const AclRule& rule : identity.rules) add(rule, identity, client_id);
}

void AclSet::add(const AclRule& rule, const Identity& identity, std::string_view client_id) {
  if (!is_about(rule.subject, identity, client_id)) return;
  auto filter = fill_in(rule, identity, client_id);
  if (!filter) return;
  const auto literal = static_cast<std::uint32_t>(literal_of(*filter));
  entries_.push_back({std::move(*filter), literal, rule.allow, rule.action});
}

bool AclSet::decide(std::string_view topic, AclAction action) const {
  for (const Entry& entry : entries_) {
    if (!includes(entry.action, action)) continue;
    // "a/#" matches "a" too.
    const std::size_t compared = std::min<std::size_t>(entry.literal, topic.size());
    if (topic.compare(0, compared, entry.filter, 0, compared) != 0) continue;
    if (topic::matches(entry.filter, topic)) return entry.allow;
  }
  return else_;
}

bool AclSet::may_publish(std::string_view topic) const { return decide(topic, AclAction::publish); }

bool AclSet::may_receive(std::string_view topic) const { return decide(topic, AclAction::subscribe); }

// Allowed if a rule allows all of it, and no rule before that denies some of it.
bool AclSet::may_subscribe(std::string_view filter) const {
  for (const Entry& entry : entries_) {
    if (!includes(entry.action, AclAction::subscribe)) continue;
    const Relation found = relation(entry.filter, filter);
    if (found == Relation::covers) return entry.allow;
    if (found == Relation::overlaps && !entry.allow) return false;
  }
  return else_;
}

Result<void> AclRules::read(std::string_view text, std::string_view name) {
  if (text.size() > kTextMax) return failure(std::string(name) + ": larger than 16 MiB");
  AclSubject subject;
  bool has_subject = false;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    while (line.ends_with('\r') || line.ends_with(' ') || line.ends_with('\t')) line.remove_suffix(1);
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    if (line.empty() || line.starts_with('#')) continue;
    const std::string where = std::string(name) + ":" + std::to_string(number);
    const auto wrong = [&where](const Error& error) { return failure(where + ": " + error.what); };
    std::string_view rest = line;
    const std::string_view word = cut_word(rest);
    if (word == "expect") {
      auto expected = parse_acl_expectation(rest);
      if (!expected) return wrong(expected.error());
      expected->where = where;
      expectations.push_back(std::move(*expected));
    } else if (word == "allow" || word == "deny") {
      auto rule = parse_acl_rule(line);
      if (!rule) return wrong(rule.error());
      if (!has_subject)
        return wrong({"whom is it about? Write a line like 'user plc7' or 'everybody' above it"});
      if (rules.size() == kRulesMax) return wrong({"there are more than 100000 rules"});
      rule->subject = subject;
      rules.push_back(std::move(*rule));
    } else {
      auto next = parse_acl_subject(line);
      if (!next) return wrong(next.error());
      subject = std::move(*next);
      has_subject = true;
    }
  }
  return {};
}

std::vector<std::string> AclRules::unmet() const {
  std::vector<std::string> unmet;
  for (const AclExpectation& expected : expectations) {
    const AclSet set(rules, expected.identity, expected.client_id);
    const bool allowed = expected.action == AclAction::publish ? set.may_publish(expected.topic)
                                                               : set.may_subscribe(expected.topic);
    if (allowed == expected.allow) continue;
    unmet.push_back((expected.where.empty() ? "" : expected.where + ": ") + "expect " + expected.text +
                    ": but it is " + (allowed ? "allowed" : "denied"));
  }
  return unmet;
}

}  // namespace gaon::auth
