// Who may publish and subscribe to what. Rules stand in an order; the first that is about
// the client, the action and the topic decides. Where there is any rule, what none decides
// is denied. As text:
//
//   user plc7                              whom the rules that follow are about
//     allow publish line2/%c/#
//   everybody
//     deny all secret/#
//   expect deny user=plc7 publish line1/x  a test: run by `gaon config check`
//
// A rule that cannot be filled in for a client (it has no such claim, or its value would
// stand for other topics: it is empty or has + # or /, or a $ in front) allows nothing; one
// that denies does so from that level on.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "auth/acl_rule.h"
#include "auth/identity.h"
#include "base/result.h"

namespace gaon::auth {

// A client to try rules with, and what should come of it.
struct AclExpectation {
  bool allow = false;
  Identity identity;
  std::string client_id;
  AclAction action = AclAction::publish;
  std::string topic;  // of subscribe: a filter
  std::string text;   // as written
  std::string where;  // "file:3", if it is known
};

// "allow user=plc7 role=operator client=c1 claim=site=seoul publish line2/temp"
Result<AclExpectation> parse_acl_expectation(std::string_view text);

// What one client may: its rules, filled in. One per client, on its thread.
class AclSet {
 public:
  AclSet() = default;  // may everything
  AclSet(std::span<const AclRule> rules, const Identity& identity, std::string_view client_id);

  bool may_publish(std::string_view topic) const;
  // Every topic that the filter matches. Not of "$share/…".
  bool may_subscribe(std::string_view filter) const;
  // One topic of a filter that was subscribed to.
  bool may_receive(std::string_view topic) const;
  bool operator==(const AclSet&) const = default;

 private:
  struct Entry {
    std::string filter;
    std::uint32_t literal;  // its first bytes, before a wildcard
    bool allow;
    AclAction action;
    bool operator==(const Entry&) const = default;
  };
  void add(const AclRule& rule, const Identity& identity, std::string_view client_id);
  bool decide(std::string_view topic, AclAction action) const;

  std::vector<Entry> entries_;
  bool else_ = true;
};

// All rules of a configuration. Immutable once read.
struct AclRules {
  static constexpr std::size_t kTextMax = 16 << 20;
  static constexpr std::size_t kRulesMax = 100'000;

  // name stands before the number of a line in errors: "name:3: …". What it says is added.
  Result<void> read(std::string_view text, std::string_view name);
  // The expectations that are not met, as text.
  std::vector<std::string> unmet() const;

  std::vector<AclRule> rules;
  std::vector<AclExpectation> expectations;
};

}  // namespace gaon::auth
