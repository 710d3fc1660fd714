#include "app/config_file.h"
#include "app/config_key.h"
#include "app/config_value.h"

namespace gaon::app {
namespace {

constexpr std::string_view kHead =
    "# Gaon's configuration. Every key is here with its default; a key that is left out\n"
    "# keeps it. Check a file with: gaon config check -c gaon.toml\n";

constexpr std::string_view kListenerDocs =
    "# Where clients come in: mqtt://host:port, mqtts:// (TLS), ws:// and wss:// (WebSocket, with a path)\n"
    "# or unix:///path, at most 64 of these. A client without an identity is let in only where\n"
    "# allow_anonymous is true. Further keys of a listener, each with its default:\n";

std::string_view table_of(std::string_view name) {
  const std::size_t dot = name.find('.');
  return dot == std::string_view::npos ? std::string_view{} : name.substr(0, dot);
}

void show_key(const ConfigKey& key, const broker::Config& config, bool docs, std::string& text) {
  if (docs) {
    text += "\n# " + std::string(key.doc);
    if (key.kind == KeyKind::number || key.kind == KeyKind::choice) text += " (" + show_bounds(key) + ")";
    text += '\n';
  }
  const std::string_view table = table_of(key.name);
  text += key.name.substr(table.empty() ? 0 : table.size() + 1);
  text += " = " + show_value(key, key.get(config)) + '\n';
}

std::string_view without_listener(std::string_view name) { return name.substr(name.find('.') + 1); }

std::string show_listener_docs() {
  broker::Config config;
  config.listeners.emplace_back();
  std::string text;
  for (const ConfigKey& key : listener_keys()) {
    text += "#   " + std::string(without_listener(key.name)) + " = " + show_value(key, key.get(config)) +
            "\n#     " + std::string(key.doc);
    if (key.kind == KeyKind::number || key.kind == KeyKind::choice) text += " (" + show_bounds(key) + ")";
    text += '\n';
  }
  return text +
         "#   [[listener.certificate]]\n"
         "#     Further certificates, for clients that ask for another name: certificate_file, key_file.\n";
}

// Without keys that say what they say anyway.
std::string show_listener(const broker::ListenerConfig& listener) {
  std::string text = "\n[[listener]]\nurl = " + toml_string(net::to_string(listener.url)) + '\n';
  broker::Config shown;
  shown.listeners.push_back(listener);
  broker::Config defaults;
  defaults.listeners.emplace_back();
  for (const ConfigKey& key : listener_keys()) {
    if (key.get(shown) == key.get(defaults) && key.name != "listener.allow_anonymous") continue;
    text += std::string(without_listener(key.name)) + " = " + show_value(key, key.get(shown)) + '\n';
  }
  for (const net::TlsOptions::Certificate& files : listener.tls.other_certificates) {
    text += "[[listener.certificate]]\ncertificate_file = " + toml_string(files.certificate_file) +
            "\nkey_file = " + toml_string(files.key_file) + '\n';
  }
  return text;
}

}  // namespace

std::string show_config(const broker::Config& config, bool docs) {
  std::string text;
  if (docs) text += kHead;
  std::string_view table;
  for (const ConfigKey& key : config_keys()) {
    if (table_of(key.name) != table) {
      table = table_of(key.name);
      text += "\n[" + std::string(table) + "]\n";
    }
    show_key(key, config, docs, text);
  }
  if (docs) text += '\n' + std::string(kListenerDocs) + show_listener_docs();
  for (const broker::ListenerConfig& listener : config.listeners) text += show_listener(listener);
  return text;
}

}  // namespace gaon::app
