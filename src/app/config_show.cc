#include "app/authentication.h"
#include "app/config_acl.h"
#include "app/config_file.h"
#include "app/config_key.h"
#include "app/config_limits.h"
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

constexpr std::string_view kAclDocs =
    "# Who may publish and subscribe to what. The first rule that is about the client, what it does\n"
    "# and the topic decides; where there is any rule, what none allows is denied. %u is the user, %c\n"
    "# the client id, %{name} a claim of its token. Tests are run by: gaon config check\n"
    "#   [[acl]]\n"
    "#   role = \"operator\"             or user, client, claim = \"name=value\"; without: everybody\n"
    "#   rules = [\"allow all line2/#\", \"deny publish line1/%c/#\", \"allow subscribe line1/#\"]\n"
    "#   expect = [\"allow role=operator publish line2/temp\", \"deny user=eve subscribe line2/#\"]\n";

constexpr std::string_view kLimitDocs =
    "# Other limits for some clients: by the user that they proved to be, their client id, or both; a '*'\n"
    "# at the end stands for anything. The first [[limit]] that fits holds; what it does not say is as\n"
    "# in [listener.limits] and [limits].\n"
    "#   [[limit]]\n"
    "#   user = \"plc*\"\n"
    "#   client = \"line2-*\"\n"
    "#   messages_per_s = 100           or ";

constexpr std::string_view kBanDocs =
    "# Who is not let in, whatever they can prove: by network, client id or proven user.\n"
    "#   [[ban]]\n"
    "#   address = \"10.3.0.0/16\"      or client = \"scanner-*\", user = \"eve\"\n";

std::string show_limit_docs() {
  std::string text(kLimitDocs);
  std::size_t column = text.size() - text.rfind('\n');
  std::string_view comma;
  for (const broker::ClientLimitKey& key : broker::client_limit_keys()) {
    if (key.name == "messages_per_s") continue;
    text += comma;
    column += comma.size() + key.name.size();
    if (column > 100) {
      text += "\n#     ";
      column = key.name.size();
    } else if (!comma.empty()) {
      text += ' ';
    }
    text += key.name;
    comma = ",";
  }
  return text + '\n';
}

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
  if (const auto written = config.written.find(std::string(key.name)); written != config.written.end()) {
    text += " = " + toml_string(written->second) + '\n';
    return;
  }
  const Value value = key.get(config);
  // What stands in the environment is not known here, what stands in the file is not shown.
  const bool hidden = key.is_secret() && std::get<std::string>(value).find("${") == std::string::npos &&
                      !std::get<std::string>(value).empty();
  text += " = ";
  text += hidden            ? toml_string("(not shown)")
          : key.is_secret() ? toml_string(std::get<std::string>(value))
                            : show_value(key, value);
  text += '\n';
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
         "#   limits.messages_per_s = 100, and what else [[limit]] can say\n"
         "#     For all clients of this listener, instead of what [limits] says.\n"
         "#   auth = [\"jwt\", \"password\"]\n"
         "#     Who says who it is, in this order: certificate, jwt, password, http and scram; without it\n"
         "#     the certificate, where clients may show one, and all that is set up under [auth].\n"
         "#   require = \"any\"\n"
         "#     Whether the first of them that knows the client decides, or \"all\" have to say yes.\n"
         "#   [[listener.certificate]]\n"
         "#     Further certificates, for clients that ask for another name: certificate_file, key_file.\n";
}

// Without keys that say what they say anyway.
std::string show_listener(const broker::ListenerConfig& listener) {
  std::string text = "\n[[listener]]\nurl = " + config_text(net::to_string(listener.url)) + '\n';
  broker::Config shown;
  shown.listeners.push_back(listener);
  broker::Config defaults;
  defaults.listeners.emplace_back();
  for (const ConfigKey& key : listener_keys()) {
    if (key.get(shown) == key.get(defaults) && key.name != "listener.allow_anonymous") continue;
    text += std::string(without_listener(key.name)) + " = " + show_value(key, key.get(shown)) + '\n';
  }
  text += show_client_limits(listener.limits.of_clients, "limits.");
  if (listener.auth) {
    text += "auth = [";
    for (const broker::AuthMethod method : *listener.auth) {
      if (!text.ends_with('[')) text += ", ";
      text += toml_string(auth_method_names()[static_cast<std::size_t>(method)]);
    }
    text += "]\n";
  }
  if (listener.require_all) text += "require = \"all\"\n";
  for (const net::TlsOptions::Certificate& files : listener.tls.other_certificates) {
    text += "[[listener.certificate]]\ncertificate_file = " + config_text(files.certificate_file) +
            "\nkey_file = " + config_text(files.key_file) + '\n';
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
  if (docs) text += '\n' + std::string(kAclDocs);
  text += show_acl(config.auth.rules);
  if (docs) text += '\n' + show_limit_docs();
  text += show_limits(config.limit_entries);
  if (docs) text += '\n' + std::string(kBanDocs);
  text += show_bans(config.bans);
  if (docs) text += '\n' + std::string(kListenerDocs) + show_listener_docs();
  for (const broker::ListenerConfig& listener : config.listeners) text += show_listener(listener);
  return text;
}

}  // namespace gaon::app
