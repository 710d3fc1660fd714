#include "app/config_listener.h"

#include <algorithm>
#include <map>
#include <optional>

#include "app/authentication.h"
#include "app/config_key.h"
#include "app/config_limits.h"
#include "app/listener_entrance.h"
#include "app/nearest.h"

namespace gaon::app {
namespace {

constexpr std::string_view kPrefix = "listener.";
constexpr std::string_view kTls = "listener.tls.";
constexpr std::string_view kLimits = "listener.limits.";
constexpr std::string_view kCertificate = "listener.certificate";
constexpr std::size_t kCertificatesMax = 64;

std::optional<Value> value_of(const toml::node& node) {
  if (const auto* flag = node.as_boolean()) return flag->get();
  if (const auto* number = node.as_integer()) return number->get();
  if (const auto* text = node.as_string()) return text->get();
  return std::nullopt;
}

bool is_table(const std::string& name) {
  return std::ranges::any_of(listener_keys(),
                             [&name](const ConfigKey& key) { return key.name.starts_with(name + "."); });
}

std::string suggest(std::string_view name) {
  std::vector<std::string_view> names{"url", "certificate", "auth", "require"};
  for (const ConfigKey& key : listener_keys()) names.push_back(key.name.substr(kPrefix.size()));
  std::vector<std::string> of_clients;
  for (const broker::ClientLimitKey& key : broker::client_limit_keys())
    of_clients.push_back("limits." + std::string(key.name));
  names.insert(names.end(), of_clients.begin(), of_clients.end());
  const std::string_view near = nearest_name(name.substr(kPrefix.size()), names);
  return near.empty() ? "see all keys with 'gaon config show --docs'"
                      : "did you mean " + std::string(near) + "?";
}

class ListenerReader {
 public:
  explicit ListenerReader(broker::Config& config) : config_(config) {}

  std::vector<Problem> read(const toml::table& table, ConfigLines& lines) {
    line_ = table.source().begin.line;
    if (!read_url(table)) return std::move(problems_);
    read_keys(table, std::string(kPrefix));
    check_scheme();
    if (!has_error(problems_)) open();
    const std::string prefix(kPrefix.substr(0, kPrefix.size() - 1));
    const std::string name = prefix + "." + std::to_string(config_.listeners.size() - 1);
    lines[name] = line_;
    for (const auto& [key, line] : lines_) lines[name + key.substr(prefix.size())] = line;
    return std::move(problems_);
  }

 private:
  bool read_url(const toml::table& table) {
    const auto* text = table["url"].as_string();
    if (text == nullptr) {
      report({.what = "a listener needs an address",
              .fix = "write url = \"mqtt://127.0.0.1:1883\"",
              .key = "listener.url"},
             line_);
      return false;
    }
    auto url = net::parse_url(text->get());
    if (!url) {
      report({.what = url.error().what, .fix = "", .key = "listener.url"}, line_of(*text));
      return false;
    }
    config_.listeners.push_back({.url = std::move(*url)});
    return true;
  }

  void read_keys(const toml::table& table, const std::string& prefix) {
    for (const auto& [part, node] : table) {
      const std::string name = prefix + std::string(part.str());
      lines_[name] = part.source().begin.line;
      if (name == "listener.url") continue;
      if (name == kCertificate) {
        read_certificates(node);
      } else if (name == "listener.auth") {
        read_auth(node);
      } else if (name == "listener.require") {
        read_require(node);
      } else if (const toml::table* inner = node.as_table(); inner != nullptr && is_table(name)) {
        read_keys(*inner, name + ".");
      } else {
        read_key(name, node);
      }
    }
  }

  void read_key(const std::string& name, const toml::node& node) {
    const auto key = std::ranges::find(listener_keys(), name, &ConfigKey::name);
    if (key == listener_keys().end() && name.starts_with(kLimits) &&
        broker::find_client_limit(std::string_view(name).substr(kLimits.size())) != nullptr) {
      auto done = read_client_limit(std::string_view(name).substr(kLimits.size()), node, name,
                                    config_.listeners.back().limits.of_clients);
      if (!done) report(std::move(done).error(), lines_[name]);
      return;
    }
    if (key == listener_keys().end()) {
      report({.what = "there is no such key", .fix = suggest(name), .key = name}, lines_[name]);
      return;
    }
    const std::optional<Value> value = value_of(node);
    auto done = value ? set_key(config_, *key, *value)
                      : std::unexpected(Problem{.what = "a value of this type does not fit",
                                                .fix = "see 'gaon config show --docs'",
                                                .key = name});
    if (!done) report(std::move(done).error(), lines_[name]);
  }

  // [[listener.certificate]]: one more for TLS, as tls.certificate_file and tls.key_file.
  void read_certificates(const toml::node& node) {
    const toml::array* list = node.as_array();
    if (list == nullptr || !list->is_homogeneous(toml::node_type::table) || list->size() > kCertificatesMax) {
      report({.what = "further certificates are a list of at most 64 tables",
              .fix = "write [[listener.certificate]]",
              .key = "listener.certificate"},
             line_of(node));
      return;
    }
    for (const toml::node& one : *list) {
      net::TlsOptions::Certificate files;
      const std::string name = std::string(kCertificate) + "." +
                               std::to_string(config_.listeners.back().tls.other_certificates.size() + 1);
      lines_[name + ".certificate_file"] = lines_[name + ".key_file"] = line_of(one);
      for (const auto& [part, value] : *one.as_table()) {
        std::string* to = part.str() == "certificate_file" ? &files.certificate_file
                          : part.str() == "key_file"       ? &files.key_file
                                                           : nullptr;
        if (to == nullptr || !value.is_string()) {
          report({.what = "this is neither certificate_file nor key_file, or no text",
                  .fix = "write certificate_file = \"…\" and key_file = \"…\"",
                  .key = "listener.certificate." + std::string(part.str())},
                 part.source().begin.line);
          continue;
        }
        *to = value.as_string()->get();
        lines_[name + "." + std::string(part.str())] = line_of(value);
      }
      config_.listeners.back().tls.other_certificates.push_back(std::move(files));
    }
  }

  // The ways to show who one is, in order.
  void read_auth(const toml::node& node) {
    std::vector<broker::AuthMethod>& methods = config_.listeners.back().auth.emplace();
    const toml::array* list = node.as_array();
    if (list == nullptr) {
      report(
          {.what = "this is no list", .fix = "write auth = [\"password\", \"jwt\"]", .key = "listener.auth"},
          line_of(node));
      return;
    }
    for (const toml::node& item : *list) {
      if (auto problem = read_method(item, methods)) report(std::move(*problem), line_of(item));
    }
  }

  static std::optional<Problem> read_method(const toml::node& item,
                                            std::vector<broker::AuthMethod>& methods) {
    const std::span<const std::string_view> names = auth_method_names();
    const auto* word = item.as_string();
    const auto at = word == nullptr ? names.end() : std::ranges::find(names, word->get());
    if (at == names.end()) {
      const std::string_view near = word == nullptr ? "" : nearest_name(word->get(), names);
      return Problem{.what = "there is no such way to authenticate",
                     .fix = near.empty() ? "use certificate, jwt, password, http and scram"
                                         : "did you mean " + std::string(near) + "?",
                     .key = "listener.auth"};
    }
    const auto method = static_cast<broker::AuthMethod>(at - names.begin());
    if (std::ranges::find(methods, method) != methods.end()) {
      return Problem{
          .what = std::string(*at) + " is there twice", .fix = "leave one out", .key = "listener.auth"};
    }
    methods.push_back(method);
    return std::nullopt;
  }

  void read_require(const toml::node& node) {
    const auto* word = node.as_string();
    if (word == nullptr || (word->get() != "any" && word->get() != "all")) {
      report({.what = "this is neither any nor all",
              .fix = "write require = \"any\" or require = \"all\"",
              .key = "listener.require"},
             line_of(node));
      return;
    }
    config_.listeners.back().require_all = word->get() == "all";
  }

  // A key that is without effect was meant to have one.
  void check_scheme() {
    const net::Url& url = config_.listeners.back().url;
    for (const auto& [name, line] : lines_) {
      const bool of_tls = name.starts_with(kTls) || name == kCertificate;
      if (!of_tls || net::has_tls(url)) continue;
      report({.what = "this is for TLS, and " + net::to_string(url) + " has none",
              .fix = "write mqtts:// or wss://, or leave it out",
              .key = name},
             line);
    }
  }

  void open() {
    std::vector<Problem> found;
    open_entrance(config_.listeners.back(), found);
    for (Problem& problem : found) {
      const auto line = lines_.find(problem.key);
      report(std::move(problem), line != lines_.end() ? line->second : line_);
    }
  }

  static std::uint32_t line_of(const toml::node& node) { return node.source().begin.line; }

  void report(Problem problem, std::uint32_t line) {
    problem.line = line;
    problems_.push_back(std::move(problem));
  }

  broker::Config& config_;
  std::uint32_t line_ = 0;
  ConfigLines lines_;
  std::vector<Problem> problems_;
};

}  // namespace

std::vector<Problem> read_listener(const toml::table& table, broker::Config& config, ConfigLines& lines) {
  return ListenerReader(config).read(table, lines);
}

}  // namespace gaon::app
