#include "app/config_source.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <span>
#include <sstream>

#include "app/acl_file.h"
#include "app/authentication.h"
#include "app/config_difference.h"
#include "app/config_file.h"
#include "app/config_key.h"
#include "app/http_client.h"
#include "app/listener_entrance.h"
#include "app/password_file.h"
#include "app/scram_file.h"
#include "app/text_file.h"

namespace gaon::app {
namespace {

void add(std::vector<Problem>& to, std::vector<Problem> more) {
  to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

bool has_password(const broker::Config& config, const std::string& key, const std::string& url) {
  return url.find('@') != std::string::npos && !config.written.contains(key);
}

// A secret that stands there itself, and not only the name of where it is.
bool holds_secret(const broker::Config& config) {
  const broker::AuthConfig& auth = config.auth;
  return (!auth.http_authorization.empty() && auth.http_authorization.find("${") == std::string::npos) ||
         has_password(config, "auth.http_url", auth.http_url) ||
         has_password(config, "auth.jwks_url", auth.jwks_url);
}

void load_file(const std::string& name, LoadedConfig& loaded, ConfigLines& lines) {
  std::error_code ignored;
  errno = 0;
  std::ifstream file(name, std::ios::binary);
  if (!file.is_open() || std::filesystem::is_directory(name, ignored)) {
    const char* why = errno != 0 ? std::strerror(errno) : "it is a directory";
    loaded.problems.push_back(
        {.what = std::string("cannot be read: ") + why, .fix = "name a file with -c", .file = name});
    return;
  }
  std::ostringstream text;
  text << file.rdbuf();
  add(loaded.problems, read_config(text.view(), name, loaded.config, lines));
  if (holds_secret(loaded.config) && is_open_to_others(name, S_IROTH)) {
    loaded.problems.push_back({.what = "everybody can read it, and a secret stands in it",
                               .fix = "chmod o-r " + name,
                               .file = name,
                               .warning = true});
  }
}

// Who may write what decides who gets in may let himself in.
void check_writers(const std::string& file, const broker::Config& config, std::vector<Problem>& problems) {
  for (const ConfigFile& one : files_of(file, config)) {
    // Of these it is looked at whether they can be read, too.
    const bool secret =
        one.key == "auth.password_file" || one.key == "auth.scram_file" || one.key.ends_with("key_file");
    if (secret || !is_open_to_others(one.path, S_IWOTH)) continue;
    problems.push_back({.what = one.path.string() + " can be changed by everybody",
                        .fix = "chmod o-w " + one.path.string(),
                        .key = one.key,
                        .warning = true});
  }
}

void load_listeners(const ConfigSource& source, LoadedConfig& loaded, ConfigLines& lines) {
  const std::vector<std::string>& urls = source.listen;
  if (!urls.empty()) {
    loaded.config.listeners.clear();
    std::erase_if(lines, [](const auto& line) { return line.first.starts_with("listener."); });
  }
  for (const std::string& text : urls) {
    auto url = net::parse_url(text);
    if (!url) {
      loaded.problems.push_back({.what = url.error().what, .fix = "", .key = "--listen"});
    } else if (loaded.config.listeners.size() == kListenersMax) {
      loaded.problems.push_back(
          {.what = "there are more than 64 listeners", .fix = "leave some out", .key = "--listen"});
      return;
    } else {
      broker::ListenerConfig listener{.url = std::move(*url)};
      listener.allow_anonymous = net::is_loopback(listener.url);
      if (net::has_tls(listener.url)) listener.tls = source.tls;
      open_entrance(listener, loaded.problems);
      loaded.config.listeners.push_back(std::move(listener));
    }
  }
}

std::uint32_t line_of(const ConfigLines& lines, const std::string& key) {
  const auto line = lines.find(key);
  return line == lines.end() ? 0 : line->second;
}

Problem warning(std::string_view key, std::string what, std::string fix) {
  return {.what = std::move(what), .fix = std::move(fix), .key = std::string(key), .warning = true};
}

void check_methods(const broker::Config& config, const broker::ListenerConfig& listener,
                   const std::string& url, std::vector<Problem>& problems) {
  const auto methods = methods_of(config, listener);
  const bool shows =
      listener.proxy_protocol ||
      (net::has_tls(listener.url) && listener.tls.client_certificate != net::ClientCertificate::none);
  for (const broker::AuthMethod method : methods) {
    if (method == broker::AuthMethod::certificate && !shows) {
      problems.push_back({.what = url + " asks for certificates, which nobody can show there",
                          .fix = net::has_tls(listener.url)
                                     ? "set tls.client_certificate to \"required\" or \"optional\""
                                     : "write mqtts:// or wss:// and set tls.client_certificate",
                          .key = "listener.auth"});
    }
    if (is_set_up(config.auth, method)) continue;
    problems.push_back({.what = url + " asks for " +
                                std::string(auth_method_names()[static_cast<std::size_t>(method)]) +
                                ", which is not set up",
                        .fix = "set " + std::string(key_of(method)),
                        .key = "listener.auth"});
  }
  if (listener.require_all && std::ranges::find(methods, broker::AuthMethod::scram) != methods.end()) {
    problems.push_back({.what = url + " requires all, but SCRAM cannot be put together with another proof",
                        .fix = "leave scram out of auth, or require any",
                        .key = "listener.require"});
  }
}

void check_url(const std::string& url, std::string_view key, std::vector<Problem>& problems) {
  if (url.empty()) return;
  if (server_of(url).empty()) {
    problems.push_back({.what = "this is no address of a server",
                        .fix = "write https://server/path",
                        .key = std::string(key)});
  } else if (!is_private(url)) {
    problems.push_back(warning(key,
                               server_of(url) + " is asked without encryption: who is in between can let "
                                                "everybody in",
                               "use https"));
  }
}

void check_tokens(const broker::AuthConfig& auth, std::vector<Problem>& problems) {
  if (const auto keys = read_jwt_keys(auth); !auth.jwt_keys.empty() && !keys) {
    problems.push_back({.what = keys.error().what, .fix = "", .key = "auth.jwt_keys"});
  }
  check_url(auth.jwks_url, "auth.jwks_url", problems);
  if (!auth.jwt_keys.empty() && !auth.jwks_url.empty()) {
    problems.push_back({.what = "the keys come from a file or from an address, not from both",
                        .fix = "leave auth.jwt_keys or auth.jwks_url out",
                        .key = "auth.jwks_url"});
  }
  const bool tokens = !auth.jwt_keys.empty() || !auth.jwks_url.empty();
  if (tokens && auth.jwt.issuer.empty() && auth.jwt.audience.empty()) {
    problems.push_back(
        warning("auth.jwt_audience",
                "every token that these keys signed lets in, also one that is for another service",
                "set auth.jwt_issuer and auth.jwt_audience"));
  }
}

void check_http(const broker::AuthConfig& auth, std::vector<Problem>& problems) {
  check_url(auth.http_url, "auth.http_url", problems);
  const std::string& header = auth.http_authorization;
  if (!header.empty() && header.find("${") == std::string::npos) {
    problems.push_back(warning("auth.http_authorization", "a secret stands in the configuration",
                               "write \"Bearer ${NAME}\" and put NAME into the environment"));
  }
}

void check_rules(const broker::AuthConfig& auth, std::vector<Problem>& problems) {
  const auto rules = read_rules(auth);
  if (!rules) {
    problems.push_back({.what = rules.error().what, .fix = "", .key = "auth.acl_file"});
    return;
  }
  for (const std::string& unmet : rules->unmet()) {
    problems.push_back({.what = unmet, .fix = "change the rules, or what is expected of them", .key = "acl"});
  }
}

// A file whose users or keys nobody else should see.
void check_secret_file(const std::filesystem::path& path, std::string_view key,
                       std::vector<Problem>& problems) {
  if (path.empty() || !is_wide_open(path)) return;
  problems.push_back(warning(key, path.string() + " can be read by everybody, or written by its group",
                             "chmod 600 " + path.string()));
}

// They are of this listener, and keys begin with "listener".
void find_lines(std::span<Problem> problems, std::size_t listener, const ConfigLines& lines) {
  const std::string name = "listener." + std::to_string(listener);
  for (Problem& problem : problems) {
    problem.line = line_of(lines, name + problem.key.substr(std::string_view("listener").size()));
    if (problem.line == 0) problem.line = line_of(lines, name);
  }
}

void check_listeners(const broker::Config& config, const ConfigLines& lines, std::vector<Problem>& problems) {
  std::set<std::string> seen;
  for (std::size_t i = 0; i < config.listeners.size(); ++i) {
    const broker::ListenerConfig& listener = config.listeners[i];
    const std::size_t known = problems.size();
    const std::string url = net::to_string(listener.url);
    if (!seen.insert(url).second) {
      problems.push_back({.what = url + " is listened to twice", .fix = "leave one out", .key = "listener"});
    }
    if (listener.allow_anonymous && !net::is_loopback(listener.url)) {
      problems.push_back(warning("listener", url + " lets everybody in who reaches it", ""));
    }
    if (listener.allow_anonymous && net::has_websocket(listener.url) && listener.origins.empty()) {
      problems.push_back(warning("listener",
                                 url + " lets in any web page that a browser which reaches it has open",
                                 "name those that may with origins"));
    }
    if (!listener.allow_anonymous && methods_of(config, listener).empty()) {
      problems.push_back(warning("listener",
                                 url + " refuses everybody: anonymous clients are not allowed and no "
                                       "authentication is set up",
                                 "listen on mqtt://127.0.0.1:1883, or name the listener in a file with "
                                 "allow_anonymous = true"));
    }
    check_methods(config, listener, url, problems);
    find_lines(std::span(problems).subspan(known), i, lines);
  }
}

// What no single key can tell: keys that contradict each other, listeners that refuse
// everybody or stand twice; and what is in files that it names.
std::vector<Problem> check_config(const broker::Config& config, const ConfigLines& lines) {
  std::vector<Problem> problems;
  check_listeners(config, lines, problems);
  if (const auto users = read_scram_users(config.auth); !users) {
    problems.push_back({.what = users.error().what, .fix = "", .key = "auth.scram_file"});
  }
  if (const auto users = read_password_users(config.auth); !users) {
    problems.push_back({.what = users.error().what, .fix = "", .key = "auth.password_file"});
  }
  check_tokens(config.auth, problems);
  check_http(config.auth, problems);
  check_rules(config.auth, problems);
  check_secret_file(config.auth.scram_file, "auth.scram_file", problems);
  check_secret_file(config.auth.password_file, "auth.password_file", problems);
  const broker::Limits& limits = config.limits;
  if (limits.queue_bytes_max < limits.packet_bytes_max) {
    problems.push_back(warning("limits.queue_bytes_max",
                               "the largest packet does not fit into an empty queue",
                               "make it at least limits.packet_bytes_max"));
  }
  if (limits.group_queue_bytes_max < limits.packet_bytes_max) {
    problems.push_back(warning("limits.group_queue_bytes_max",
                               "the largest packet does not fit into an empty queue",
                               "make it at least limits.packet_bytes_max"));
  }
  if (limits.retained_bytes_max > 0 && limits.retained_bytes_max < limits.packet_bytes_max) {
    problems.push_back(warning("limits.retained_bytes_max", "the largest packet cannot be retained",
                               "make it at least limits.packet_bytes_max"));
  }
  return problems;
}

}  // namespace

LoadedConfig load_config(const ConfigSource& source) {
  LoadedConfig loaded;
  ConfigLines lines;
  if (!source.file.empty()) load_file(source.file, loaded, lines);
  load_listeners(source, loaded, lines);
  for (const std::string& assignment : source.set) {
    lines.erase(assignment.substr(0, assignment.find('=')));
    auto done = set_key(loaded.config, assignment);
    if (!done) loaded.problems.push_back(std::move(done).error());
  }
  if (loaded.config.listeners.empty()) loaded.config.listeners = default_listeners();
  std::vector<Problem> found = check_config(loaded.config, lines);
  check_writers(source.file, loaded.config, found);
  for (Problem& problem : found) {
    if (problem.line == 0) problem.line = line_of(lines, problem.key);
    if (problem.line > 0) problem.file = source.file;
  }
  add(loaded.problems, std::move(found));
  return loaded;
}

}  // namespace gaon::app
