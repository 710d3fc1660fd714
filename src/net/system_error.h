// The text of an errno, for errors. Any thread.
#pragma once

#include <cerrno>
#include <string>
#include <system_error>

namespace gaon::net {

inline std::string system_error(int error) { return std::system_category().message(error); }

}  // namespace gaon::net
