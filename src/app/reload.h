// Another configuration for a broker that runs: read, checked, opened, and then applied as
// a whole or not at all. One for the process, on its main thread.
//
//   read and check the file, its rules' tests too ─▶ open what is new (authentication, TLS)
//     ─▶ ask the workers who would lose access ─▶ exchange
//
// Until the last step nothing is touched.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "app/config_source.h"
#include "app/reload_report.h"
#include "auth/reloadable.h"
#include "broker/broker.h"
#include "net/entrance.h"
#include "net/filtered_backend.h"

namespace gaon::app {

// All of it is borrowed, and must outlive the Reload.
struct ReloadParts {
  ConfigSource source;
  broker::Config config;  // that runs, with all rules
  Contents contents;      // of its files, from before they were read
  broker::Broker* broker;
  auth::Reloadable* authenticator;
  std::shared_ptr<auth::Authenticator> first;           // that authenticator began with
  std::vector<std::optional<net::Entrance>> entrances;  // by listener
  std::vector<net::FilteredBackend*> networks;          // by worker; null where no listener has filters
  bool left_root = false;  // files that only root may read were read, and cannot be again
  std::function<Time()> now;
};

class Reload {
 public:
  explicit Reload(ReloadParts parts);

  // Does it and tells the log, and data_dir what became of it.
  void run();

  // The files that the last run read, or tried to.
  const std::vector<ConfigFile>& files() const { return files_; }
  // One of them is not what the last run read.
  bool is_behind() const { return differ(contents_, look(), files_); }
  const broker::Config& config() const { return parts_.config; }

 private:
  // What is opened before anything is exchanged.
  struct Opened {
    std::shared_ptr<auth::Authenticator> authenticator;  // null: as it was
    std::vector<std::optional<net::Entrance>> entrances;
    std::vector<bool> fresh;                 // entrances that are new
    std::set<std::string> kept;              // files that could not be read again
    std::vector<std::string> needs_restart;  // what of them stays
  };

  bool try_it(ReloadReport& report);
  Contents look() const;
  bool is_denied(const std::filesystem::path& path) const;
  void keep_denied(const broker::ListenerConfig& listener, const std::vector<Problem>& found,
                   Opened& opened) const;
  void tell_files(const Contents& contents, const Opened& opened, ReloadReport& report) const;
  bool open(const broker::Config& next, const Contents& contents, Opened& opened,
            std::vector<Problem>& problems);
  bool open_entrances(const broker::Config& next, const Contents& contents, Opened& opened,
                      std::vector<Problem>& problems);
  bool authenticates_otherwise(const broker::Config& next, const Contents& contents) const;
  broker::Objections objections(const broker::Config& next, const Opened& opened) const;
  broker::Toll ask(const broker::Config& next, const Opened& opened, bool only_asks);

  ReloadParts parts_;
  std::shared_ptr<auth::Authenticator> authenticator_;
  std::vector<ConfigFile> files_;
  Contents contents_;  // that the last run saw
  Contents applied_;   // that runs
  std::uint64_t number_ = 0;
};

}  // namespace gaon::app
