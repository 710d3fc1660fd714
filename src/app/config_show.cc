#include "app/config_file.h"
#include "app/config_key.h"
#include "app/config_value.h"

namespace gaon::app {
namespace {

constexpr std::string_view kHead =
    "# Gaon's configuration. Every key is here with its default; a key that is left out\n"
    "# keeps it. Check a file with: gaon config check -c gaon.toml\n";

constexpr std::string_view kListenerDocs =
    "# Where clients come in: mqtt://host:port or unix:///path, at most 64 of these. A client\n"
    "# without an identity is let in only where allow_anonymous is true.\n";

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
  if (docs) text += '\n' + std::string(kListenerDocs);
  for (const broker::ListenerConfig& listener : config.listeners) {
    if (!text.ends_with("\n\n") && !text.ends_with(kListenerDocs)) text += '\n';
    text += "[[listener]]\nurl = " + toml_string(net::to_string(listener.url));
    text += "\nallow_anonymous = " + std::string(listener.allow_anonymous ? "true" : "false") + '\n';
  }
  return text;
}

}  // namespace gaon::app
