#include <type_traits>

#include "app/config_key.h"

namespace gaon::app {
namespace {

using broker::Config;
using broker::kGiB;
using broker::kMiB;

constexpr std::string_view kOverflow[] = {"drop_oldest", "drop_newest", "reject"};
constexpr std::string_view kDurabilities[] = {"synced", "written", "none"};
constexpr std::string_view kLevels[] = {"debug", "info", "warning", "error"};
constexpr std::string_view kFormats[] = {"text", "json"};
constexpr std::string_view kTlsVersions[] = {"1.2", "1.3"};
constexpr std::string_view kClientCertificates[] = {"none", "optional", "required"};
constexpr std::string_view kCertificateNames[] = {"common_name", "subject", "dns",
                                                  "uri",         "email",   "fingerprint"};

template <class Field>
void put(Config& config, const Value& value) {
  auto& to = Field{}(config);
  using T = std::remove_reference_t<decltype(to)>;
  if constexpr (std::is_same_v<T, bool>) {
    to = std::get<bool>(value);
  } else if constexpr (std::is_integral_v<T> || std::is_enum_v<T>) {
    to = static_cast<T>(std::get<std::int64_t>(value));
  } else {
    to = std::get<std::string>(value);
  }
}

template <class Field>
Value get(const Config& config) {
  const auto& from = Field{}(config);
  using T = std::remove_cvref_t<decltype(from)>;
  if constexpr (std::is_same_v<T, bool>) {
    return from;
  } else if constexpr (std::is_integral_v<T> || std::is_enum_v<T>) {
    return static_cast<std::int64_t>(from);
  } else if constexpr (std::is_same_v<T, std::string>) {
    return from;
  } else {
    return from.string();
  }
}

template <class Field>
constexpr ConfigKey flag(std::string_view name, std::string_view doc, Field) {
  return {name, KeyKind::flag, 0, 1, "", {}, doc, put<Field>, get<Field>};
}

template <class Field>
constexpr ConfigKey number(std::string_view name, std::int64_t least, std::uint64_t most,
                           std::string_view unit, std::string_view doc, Field) {
  return {name, KeyKind::number, least,     static_cast<std::int64_t>(most), unit, {},
          doc,  put<Field>,      get<Field>};
}

template <class Field>
constexpr ConfigKey choice(std::string_view name, std::span<const std::string_view> choices,
                           std::string_view doc, Field) {
  return {name, KeyKind::choice, 0, 0, "", choices, doc, put<Field>, get<Field>};
}

template <class Field>
constexpr ConfigKey text(std::string_view name, std::int64_t least, std::int64_t most, std::string_view doc,
                         Field) {
  return {name, KeyKind::text, least, most, "", {}, doc, put<Field>, get<Field>};
}

// Where a key lives, for reading and for writing.
#define AT(field) \
  [](auto& config) -> auto& { return config.field; }

constexpr ConfigKey kKeys[] = {
    text("data_dir", 1, 4096, "The directory for what survives a restart; made if it is not there.",
         AT(data_dir)),
    text("user", 0, 256,
         "The user that a broker started by root becomes when its ports are open and its keys are read; \"\" "
         "stays who it is.",
         AT(run_as.user)),
    text("group", 0, 256, "The group; \"\" is the user's own.", AT(run_as.group)),
    number("workers", 0, 64, "", "Threads that serve connections; 0 is one a core.", AT(workers)),
    number("sys_interval_s", 0, 86'400, "s", "How often $SYS topics are published; 0 is never.",
           AT(sys_interval_s)),

    choice("log.level", kLevels, "The least that is logged.", AT(log.level)),
    choice("log.format", kFormats, "Lines of text, or one JSON object a line.", AT(log.format)),

    flag("reload.watch",
         "Whether a change of this file, or of a file that it names, is taken over by itself. By hand: gaon "
         "reload.",
         AT(reload.watch)),

    number("limits.connections_max", 1, 10'000'000, "", "Connections at one time.",
           AT(limits.connections_max)),
    number(
        "limits.connections_per_address_max", 0, 10'000'000, "",
        "Of these from one IP address, of IPv6 from one /64; 0 is any number. A listener may say otherwise.",
        AT(limits.connections_per_address_max)),
    number("limits.connections_per_user_max", 0, 10'000'000, "",
           "Connections of one user that was authenticated; 0 is any number.",
           AT(limits.connections_per_user_max)),
    number("limits.messages_per_s", 0, 100'000'000, "",
           "PUBLISH packets a client may send in a second; 0 is any number. Who sends more is read later:\n"
           "# nothing is dropped.",
           AT(limits.messages_per_s)),
    number("limits.bytes_per_s", 0, 1024 * kGiB, "bytes", "The same for their bytes.",
           AT(limits.bytes_per_s)),
    number("limits.connect_bytes_max", 1024, kMiB, "bytes", "The largest packet before CONNECT is accepted.",
           AT(limits.connect_bytes_max)),
    number("limits.sessions_max", 1, 100'000'000, "", "Sessions, connected or not.", AT(limits.sessions_max)),
    number("limits.retained_messages_max", 0, 100'000'000, "", "Retained messages in all.",
           AT(limits.retained_messages_max)),
    number("limits.retained_bytes_max", 0, 1024 * kGiB, "bytes", "Their topics and payloads.",
           AT(limits.retained_bytes_max)),
    number("limits.retained_per_client_max", 0, 100'000'000, "",
           "Of these by one client; 0 is any number. Where it is set, what each client has is counted.",
           AT(limits.retained_per_client_max)),
    number("limits.retained_bytes_per_client_max", 0, 1024 * kGiB, "bytes", "The same for their bytes.",
           AT(limits.retained_bytes_per_client_max)),
    number("limits.connect_timeout_s", 1, 600, "s",
           "A connection must have sent CONNECT, and authenticated, by then.", AT(limits.connect_timeout_s)),
    number("limits.packet_bytes_max", 1024, 256 * kMiB, "bytes", "The largest packet a client may send.",
           AT(limits.packet_bytes_max)),
    number("limits.receive_maximum", 1, 65'535, "", "QoS 1 and 2 messages a client may have unacknowledged.",
           AT(limits.receive_maximum)),
    number("limits.topic_alias_maximum", 0, 65'535, "", "Topic aliases a client may set.",
           AT(limits.topic_alias_maximum)),
    number("limits.output_bytes_high", 4096, kGiB, "bytes",
           "Bytes waiting for a socket above which its session's queue is held back.",
           AT(limits.output_bytes_high)),
    number("limits.client_id_bytes_max", 23, 65'535, "bytes", "The longest client identifier.",
           AT(limits.client_id_bytes_max)),
    number("limits.topic_bytes_max", 1, 65'535, "bytes", "The longest topic name or filter.",
           AT(limits.topic_bytes_max)),
    number("limits.topic_levels_max", 1, 65'535, "", "Levels of a topic name or filter.",
           AT(limits.topic_levels_max)),
    number("limits.filters_per_subscribe_max", 1, 1'000'000, "", "Filters in one SUBSCRIBE or UNSUBSCRIBE.",
           AT(limits.filters_per_subscribe_max)),
    number("limits.user_properties_max", 0, 65'535, "", "User properties in one packet.",
           AT(limits.user_properties_max)),
    number("limits.will_bytes_max", 0, 256 * kMiB, "bytes", "Topic, payload and properties of a will.",
           AT(limits.will_bytes_max)),
    number("limits.subscriptions_per_session_max", 1, 10'000'000, "", "Subscriptions of one session.",
           AT(limits.subscriptions_per_session_max)),
    number("limits.queue_messages_max", 1, 1'000'000'000, "", "Messages waiting for one session.",
           AT(limits.queue_messages_max)),
    number("limits.queue_bytes_max", 1024, 1024 * kGiB, "bytes", "Their topics and payloads.",
           AT(limits.queue_bytes_max)),
    number("limits.inflight_max", 1, 65'535, "",
           "QoS 1 and 2 messages sent to one client and unacknowledged.", AT(limits.inflight_max)),
    number("limits.group_queue_messages_max", 1, 1'000'000'000, "",
           "Messages waiting for one shared subscription.", AT(limits.group_queue_messages_max)),
    number("limits.group_queue_bytes_max", 1024, 1024 * kGiB, "bytes", "Their topics and payloads.",
           AT(limits.group_queue_bytes_max)),
    number("limits.memory_bytes_max", 0, broker::kNoCeiling, "bytes",
           "Memory of the process; 0 is 80 % of what the machine or the control group has. From 90 % of it\n"
           "# on there are no new sessions, and what would have to wait in memory is refused; from 100 % on\n"
           "# publishers have to wait.",
           AT(limits.memory_bytes_max)),
    number("limits.flapping_connects", 0, 10'000, "",
           "A client id that connects so often within flapping_window_s is refused for flapping_ban_s;\n"
           "# 0 is never.",
           AT(limits.flapping_connects)),
    number("limits.flapping_window_s", 1, 86'400, "s", "See flapping_connects.",
           AT(limits.flapping_window_s)),
    number("limits.flapping_ban_s", 1, 604'800, "s", "See flapping_connects.", AT(limits.flapping_ban_s)),

    choice(
        "storage.durability", kDurabilities,
        "What an acknowledgement waits for: the disk, the operating system, or nothing (all is in memory).",
        AT(storage.durability)),
    number("storage.segment_bytes", kMiB, kGiB, "bytes", "The size of a file of the journal.",
           AT(storage.segment_bytes)),
    number("storage.memory_bytes", 0, 1024 * kGiB, "bytes",
           "Messages in memory; beyond it those that wait for sessions are only in the journal, but for the "
           "first 256 of each session.",
           AT(storage.memory_bytes)),

    number("session.expiry_max_s", 0, broker::kExpiryNever, "s", "The longest session expiry a client gets.",
           AT(session.expiry_max_s)),
    number("session.expiry_v3_s", 0, broker::kExpiryNever, "s",
           "The expiry of MQTT 3.1 and 3.1.1 sessions that are not clean.", AT(session.expiry_v3_s)),
    number("session.keep_alive_max_s", 1, 65'535, "s", "The longest keep alive a client gets.",
           AT(session.keep_alive_max_s)),
    flag("session.keep_alive_allow_zero", "Whether a client may go without keep alive.",
         AT(session.keep_alive_allow_zero)),
    choice("session.overflow", kOverflow, "What gives way when a queue is full.", AT(session.overflow)),
    flag("session.queue_qos0_offline", "Whether QoS 0 messages wait for offline sessions too.",
         AT(session.queue_qos0_offline)),

    number("protocol.maximum_qos", 0, 2, "", "The highest QoS that is served.", AT(protocol.maximum_qos)),
    flag("protocol.retain_available", "Whether messages may be retained.", AT(protocol.retain_available)),
    flag("protocol.wildcard_available", "Whether filters may have wildcards.",
         AT(protocol.wildcard_available)),
    flag("protocol.shared_available", "Whether $share/… subscriptions are served.",
         AT(protocol.shared_available)),
    flag("protocol.subscription_id_available", "Whether subscriptions may carry an identifier.",
         AT(protocol.subscription_id_available)),
    flag("protocol.allow_dollar_publish", "Whether clients may publish to topics that begin with '$'.",
         AT(protocol.allow_dollar_publish)),

    text(
        "auth.scram_file", 0, 4096,
        "Users that may authenticate by SCRAM-SHA-256 (MQTT 5); \"\" is nobody.\n"
        "# Lines of user:SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>, as PostgreSQL has them.\n"
        "# Made with: gaon passwd add FILE USER --scram",
        AT(auth.scram_file)),
    text("auth.password_file", 0, 4096,
         "Users and hashes of their passwords; \"\" is nobody. Made with: gaon passwd add FILE USER",
         AT(auth.password_file)),
    number("auth.password_threads", 1, 64, "", "Threads that check passwords; one checks some 50 a second.",
           AT(auth.password_threads)),
    number("auth.queue_max", 1, 1'000'000, "",
           "Clients that may wait for one source of authentication; who comes then is refused.",
           AT(auth.queue_max)),
    text(
        "auth.jwt_keys", 0, 4096,
        "Public keys that tokens (JWT) are checked with: PEM, JWK or JWKS. A token comes as password, or by\n"
        "# the method OAUTH of MQTT 5; then it can be renewed without connecting again.",
        AT(auth.jwt_keys)),
    text("auth.jwks_url", 0, 4096, "Where such keys are fetched from instead, as a JWKS by https.",
         AT(auth.jwks_url)),
    number("auth.jwks_refresh_s", 60, 604'800, "s", "How often they are fetched again.",
           AT(auth.jwks_refresh_s)),
    number("auth.jwks_usable_s", 60, 2'592'000, "s",
           "How long old ones serve when none can be fetched; then nobody gets in.", AT(auth.jwks_usable_s)),
    text("auth.jwt_issuer", 0, 4096, "What a token's iss has to be; \"\" is anything.", AT(auth.jwt.issuer)),
    text("auth.jwt_audience", 0, 4096, "What a token's aud has to be or to have; \"\" is anything.",
         AT(auth.jwt.audience)),
    number("auth.jwt_leeway_s", 0, 3'600, "s", "How far the clock of who made the token may be off.",
           AT(auth.jwt.leeway_s)),
    text("auth.jwt_user_claim", 1, 256, "The claim that names the user.", AT(auth.jwt.user_claim)),
    text("auth.jwt_roles_claim", 0, 256,
         "The claim that lists the user's roles, for [[acl]]; with Keycloak: realm_access.roles",
         AT(auth.jwt.roles_claim)),
    text("auth.jwt_client_id_claim", 0, 256, "A claim that has to be the client id; \"\" is none.",
         AT(auth.jwt.client_id_claim)),
    text("auth.jwt_rules_claim", 0, 256,
         "A claim that lists rules like \"allow publish line2/#\"; they come after those of [[acl]].",
         AT(auth.jwt.rules_claim)),
    number("auth.expiry_grace_s", 0, 86'400, "s",
           "How long after its token's end a client stays connected, so that it can renew it.",
           AT(auth.expiry_grace_s)),
    text("auth.http_url", 0, 4096,
         "A server that is sent {\"client_id\", \"user_name\", \"password\", \"address\"} by POST and "
         "answers\n"
         "# {\"allow\": true, \"user\", \"roles\", \"acl\"}. Without a clear answer nobody gets in.",
         AT(auth.http_url)),
    text(
        "auth.http_authorization", 0, 4096,
        "The Authorization header for it. Write \"Bearer ${NAME}\" and put NAME into the environment: every\n"
        "# text in this file may have ${NAME}, and $${ for the text itself.",
        AT(auth.http_authorization)),
    number("auth.http_timeout_s", 1, 60, "s", "How long it may take.", AT(auth.http_timeout_s)),
    number("auth.http_threads", 1, 64, "", "How many clients it is asked about at a time.",
           AT(auth.http_threads)),
    number("auth.http_cache_s", 0, 86'400, "s", "How long a yes is remembered.", AT(auth.http_cache_s)),
    number("auth.http_negative_cache_s", 0, 86'400, "s", "How long a no is remembered.",
           AT(auth.http_negative_cache_s)),
    text("auth.acl_file", 0, 4096,
         "Rules of who may publish and subscribe to what, after those of [[acl]]: lines like \"user plc7\", "
         "then\n"
         "# \"allow publish line2/#\", and \"expect deny user=plc7 publish line1/x\" as a test.",
         AT(auth.acl_file)),
};

constexpr ConfigKey kListenerKeys[] = {
    flag("listener.allow_anonymous", "Whether clients without an identity are let in.",
         AT(listeners.back().allow_anonymous)),
    flag("listener.client_id_is_user", "Whether a client's identifier has to be the user it was found to be.",
         AT(listeners.back().client_id_is_user)),
    flag("listener.proxy_protocol",
         "Whether all connections come by a proxy that says whose they are, by the PROXY protocol (v1, v2).",
         AT(listeners.back().proxy_protocol)),
    number("listener.limits.connections_max", 0, 10'000'000, "", "Connections at one time; 0 is any number.",
           AT(listeners.back().limits.connections_max)),
    number("listener.limits.connections_per_address_max", 0, 10'000'000, "",
           "Of these from one IP address; 0 is what [limits] says.",
           AT(listeners.back().limits.connections_per_address_max)),
    number("listener.limits.connects_per_s", 0, 1'000'000, "",
           "Connections accepted in a second; 0 is any number. Others wait until they are accepted.",
           AT(listeners.back().limits.connects_per_s)),
    text("listener.proxy_trusted", 0, 16'384,
         "The addresses and networks of such proxies: \"10.0.0.0/8, ::1\"; others are refused.",
         AT(listeners.back().proxy_trusted)),
    text("listener.origins", 0, 16'384,
         "WebSocket: the web pages that may connect, by origin: \"https://console.example, "
         "http://localhost:5173\"; \"\" is any.",
         AT(listeners.back().origins)),
    text("listener.tls.certificate_file", 0, 4096,
         "PEM: the certificate, then those between it and the root.",
         AT(listeners.back().tls.certificate.certificate_file)),
    text("listener.tls.key_file", 0, 4096, "PEM, without a password; \"\" is in the file of the certificate.",
         AT(listeners.back().tls.certificate.key_file)),
    choice("listener.tls.min_version", kTlsVersions, "The oldest version of TLS that is spoken.",
           AT(listeners.back().tls.min_version)),
    choice("listener.tls.client_certificate", kClientCertificates,
           "Whether clients may or must show a certificate.", AT(listeners.back().tls.client_certificate)),
    choice("listener.tls.client_name", kCertificateNames,
           "What of its certificate names a client; dns, uri and email are the first alternative name.",
           AT(listeners.back().certificate_name)),
    text("listener.tls.client_ca_file", 0, 4096, "PEM: the CAs that sign clients' certificates.",
         AT(listeners.back().tls.client_ca_file)),
    number("listener.tls.client_chain_max", 0, 32, "", "CAs between a client's certificate and its root.",
           AT(listeners.back().tls.client_chain_max)),
    text("listener.tls.crl", 0, 4096,
         "PEM: revoked client certificates; a file, or a folder of *.pem and *.crl.",
         AT(listeners.back().tls.crl)),
};

#undef AT

}  // namespace

std::span<const ConfigKey> config_keys() { return kKeys; }
std::span<const ConfigKey> listener_keys() { return kListenerKeys; }

}  // namespace gaon::app
