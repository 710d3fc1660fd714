#include "app/config_file.h"

#include <toml++/toml.h>
#include <algorithm>
#include <optional>

#include "app/authentication.h"
#include "app/config_acl.h"
#include "app/config_environment.h"
#include "app/config_key.h"
#include "app/config_limits.h"
#include "app/config_listener.h"
#include "base/check.h"

namespace gaon::app {
namespace {

constexpr std::size_t kTextMax = 1 << 20;

std::uint32_t line_of(const toml::source_region& source) { return source.begin.line; }

// One reading of one file.
class FileReader {
 public:
  FileReader(std::string_view file_name, broker::Config& config, ConfigLines& lines)
      : file_(file_name), config_(config), lines_(lines) {}

  std::vector<Problem> read(std::string_view text) {
    if (text.size() > kTextMax) {
      report({.what = "the file is larger than 1 MiB", .fix = "is it the right file?"}, 0);
      return std::move(problems_);
    }
    try {
      toml::table root = toml::parse(text, file_);
      // What cannot be expanded would only be followed by problems that come of it.
      for (Problem& problem : expand_texts(root, config_)) {
        const std::uint32_t line = problem.line;
        report(std::move(problem), line);
      }
      if (problems_.empty()) read_table(root, "");
    } catch (const toml::parse_error& error) {
      report({.what = "this is not TOML: " + std::string(error.description()), .fix = ""},
             line_of(error.source()));
    }
    return std::move(problems_);
  }

 private:
  void read_table(const toml::table& table, const std::string& prefix) {
    for (const auto& [part, node] : table) {
      const std::string name = prefix + std::string(part.str());
      if (prefix.empty() && name == "listener") {
        read_listeners(node);
      } else if (prefix.empty() && name == "acl") {
        read_acl_tables(node);
      } else if (prefix.empty() && name == "limit") {
        read_entries(node, name, broker::kLimitEntriesMax, config_.limit_entries, read_limit);
        check_last_limit(node);
      } else if (prefix.empty() && name == "ban") {
        read_entries(node, name, broker::kBansMax, config_.bans, read_ban);
      } else if (const toml::table* inner = node.as_table(); inner != nullptr && is_table(name)) {
        read_table(*inner, name + ".");
      } else {
        read_key(name, node, line_of(part.source()));
      }
    }
  }

  static bool is_table(const std::string& name) {
    return std::ranges::any_of(config_keys(),
                               [&name](const ConfigKey& key) { return key.name.starts_with(name + "."); });
  }

  void read_key(const std::string& name, const toml::node& node, std::uint32_t line) {
    if (is_table(name)) {
      report({.what = "this is a table", .fix = "write [" + name + "]", .key = name}, line);
      return;
    }
    const std::optional<Value> value = value_of(node);
    // A value of no type we know is an error of the key, unless the key is one already.
    if (!value && find_key(name) != nullptr) {
      report(
          {.what = "a value of this type does not fit", .fix = "see 'gaon config show --docs'", .key = name},
          line);
      return;
    }
    lines_[name] = line;
    auto done = set_key(config_, name, value.value_or(Value{false}));
    if (!done) report(std::move(done).error(), line);
  }

  static std::optional<Value> value_of(const toml::node& node) {
    if (const auto* flag = node.as_boolean()) return flag->get();
    if (const auto* number = node.as_integer()) return number->get();
    if (const auto* text = node.as_string()) return text->get();
    return std::nullopt;
  }

  void read_acl_tables(const toml::node& node) {
    const toml::array* list = node.as_array();
    if (list == nullptr || !list->is_homogeneous(toml::node_type::table)) {
      return report({.what = "rules are a list of tables", .fix = "write [[acl]]", .key = "acl"},
                    line_of(node.source()));
    }
    for (const toml::node& one : *list) {
      for (Problem& problem : read_acl(*one.as_table(), file_, config_.auth.rules)) {
        report(problem, problem.line);
      }
    }
  }

  template <class Entry>
  void read_entries(const toml::node& node, const std::string& name, std::size_t most,
                    std::vector<Entry>& entries,
                    std::vector<Problem> (*read_one)(const toml::table& table, Entry& to)) {
    const toml::array* list = node.as_array();
    if (list == nullptr || !list->is_homogeneous(toml::node_type::table) || list->size() > most) {
      return report({.what = "this is no list of at most " + std::to_string(most) + " tables",
                     .fix = "write [[" + name + "]]",
                     .key = name},
                    line_of(node.source()));
    }
    for (const toml::node& one : *list) {
      for (Problem& problem : read_one(*one.as_table(), entries.emplace_back())) {
        const std::uint32_t line = problem.line;
        report(std::move(problem), line);
      }
    }
  }

  // One without a limit excepts its clients from those after it; the last one nothing.
  void check_last_limit(const toml::node& node) {
    if (config_.limit_entries.empty() || !config_.limit_entries.back().values.empty() || !problems_.empty())
      return;
    report({.what = "there is no limit in it, and no [[limit]] after it that it excepts from",
            .fix = "write for example messages_per_s = 100, or leave it out",
            .key = "limit"},
           line_of(node.as_array()->back().source()));
  }

  void read_listeners(const toml::node& node) {
    const toml::array* list = node.as_array();
    if (list == nullptr || !list->is_homogeneous(toml::node_type::table)) {
      report({.what = "listeners are a list of tables", .fix = "write [[listener]]", .key = "listener"},
             line_of(node.source()));
      return;
    }
    for (const toml::node& listener : *list) {
      if (config_.listeners.size() == kListenersMax) {
        report({.what = "there are more than 64 listeners", .fix = "leave some out", .key = "listener"},
               line_of(listener.source()));
        return;
      }
      for (Problem& problem : read_listener(*listener.as_table(), config_, lines_)) {
        const std::uint32_t line = problem.line;
        report(std::move(problem), line);
      }
    }
  }

  void report(Problem problem, std::uint32_t line) {
    problem.file = file_;
    problem.line = line;
    problems_.push_back(std::move(problem));
  }

  const std::string file_;
  broker::Config& config_;
  ConfigLines& lines_;
  std::vector<Problem> problems_;
};

}  // namespace

std::vector<Problem> read_config(std::string_view text, std::string_view file_name, broker::Config& config,
                                 ConfigLines& lines) {
  return FileReader(file_name, config, lines).read(text);
}

Result<broker::Config> parse_config(std::string_view text, std::string_view file_name) {
  broker::Config config;
  ConfigLines lines;
  for (const Problem& problem : read_config(text, file_name, config, lines)) {
    if (!problem.warning) return failure(to_text(problem));
  }
  if (config.listeners.empty()) config.listeners = default_listeners();
  return config;
}

std::vector<broker::ListenerConfig> default_listeners() {
  std::vector<broker::ListenerConfig> listeners;
  for (const char* text : {"mqtt://127.0.0.1:1883", "mqtt://[::1]:1883"}) {
    auto url = net::parse_url(text);
    CHECK(url);
    listeners.push_back({.url = std::move(*url), .allow_anonymous = true});
  }
  return listeners;
}

}  // namespace gaon::app
