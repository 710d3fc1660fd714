// [[limit]] and [[ban]], and the limits of clients in [listener.limits].
#pragma once

#include <toml++/toml.h>

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "app/config_key.h"
#include "app/config_problem.h"
#include "broker/config.h"

namespace gaon::app {

// One limit of clients, by the bounds of the same key in [limits]. Problems name it as key.
std::expected<void, Problem> read_client_limit(std::string_view name, const toml::node& node,
                                               const std::string& key, broker::ClientLimitValues& to);

// Problems have lines, but no file.
std::vector<Problem> read_limit(const toml::table& table, broker::LimitEntry& to);
std::vector<Problem> read_ban(const toml::table& table, broker::BanEntry& to);

// As lines of TOML that read the same.
std::string show_client_limits(const broker::ClientLimitValues& values, std::string_view prefix);
std::string show_limits(const std::vector<broker::LimitEntry>& entries);
std::string show_bans(const std::vector<broker::BanEntry>& bans);

}  // namespace gaon::app
