// The HTTP part of WebSocket (RFC 6455, section 4), both sides: one request, one answer.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace gaon::net {

inline constexpr std::size_t kHttpHeadMax = 8192;  // bytes, with the empty line at its end
inline constexpr std::string_view kSubprotocol = "mqtt";

// The server's answer.
struct UpgradeAnswer {
  bool accepted = false;
  std::string response;
  std::string why;  // of a refusal, for the log
};

// head: a whole request up to its empty line. origins: of the web pages that may connect,
// as parse_origins() gives them; none: of any. Who names no origin is no web page.
UpgradeAnswer answer_upgrade(std::string_view head, std::string_view path,
                             std::span<const std::string> origins = {});
// "https://console.example, http://localhost:5173"
Result<std::vector<std::string>> parse_origins(std::string_view text);
// To a head that is longer than we read.
UpgradeAnswer refuse_large_head();

// 16 random bytes in base64, new for each connection.
std::string make_upgrade_key();
std::string upgrade_request(std::string_view host, std::string_view path, std::string_view key);
// What is wrong with the answer to it; empty: nothing.
std::string check_upgrade(std::string_view head, std::string_view key);

}  // namespace gaon::net
