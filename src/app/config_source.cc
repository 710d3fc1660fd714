#include "app/config_source.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>

#include "app/config_file.h"
#include "app/config_key.h"
#include "app/listener_entrance.h"
#include "app/scram_file.h"

namespace gaon::app {
namespace {

void add(std::vector<Problem>& to, std::vector<Problem> more) {
  to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

void load_file(const std::string& name, LoadedConfig& loaded) {
  std::error_code ignored;
  errno = 0;
  std::ifstream file(name, std::ios::binary);
  if (!file.is_open() || std::filesystem::is_directory(name, ignored)) {
    const char* why = errno != 0 ? std::strerror(errno) : "it is a directory";
    loaded.problems.push_back(
        {.what = std::string("cannot be read: ") + why, .fix = "name a file with -c", .file = name});
    return;
  }
  std::ostringstream text;
  text << file.rdbuf();
  add(loaded.problems, read_config(text.view(), name, loaded.config));
}

void load_listeners(const ConfigSource& source, LoadedConfig& loaded) {
  const std::vector<std::string>& urls = source.listen;
  if (!urls.empty()) loaded.config.listeners.clear();
  for (const std::string& text : urls) {
    auto url = net::parse_url(text);
    if (!url) {
      loaded.problems.push_back({.what = url.error().what, .fix = "", .key = "--listen"});
    } else if (loaded.config.listeners.size() == kListenersMax) {
      loaded.problems.push_back(
          {.what = "there are more than 64 listeners", .fix = "leave some out", .key = "--listen"});
      return;
    } else {
      broker::ListenerConfig listener{.url = std::move(*url)};
      listener.allow_anonymous = net::is_loopback(listener.url);
      if (net::has_tls(listener.url)) listener.tls = source.tls;
      open_entrance(listener, loaded.problems);
      loaded.config.listeners.push_back(std::move(listener));
    }
  }
}

Problem warning(std::string_view key, std::string what, std::string fix) {
  return {.what = std::move(what), .fix = std::move(fix), .key = std::string(key), .warning = true};
}

void check_listeners(const broker::Config& config, std::vector<Problem>& problems) {
  std::set<std::string> seen;
  for (const broker::ListenerConfig& listener : config.listeners) {
    const std::string url = net::to_string(listener.url);
    if (!seen.insert(url).second) {
      problems.push_back({.what = url + " is listened to twice", .fix = "leave one out", .key = "listener"});
    }
    if (listener.allow_anonymous && !net::is_loopback(listener.url)) {
      problems.push_back(warning("listener", url + " lets everybody in who reaches it", ""));
    }
    if (!listener.allow_anonymous && config.auth.scram_file.empty()) {
      problems.push_back(warning("listener",
                                 url + " refuses everybody: anonymous clients are not allowed and no "
                                       "authentication is set up",
                                 "listen on mqtt://127.0.0.1:1883, or name the listener in a file with "
                                 "allow_anonymous = true"));
    }
  }
}

}  // namespace

LoadedConfig load_config(const ConfigSource& source) {
  LoadedConfig loaded;
  if (!source.file.empty()) load_file(source.file, loaded);
  load_listeners(source, loaded);
  for (const std::string& assignment : source.set) {
    auto done = set_key(loaded.config, assignment);
    if (!done) loaded.problems.push_back(std::move(done).error());
  }
  if (loaded.config.listeners.empty()) loaded.config.listeners = default_listeners();
  add(loaded.problems, check_config(loaded.config));
  return loaded;
}

std::vector<Problem> check_config(const broker::Config& config) {
  std::vector<Problem> problems;
  check_listeners(config, problems);
  if (const auto users = read_scram_users(config.auth); !users) {
    problems.push_back({.what = users.error().what, .fix = "", .key = "auth.scram_file"});
  }
  const broker::Limits& limits = config.limits;
  if (limits.queue_bytes_max < limits.packet_bytes_max) {
    problems.push_back(warning("limits.queue_bytes_max",
                               "the largest packet does not fit into an empty queue",
                               "make it at least limits.packet_bytes_max"));
  }
  if (limits.group_queue_bytes_max < limits.packet_bytes_max) {
    problems.push_back(warning("limits.group_queue_bytes_max",
                               "the largest packet does not fit into an empty queue",
                               "make it at least limits.packet_bytes_max"));
  }
  if (limits.retained_bytes_max > 0 && limits.retained_bytes_max < limits.packet_bytes_max) {
    problems.push_back(warning("limits.retained_bytes_max", "the largest packet cannot be retained",
                               "make it at least limits.packet_bytes_max"));
  }
  return problems;
}

}  // namespace gaon::app
