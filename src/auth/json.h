// JSON from somebody else, strictly: bounded in size and depth, and no name twice in one
// object. The only file beside its users that knows nlohmann's library throws nothing.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace gaon::auth {

inline constexpr int kJsonDepthMax = 16;

std::optional<nlohmann::json> parse_json(std::string_view text, std::size_t size_max);

// The text of that name; nothing if it is not there or is no text.
std::optional<std::string> text_of(const nlohmann::json& object, const char* name);

// By a path of names with dots between them; a name with dots in it is found too if it
// stands at the top. Null if there is none.
const nlohmann::json* find_path(const nlohmann::json& object, std::string_view path);

// RFC 4648, section 5, without padding, and only the one form of bytes.
std::optional<std::string> decode_base64url(std::string_view text);

}  // namespace gaon::auth
