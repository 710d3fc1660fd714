#include "app/config_acl.h"

#include <algorithm>
#include <array>

#include "app/config_value.h"
#include "app/nearest.h"

namespace gaon::app {
namespace {

constexpr std::string_view kKeys[] = {"user", "client", "role", "claim", "rules", "expect"};
constexpr std::size_t kSubjects = 4;

std::uint32_t line_of(const toml::node& node) { return node.source().begin.line; }

class AclReader {
 public:
  AclReader(const std::string& file, auth::AclRules& to) : file_(file), to_(to) {}

  std::vector<Problem> read(const toml::table& table) {
    for (const auto& [part, node] : table) {
      if (std::ranges::find(kKeys, part.str()) != std::end(kKeys)) continue;
      const std::string_view near = nearest_name(part.str(), kKeys);
      report(part.str(), part.source().begin.line, "there is no such key",
             near.empty() ? "use user, client, role or claim, and rules and expect"
                          : "did you mean " + std::string(near) + "?");
    }
    read_subject(table);
    each_text(table, "rules", [this](const std::string& text, std::uint32_t line) {
      auto rule = auth::parse_acl_rule(text);
      if (!rule) return report("rules", line, rule.error().what, "");
      rule->subject = subject_;
      to_.rules.push_back(std::move(*rule));
    });
    each_text(table, "expect", [this](const std::string& text, std::uint32_t line) {
      auto expected = auth::parse_acl_expectation(text);
      if (!expected) return report("expect", line, expected.error().what, "");
      expected->where = file_ + ":" + std::to_string(line);
      to_.expectations.push_back(std::move(*expected));
    });
    return std::move(problems_);
  }

 private:
  void read_subject(const toml::table& table) {
    bool found = false;
    for (const std::string_view kind : std::span(kKeys).first(kSubjects)) {
      const toml::node* node = table[kind].node();
      if (node == nullptr) continue;
      const auto* text = node->as_string();
      auto subject = text == nullptr ? failure("this is no text")
                                     : auth::parse_acl_subject(std::string(kind) + " " + text->get());
      if (found) {
        report(kind, line_of(*node), "this is about two kinds of clients", "write one [[acl]] for each");
      } else if (!subject) {
        report(kind, line_of(*node), subject.error().what, "");
      } else {
        subject_ = std::move(*subject);
      }
      found = true;
    }
  }

  template <class Fn>
  void each_text(const toml::table& table, std::string_view key, Fn&& fn) {
    const toml::node* node = table[key].node();
    if (node == nullptr) return;
    const toml::array* list = node->as_array();
    if (list == nullptr)
      return report(key, line_of(*node), "this is no list of texts", "write [\"…\", \"…\"]");
    for (const toml::node& item : *list) {
      if (const auto* text = item.as_string()) {
        fn(text->get(), line_of(item));
      } else {
        report(key, line_of(item), "this is no text", "write \"…\"");
      }
    }
  }

  void report(std::string_view key, std::uint32_t line, std::string what, std::string fix) {
    problems_.push_back(
        {.what = std::move(what), .fix = std::move(fix), .key = "acl." + std::string(key), .line = line});
  }

  const std::string& file_;
  auth::AclRules& to_;
  auth::AclSubject subject_;
  std::vector<Problem> problems_;
};

void show_list(std::string_view key, const std::vector<std::string>& texts, std::string& to) {
  if (texts.empty()) return;
  to.append(key).append(" = [\n");
  for (const std::string& text : texts) to += "  " + config_text(text) + ",\n";
  to += "]\n";
}

}  // namespace

std::vector<Problem> read_acl(const toml::table& table, const std::string& file, auth::AclRules& to) {
  return AclReader(file, to).read(table);
}

std::string show_acl(const auth::AclRules& rules) {
  std::string text;
  for (auto at = rules.rules.begin(); at != rules.rules.end();) {
    text += "\n[[acl]]\n";
    const auth::AclSubject& subject = at->subject;
    if (subject.kind != auth::AclSubject::Kind::everybody) {
      const std::string whole = to_string(subject);
      const std::size_t space = whole.find(' ');
      text += whole.substr(0, space) + " = " + config_text(whole.substr(space + 1)) + '\n';
    }
    std::vector<std::string> lines;
    for (; at != rules.rules.end() && at->subject == subject; ++at) lines.push_back(to_string(*at));
    show_list("rules", lines, text);
  }
  std::vector<std::string> expected;
  for (const auth::AclExpectation& one : rules.expectations) expected.push_back(one.text);
  if (!expected.empty()) text += "\n[[acl]]\n";
  show_list("expect", expected, text);
  return text;
}

}  // namespace gaon::app
