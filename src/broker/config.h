// What the broker is told at start: plain values with their defaults, units and
// bounds in the names. Filled in by app/ from the file and the command line, which
// also keeps each field inside its bounds. A reload brings another one (broker/change.h).
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "auth/acl.h"
#include "auth/identity.h"
#include "auth/jwt.h"
#include "auth/peer.h"
#include "base/log.h"
#include "broker/bans.h"
#include "broker/client_limits.h"
#include "net/address.h"
#include "net/tls_options.h"

namespace gaon::broker {

// MQTT's "never" among session expiry intervals.
inline constexpr std::uint32_t kExpiryNever = std::numeric_limits<std::uint32_t>::max();

using AuthMethod = auth::Method;  // as a listener names them; see auth/chain.h

// [listener.limits]. 0: no limit.
struct ListenerLimits {
  std::uint32_t connections_max = 0;
  std::uint32_t connections_per_address_max = 0;  // instead of that of [limits]
  std::uint32_t connects_per_s = 0;               // who comes beyond it waits to be accepted
  ClientLimitValues of_clients;

  bool operator==(const ListenerLimits&) const = default;
};

struct ListenerConfig {
  net::Url url;
  // Without it a client needs an identity (AuthConfig), and where no authentication is
  // set up everybody is refused.
  bool allow_anonymous = false;
  // Asked in this order; not set: all that is set up (AuthConfig).
  std::optional<std::vector<AuthMethod>> auth = {};
  bool require_all = false;  // all of them have to say yes, not the first that knows the client
  auth::CertificateName certificate_name = auth::CertificateName::common_name;  // names its client
  bool client_id_is_user = false;  // a client that calls itself something else is refused
  net::TlsOptions tls;             // of mqtts:// and wss://
  Time certificate_ends = kNever;  // of the first of its own, once they were read; kNever: none
  bool proxy_protocol = false;     // everybody comes by a proxy that says who it is
  std::string proxy_trusted;       // the networks of such proxies (net/networks.h)
  std::string origins;             // of ws:// and wss://: of web pages that may connect; empty: of any
  ListenerLimits limits;
};

// What gives way when a session's queue is full.
enum class OverflowPolicy : std::uint8_t {
  drop_oldest,
  drop_newest,
  reject,  // The publisher hears 0x97 (quota exceeded), where its version has a word for it.
};

inline constexpr std::uint64_t kNoCeiling = std::numeric_limits<std::int64_t>::max();

// What one peer, one session or all of them together may hold.
struct Limits : ClientLimits {
  // All of the broker.
  std::uint32_t connections_max = 100'000;        // 1 … 10,000,000
  std::uint32_t connections_per_address_max = 0;  // of one IP address; 0: no limit
  std::uint32_t sessions_max = 1'000'000;         // 1 … 100,000,000, connected ones included
  std::uint32_t retained_messages_max = 5'000'000;
  std::uint64_t retained_bytes_max = 4 * kGiB;  // topics and payloads

  // One connection.
  std::uint32_t connect_timeout_s = 10;          // 1 … 600, from accept to CONNACK
  std::uint32_t connect_bytes_max = 128 * kKiB;  // 1 KiB … 1 MiB: the largest packet before CONNACK
  std::uint16_t topic_alias_maximum = 32;        // 0 … 65,535: aliases a client may set
  std::uint64_t output_bytes_high = 256 * kKiB;  // Above it the session's queue waits for the socket.

  // One packet.
  std::uint32_t client_id_bytes_max = 1'024;  // 23 … 65,535
  std::uint32_t topic_bytes_max = 65'535;     // 1 … 65,535
  std::uint32_t filters_per_subscribe_max = 10'000;
  std::uint32_t user_properties_max = 1'000;  // 0 … 65,535
  std::uint32_t will_bytes_max = 1 * kMiB;    // topic, payload and properties

  // One shared subscription, all members together.
  std::uint32_t group_queue_messages_max = 1'000'000;
  std::uint64_t group_queue_bytes_max = 1 * kGiB;

  // A client id that connected so often in the window is banned for a while.
  std::uint32_t flapping_connects = 0;  // 0 … 10,000; 0: never
  std::uint32_t flapping_window_s = 60;
  std::uint32_t flapping_ban_s = 300;

  // Of the process, as the system counts it. 0: 80 % of what the machine or the control group
  // has; kNoCeiling: none.
  std::uint64_t memory_bytes_max = 0;
};

// How sessions live and what waits for them.
struct SessionPolicy {
  std::uint32_t expiry_max_s = kExpiryNever;  // cuts what a version 5 client asks for
  std::uint32_t expiry_v3_s = kExpiryNever;   // 3.1 and 3.1.1 with clean session 0
  std::uint16_t keep_alive_max_s = 65'535;    // 1 … 65,535; announced as Server Keep Alive when it cuts
  bool keep_alive_allow_zero = true;          // else 0 (no keep alive) becomes keep_alive_max_s
  OverflowPolicy overflow = OverflowPolicy::drop_oldest;
  bool queue_qos0_offline = false;  // QoS 0 waits for an offline session too
};

// Which parts of MQTT are offered; what is not is announced in CONNACK.
struct ProtocolPolicy {
  std::uint8_t maximum_qos = 2;  // 0 … 2
  bool retain_available = true;
  bool wildcard_available = true;
  bool shared_available = true;
  bool subscription_id_available = true;
  bool allow_dollar_publish = false;  // clients may publish to topics that begin with '$'
};

// Who lets clients in where anonymous ones are not.
struct AuthConfig {
  std::filesystem::path scram_file;     // users for SCRAM-SHA-256 (auth/scram_users.h); empty: none
  std::filesystem::path password_file;  // users and hashes (auth/password_users.h); empty: none
  std::uint32_t password_threads = 1;   // 1 … 64, that check passwords
  std::uint32_t queue_max = 1'000;      // 1 … 1,000,000: clients that wait for one source

  // Tokens (auth/jwt.h), with keys from a file or fetched; neither: none.
  std::filesystem::path jwt_keys;
  std::string jwks_url;
  std::uint32_t jwks_refresh_s = 3'600;  // 60 … 604,800
  std::uint32_t jwks_usable_s = 86'400;  // 60 … 2,592,000: without new ones
  auth::JwtPolicy jwt;
  std::uint32_t expiry_grace_s = 30;  // 0 … 86,400: after a token's end, to renew it

  // Somebody else's server, asked by POST of JSON; empty: none.
  std::string http_url;
  std::string http_authorization;           // the header; a secret, with its ${NAME}
  std::uint32_t http_timeout_s = 5;         // 1 … 60
  std::uint32_t http_threads = 4;           // 1 … 64
  std::uint32_t http_cache_s = 60;          // 0 … 86,400: who was let in
  std::uint32_t http_negative_cache_s = 5;  // 0 … 86,400: who was not

  // Who may do what (auth/acl.h): [[acl]] and after that the file.
  std::filesystem::path acl_file;
  auth::AclRules rules;
};

// When a message counts as safe.
enum class Durability : std::uint8_t {
  synced,   // on the disk: survives a power cut
  written,  // with the operating system: survives the end of the process
  none,     // in memory only: nothing survives
};

// What outlives the process, and the memory for what is not sent yet.
struct StoragePolicy {
  Durability durability = Durability::synced;
  std::uint64_t segment_bytes = 64 * kMiB;  // 1 MiB … 1 GiB: a file of the journal
  // Messages in memory, without the retained ones. Beyond it what queues for kept sessions
  // is only in the journal.
  std::uint64_t memory_bytes = 256 * kMiB;
};

enum class LogFormat : std::uint8_t { text, json };

struct LogConfig {
  LogLevel level = LogLevel::info;
  LogFormat format = LogFormat::text;
};

struct ReloadPolicy {
  bool watch = true;  // the files that it was read from
};

// Who the process is once it is up.
struct RunAs {
  std::string user;   // "": who started it
  std::string group;  // "": the user's own
};

struct Config {
  std::vector<ListenerConfig> listeners;  // 1 … 64 once app/ has filled it
  std::filesystem::path data_dir = "gaon-data";
  RunAs run_as;
  std::uint32_t workers = 0;          // 0 … 64; 0 is one a core
  std::uint32_t sys_interval_s = 10;  // 0 … 86,400; 0 publishes no $SYS topics
  Limits limits;
  std::vector<LimitEntry> limit_entries;  // at most kLimitEntriesMax
  std::vector<BanEntry> bans;             // at most kBansMax
  SessionPolicy session;
  ProtocolPolicy protocol;
  AuthConfig auth;
  StoragePolicy storage;
  LogConfig log;
  ReloadPolicy reload;
  std::map<std::string, std::string> written;  // texts with ${NAME}, by key, as they stood; to be shown
};

}  // namespace gaon::broker
