// Files that are read whole.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

#include "base/result.h"

namespace gaon::app {

// At most size_max bytes and one more, by which the caller sees that it is larger. Errors
// name the file.
Result<std::string> read_text_file(const std::filesystem::path& path, std::size_t size_max);

// Whether one of these bits of permission is there. False where there is no file.
bool is_open_to_others(const std::filesystem::path& path, mode_t how);

// Others than its owner and its group may read or write it. False where there is none.
bool is_wide_open(const std::filesystem::path& path);

}  // namespace gaon::app
