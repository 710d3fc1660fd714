#include "app/text_file.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <system_error>

namespace gaon::app {

Result<std::string> read_text_file(const std::filesystem::path& path, std::size_t size_max) {
  const std::string name = path.string();
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return failure(name + ": it is a directory");
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file.is_open()) return failure(name + " cannot be read: " + std::strerror(errno));
  std::string text;
  text.resize(size_max + 1);
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

bool is_open_to_others(const std::filesystem::path& path, mode_t how) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 && (status.st_mode & how) != 0;
}

bool is_wide_open(const std::filesystem::path& path) { return is_open_to_others(path, S_IRWXO | S_IWGRP); }

}  // namespace gaon::app
