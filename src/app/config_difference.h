// From the configuration that runs to another one: what can change while it runs, and
// what cannot.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "broker/config.h"

namespace gaon::app {

struct ConfigDifference {
  std::vector<std::string> changed;        // "limits.topic_levels_max: 128 -> 64"; of a text only its key
  std::vector<std::string> needs_restart;  // what stays as it is until then
};

// running with everything of wanted that can change. Both have all their rules. Listeners
// keep their places: one is the same as another if its URL is.
broker::Config take_over(const broker::Config& running, const broker::Config& wanted,
                         ConfigDifference& difference);

// What a configuration reads.
struct ConfigFile {
  std::string key;  // empty: the configuration itself
  std::filesystem::path path;
};
std::vector<ConfigFile> files_of(const std::string& config_file, const broker::Config& config);
std::vector<ConfigFile> files_of(const broker::ListenerConfig& listener);

// What is in them, by path: equal if they are, "" if there is nothing to read. Of a folder,
// of all files in it.
using Contents = std::map<std::string, std::string>;
Contents contents_of(const std::vector<ConfigFile>& files);

// Whether one of the files changed.
bool differ(const Contents& a, const Contents& b, const std::vector<ConfigFile>& files);

}  // namespace gaon::app
