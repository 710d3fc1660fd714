// Where a configuration comes from: defaults, then a file, then the command line.
#pragma once

#include <string>
#include <vector>

#include "app/config_problem.h"
#include "broker/config.h"

namespace gaon::app {

struct ConfigSource {
  std::string file;                 // empty for none
  std::vector<std::string> listen;  // URLs; any of them replaces the file's listeners
  std::vector<std::string> set;     // key=value, in order
  net::TlsOptions tls = {};         // of those of listen that have TLS
};

struct LoadedConfig {
  broker::Config config;  // not to be used if a problem is an error
  std::vector<Problem> problems;
};

// Reads the file, applies the command line and looks the whole over.
LoadedConfig load_config(const ConfigSource& source);

}  // namespace gaon::app
