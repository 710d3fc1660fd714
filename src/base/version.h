// The version as CMakeLists.txt and CHANGELOG.md have it.
#pragma once

#include <string_view>

namespace gaon {

inline constexpr std::string_view kVersion = "0.1.0";

}  // namespace gaon
