#include "app/scram_file.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <system_error>

#include "auth/crypto.h"

namespace gaon::app {

Result<auth::ScramUsers> read_scram_users(const broker::AuthConfig& config) {
  // What users that there are not look like changes with each start.
  std::string secret = auth::random_bytes(32);
  if (config.scram_file.empty()) return auth::ScramUsers::read("", "", std::move(secret));
  const std::string name = config.scram_file.string();
  std::error_code ignored;
  if (std::filesystem::is_directory(config.scram_file, ignored)) return failure(name + ": it is a directory");
  errno = 0;
  std::ifstream file(config.scram_file, std::ios::binary);
  if (!file.is_open()) return failure(name + " cannot be read: " + std::strerror(errno));
  std::string text;
  text.resize(auth::ScramUsers::kTextMax + 1);  // one more than may be
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return auth::ScramUsers::read(text, name, std::move(secret));
}

}  // namespace gaon::app
