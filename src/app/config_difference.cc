#include "app/config_difference.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>

#include "app/config_key.h"
#include "app/config_value.h"
#include "auth/crypto.h"
#include "net/address.h"

namespace gaon::app {
namespace {

using broker::Config;
using broker::ListenerConfig;

// Of the storage only what is read again and again can change.
bool needs_restart(std::string_view key) {
  return key == "data_dir" || key == "workers" || key == "user" || key == "group" || key == "log.format" ||
         key == "limits.memory_bytes_max" || (key.starts_with("storage.") && key != "storage.memory_bytes");
}

// A text may hold what came out of the environment.
std::string describe(const ConfigKey& key, const std::string& name, const Config& from, const Config& to) {
  if (key.kind == KeyKind::text) return name;
  return name + ": " + show_value(key, key.get(from)) + " -> " + show_value(key, key.get(to));
}

void take_over_listener(ListenerConfig& to, const ListenerConfig& wanted, ConfigDifference& difference) {
  const std::string name = "listener " + net::to_string(to.url);
  Config from;
  Config other;
  from.listeners.push_back(to);
  other.listeners.push_back(wanted);
  // It decides what stands before the listener, and that does not grow.
  if (to.proxy_protocol != wanted.proxy_protocol) {
    difference.needs_restart.push_back(name + ": proxy_protocol");
    other.listeners[0].proxy_protocol = to.proxy_protocol;
    other.listeners[0].proxy_trusted = to.proxy_trusted;
  }
  for (const ConfigKey& key : listener_keys()) {
    if (key.get(from) == key.get(other)) continue;
    const std::string part(key.name.substr(key.name.find('.') + 1));
    difference.changed.push_back(describe(key, name + ": " + part, from, other));
  }
  if (to.auth != wanted.auth) difference.changed.push_back(name + ": auth");
  if (to.limits != wanted.limits) difference.changed.push_back(name + ": limits");
  if (to.require_all != wanted.require_all) difference.changed.push_back(name + ": require");
  if (to.tls.other_certificates != wanted.tls.other_certificates)
    difference.changed.push_back(name + ": certificate");
  to = std::move(other.listeners[0]);
}

void take_over_listeners(Config& to, const Config& wanted, ConfigDifference& difference) {
  for (ListenerConfig& listener : to.listeners) {
    const auto same = std::ranges::find(wanted.listeners, listener.url, &ListenerConfig::url);
    if (same != wanted.listeners.end()) {
      take_over_listener(listener, *same, difference);
    } else {
      difference.needs_restart.push_back("listener " + net::to_string(listener.url) +
                                         ": it is open until then");
    }
  }
  for (const ListenerConfig& listener : wanted.listeners) {
    if (std::ranges::find(to.listeners, listener.url, &ListenerConfig::url) == to.listeners.end())
      difference.needs_restart.push_back("listener " + net::to_string(listener.url) +
                                         ": it is not open until then");
  }
}

std::string text_of(const std::filesystem::path& path) {
  // What is no file, like a pipe, may never end.
  if (std::error_code ignored; !std::filesystem::is_regular_file(path, ignored)) return {};
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (file.is_open()) text << file.rdbuf();
  return std::move(text).str();
}

std::string contents_of(const std::filesystem::path& path) {
  std::error_code error;
  std::string text;
  if (std::filesystem::is_directory(path, error)) {
    std::vector<std::filesystem::path> inside;
    for (const auto& entry : std::filesystem::directory_iterator(path, error)) inside.push_back(entry.path());
    std::ranges::sort(inside);
    for (const auto& one : inside) text += one.filename().string() + '\n' + text_of(one) + '\n';
  } else {
    text = text_of(path);
  }
  if (text.empty()) return {};
  const auth::Digest digest = auth::sha256(as_bytes(text));
  return {digest.begin(), digest.end()};
}

}  // namespace

Config take_over(const Config& running, const Config& wanted, ConfigDifference& difference) {
  Config next = running;
  for (const ConfigKey& key : config_keys()) {
    const Value value = key.get(wanted);
    if (value == key.get(running)) continue;
    const std::string told = describe(key, std::string(key.name), running, wanted);
    if (needs_restart(key.name)) {
      difference.needs_restart.push_back(told);
    } else {
      difference.changed.push_back(told);
      key.put(next, value);
    }
  }
  if (running.auth.rules.rules != wanted.auth.rules.rules) difference.changed.push_back("acl");
  next.auth.rules = wanted.auth.rules;
  if (running.limit_entries != wanted.limit_entries) difference.changed.push_back("limit");
  next.limit_entries = wanted.limit_entries;
  if (running.bans != wanted.bans) difference.changed.push_back("ban");
  next.bans = wanted.bans;
  take_over_listeners(next, wanted, difference);
  return next;
}

std::vector<ConfigFile> files_of(const ListenerConfig& listener) {
  const net::TlsOptions& tls = listener.tls;
  std::vector<ConfigFile> files = {
      {"tls.certificate_file", tls.certificate.certificate_file},
      {"tls.key_file", tls.certificate.key_file},
      {"tls.client_ca_file", tls.client_ca_file},
      {"tls.crl", tls.crl},
  };
  for (const net::TlsOptions::Certificate& other : tls.other_certificates) {
    files.push_back({"certificate.certificate_file", other.certificate_file});
    files.push_back({"certificate.key_file", other.key_file});
  }
  std::erase_if(files, [](const ConfigFile& file) { return file.path.empty(); });
  for (ConfigFile& file : files) file.key = "listener " + net::to_string(listener.url) + ": " + file.key;
  return files;
}

std::vector<ConfigFile> files_of(const std::string& config_file, const Config& config) {
  std::vector<ConfigFile> files = {
      {"", config_file},
      {"auth.password_file", config.auth.password_file},
      {"auth.scram_file", config.auth.scram_file},
      {"auth.jwt_keys", config.auth.jwt_keys},
      {"auth.acl_file", config.auth.acl_file},
  };
  std::erase_if(files, [](const ConfigFile& file) { return file.path.empty(); });
  for (const ListenerConfig& listener : config.listeners) {
    std::ranges::move(files_of(listener), std::back_inserter(files));
  }
  return files;
}

Contents contents_of(const std::vector<ConfigFile>& files) {
  Contents contents;
  for (const ConfigFile& file : files) contents.emplace(file.path.string(), contents_of(file.path));
  return contents;
}

bool differ(const Contents& a, const Contents& b, const std::vector<ConfigFile>& files) {
  const auto in = [](const Contents& contents, const std::string& path) {
    const auto found = contents.find(path);
    return found == contents.end() ? std::string() : found->second;
  };
  return std::ranges::any_of(
      files, [&](const ConfigFile& file) { return in(a, file.path.string()) != in(b, file.path.string()); });
}

}  // namespace gaon::app
