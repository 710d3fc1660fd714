#include "app/reload.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <future>

#include "app/acl_file.h"
#include "app/authentication.h"
#include "app/config_key.h"
#include "app/listener_entrance.h"
#include "app/log.h"
#include "base/log.h"

namespace gaon::app {
namespace {

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

void log_lines(LogLevel level, const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    log(level, "reload: " + text.substr(at, end - at));
    at = end + 1;
  }
}

// What is asked of one listener.
struct Door {
  bool anonymous = false;
  bool needs_certificate = false;
  std::optional<net::TlsContext> tls;  // where certificates are looked at
};

bool asks_for_certificates(const broker::ListenerConfig& listener) {
  return net::has_tls(listener.url) && listener.tls.client_certificate != net::ClientCertificate::none;
}

}  // namespace

Reload::Reload(ReloadParts parts)
    : parts_(std::move(parts)),
      authenticator_(std::move(parts_.first)),
      files_(files_of(parts_.source.file, parts_.config)),
      contents_(std::move(parts_.contents)),
      applied_(contents_) {
  forget_report(parts_.config.data_dir);  // of an earlier process
}

void Reload::run() {
  ReloadReport report{.number = ++number_, .time = utc_now()};
  log(LogLevel::info, "reload: reading the configuration");
  report.ok = try_it(report);
  log_lines(report.ok ? LogLevel::info : LogLevel::error, to_text(report));
  if (parts_.config.storage.durability == broker::Durability::none) return;
  if (const auto written = write_report(parts_.config.data_dir, report); !written)
    log(LogLevel::warning, written.error().what);
}

bool Reload::try_it(ReloadReport& report) {
  // Looked at before they are read: what changes in between is behind then.
  contents_ = look();
  LoadedConfig loaded = load_config(parts_.source);
  files_ = files_of(parts_.source.file, loaded.config);
  contents_.merge(look());
  report.problems = std::move(loaded.problems);
  // What we may not read may do as it is: opening tells.
  const auto denied = [this](const Problem& problem) { return parts_.left_root && problem.denied; };
  if (std::ranges::any_of(report.problems, [&](const Problem& one) { return !one.warning && !denied(one); }))
    return false;
  auto rules = read_rules(loaded.config.auth);
  if (!rules) {
    report.problems.push_back({.what = rules.error().what, .fix = "", .key = "auth.acl_file"});
    return false;
  }
  loaded.config.auth.rules = std::move(*rules);
  broker::Config next = take_over(parts_.config, loaded.config, report.difference);
  Opened opened;
  const bool open = this->open(next, contents_, opened, report.problems);
  tell_files(contents_, opened, report);
  if (!open) return false;
  std::erase_if(report.problems, denied);
  for (std::size_t i = 0; i < next.listeners.size(); ++i) {
    const auto& entrance = opened.entrances[i];
    if (entrance && entrance->tls) next.listeners[i].certificate_ends = entrance->tls->ends();
  }
  const broker::Toll toll = ask(next, opened, true);
  if (const std::size_t count = toll.disconnected + toll.restricted; count > 0) {
    log(LogLevel::warning, "reload: " + std::to_string(count) +
                               (count == 1 ? " connected client" : " connected clients") +
                               " would lose access");
  }
  if (opened.authenticator) {
    authenticator_ = opened.authenticator;
    parts_.authenticator->exchange(opened.authenticator);
  }
  report.toll = ask(next, opened, false);
  set_log_level(next.log.level);
  parts_.entrances = std::move(opened.entrances);
  parts_.config = std::move(next);
  Contents applied = contents_;
  for (const std::string& path : opened.kept) applied[path] = applied_[path];
  applied_ = std::move(applied);
  return true;
}

bool Reload::is_denied(const std::filesystem::path& path) const {
  return parts_.left_root && access(path.c_str(), R_OK) != 0 && errno == EACCES;
}

// What we may not read again counts as it was.
Contents Reload::look() const {
  Contents contents = contents_of(files_);
  for (const ConfigFile& file : files_) {
    const auto applied = applied_.find(file.path.string());
    if (applied != applied_.end() && is_denied(file.path)) contents[applied->first] = applied->second;
  }
  return contents;
}

void Reload::tell_files(const Contents& contents, const Opened& opened, ReloadReport& report) const {
  std::set<std::string> told;
  report.difference.needs_restart.insert(report.difference.needs_restart.end(), opened.needs_restart.begin(),
                                         opened.needs_restart.end());
  for (const ConfigFile& file : files_) {
    if (file.key.empty() || !differ(applied_, contents, {file}) || !told.insert(file.key).second) continue;
    auto& list = opened.kept.contains(file.path.string()) ? report.difference.needs_restart
                                                          : report.difference.changed;
    list.push_back(file.key + ": what is in the file");
  }
}

bool Reload::open(const broker::Config& next, const Contents& contents, Opened& opened,
                  std::vector<Problem>& problems) {
  if (!open_entrances(next, contents, opened, problems)) return false;
  if (!authenticates_otherwise(next, contents)) return true;
  if (!parts_.authenticator->has_room()) {
    problems.push_back({.what = "clients still wait for answers of earlier configurations",
                        .fix = "reload again when they have them"});
    return false;
  }
  auto chain = open_authentication(next, parts_.now);
  if (!chain) {
    problems.push_back({.what = chain.error().what, .fix = "", .key = "auth"});
    return false;
  }
  opened.authenticator = std::move(*chain);
  return true;
}

// A new context has new keys for tickets: what a revoked client kept is worth nothing.
bool Reload::open_entrances(const broker::Config& next, const Contents& contents, Opened& opened,
                            std::vector<Problem>& problems) {
  opened.entrances = parts_.entrances;
  opened.fresh.resize(next.listeners.size());
  for (std::size_t i = 0; i < next.listeners.size(); ++i) {
    const broker::ListenerConfig& listener = next.listeners[i];
    const broker::ListenerConfig& before = parts_.config.listeners[i];
    const std::vector<ConfigFile> files = files_of(listener);
    const bool may_all = std::ranges::none_of(files, [&](const auto& file) { return is_denied(file.path); });
    const bool same = listener.tls == before.tls && listener.proxy_trusted == before.proxy_trusted &&
                      listener.origins == before.origins && !differ(applied_, contents, files);
    if ((same && may_all) || !opened.entrances[i] || opened.entrances[i]->plain()) continue;
    std::vector<Problem> found;
    const bool may_keep = parts_.left_root && listener.tls == before.tls && opened.entrances[i]->tls;
    auto entrance = open_entrance(listener, found, may_keep ? &*opened.entrances[i]->tls : nullptr);
    if (!entrance) {
      problems.insert(problems.end(), found.begin(), found.end());
      return false;
    }
    keep_denied(listener, found, opened);
    if (same) continue;
    opened.entrances[i] = std::move(*entrance);
    opened.fresh[i] = true;
  }
  return true;
}

// Certificates stay with their keys, and a CA with its CRL.
void Reload::keep_denied(const broker::ListenerConfig& listener, const std::vector<Problem>& found,
                         Opened& opened) const {
  const std::string name = "listener " + net::to_string(listener.url);
  for (const Problem& problem : found) {
    if (!problem.denied) continue;
    opened.needs_restart.push_back(name + ": " + problem.key.substr(problem.key.find('.') + 1) + ": " +
                                   problem.what);
    const bool of_clients = problem.key.ends_with("client_ca_file") || problem.key.ends_with("crl");
    for (const ConfigFile& file : files_of(listener)) {
      const bool is = file.key.ends_with("client_ca_file") || file.key.ends_with("crl");
      if (is == of_clients) opened.kept.insert(file.path.string());
    }
  }
}

// If not, the chain stays, with keys that were fetched and answers that are remembered.
bool Reload::authenticates_otherwise(const broker::Config& next, const Contents& contents) const {
  const broker::Config& before = parts_.config;
  for (const ConfigKey& key : config_keys()) {
    if (key.name.starts_with("auth.") && key.get(before) != key.get(next)) return true;
  }
  for (std::size_t i = 0; i < next.listeners.size(); ++i) {
    if (methods_of(before, before.listeners[i]) != methods_of(next, next.listeners[i]) ||
        before.listeners[i].require_all != next.listeners[i].require_all) {
      return true;
    }
  }
  std::vector<ConfigFile> files = files_of("", next);
  std::erase_if(files, [](const ConfigFile& file) {
    return !file.key.starts_with("auth.") || file.key == "auth.acl_file";
  });
  return differ(applied_, contents, files);
}

broker::Objections Reload::objections(const broker::Config& next, const Opened& opened) const {
  std::vector<Door> doors;
  broker::Objections objections;
  for (std::size_t i = 0; i < next.listeners.size(); ++i) {
    const broker::ListenerConfig& listener = next.listeners[i];
    const bool certificates = asks_for_certificates(listener);
    Door door{.anonymous = listener.allow_anonymous,
              .needs_certificate =
                  certificates && listener.tls.client_certificate == net::ClientCertificate::required,
              .tls = {}};
    if (certificates && opened.entrances[i]) door.tls = opened.entrances[i]->tls;
    doors.push_back(std::move(door));
    objections.by_certificate.push_back(opened.fresh[i] && certificates);
  }
  objections.objection = [doors = std::move(doors),
                          of = opened.authenticator ? opened.authenticator : authenticator_](
                             std::uint32_t listener, const auth::Identity& identity, bool looks,
                             const net::PeerCertificate* certificate) -> const char* {
    const Door& door = doors[listener];
    if (identity.shown_by == 0 && !door.anonymous) return "clients without an identity are not let in";
    if (looks && door.needs_certificate && certificate == nullptr) return "it showed no certificate";
    if (door.tls && certificate != nullptr) {
      if (const char* why = door.tls->objection(*certificate)) return why;
    }
    return of->objection(listener, identity);
  };
  return objections;
}

// All workers, and waits for them.
broker::Toll Reload::ask(const broker::Config& next, const Opened& opened, bool only_asks) {
  const broker::Objections objections = this->objections(next, opened);
  std::vector<std::shared_ptr<std::promise<broker::Toll>>> answers;  // a worker may outlast get()
  std::vector<std::unique_ptr<broker::Change>> changes;
  for (std::size_t worker = 0; worker < parts_.broker->workers(); ++worker) {
    answers.push_back(std::make_shared<std::promise<broker::Toll>>());
    auto change = std::make_unique<broker::Change>(
        broker::Change{.config = next, .objections = objections, .only_asks = only_asks});
    change->done = [answer = answers[worker]](const broker::Toll& toll) { answer->set_value(toll); };
    if (net::FilteredBackend* network = parts_.networks[worker]) {
      change->enter = [network, &opened] {
        for (std::uint32_t i = 0; i < opened.fresh.size(); ++i) {
          if (opened.fresh[i]) network->guard(i, net::admit_by(*opened.entrances[i]));
        }
      };
    }
    changes.push_back(std::move(change));
  }
  parts_.broker->reload(std::move(changes));
  broker::Toll toll;
  for (auto& answer : answers) toll += answer->get_future().get();
  return toll;
}

}  // namespace gaon::app
