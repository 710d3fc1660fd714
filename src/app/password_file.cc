#include "app/password_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "app/text_file.h"

namespace gaon::app {
namespace {

bool is_of(std::string_view line, std::string_view user) {
  return line.starts_with(user) && line.substr(user.size()).starts_with(':') && !line.starts_with('#');
}

bool write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t done = write(file, text.data(), text.size());
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(done));
  }
  return true;
}

}  // namespace

Result<auth::PasswordUsers> read_password_users(const broker::AuthConfig& config) {
  if (config.password_file.empty()) return auth::PasswordUsers::read("", "");
  TRY_SET(const std::string text, read_text_file(config.password_file, auth::PasswordUsers::kTextMax));
  return auth::PasswordUsers::read(text, config.password_file.string());
}

Result<PasswordFile> PasswordFile::open(const std::filesystem::path& path) {
  PasswordFile file(path);
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return file;
  TRY_SET(const std::string text, read_text_file(path, auth::PasswordUsers::kTextMax));
  TRY(auth::PasswordUsers::read(text, path.string()));
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    file.lines_.emplace_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return file;
}

std::vector<std::string>::iterator PasswordFile::find(std::string_view user) {
  return std::ranges::find_if(lines_, [user](const std::string& line) { return is_of(line, user); });
}

bool PasswordFile::put(std::string_view user, std::string_view hash) {
  std::string line = std::string(user) + ":" + std::string(hash);
  const auto at = find(user);
  const bool was = at != lines_.end();
  if (was) {
    *at = std::move(line);
  } else {
    lines_.push_back(std::move(line));
  }
  return was;
}

bool PasswordFile::remove(std::string_view user) {
  const auto at = find(user);
  if (at == lines_.end()) return false;
  lines_.erase(at);
  return true;
}

std::vector<std::string> PasswordFile::users() const {
  std::vector<std::string> users;
  for (const std::string& line : lines_) {
    const std::size_t colon = line.find(':');
    if (colon != std::string::npos && !line.starts_with('#')) users.push_back(line.substr(0, colon));
  }
  return users;
}

Result<void> PasswordFile::save() const {
  std::string text;
  for (const std::string& line : lines_) text += line + '\n';
  TRY(auth::PasswordUsers::read(text, path_.string()));
  // A link stays a link: what it names is replaced.
  std::error_code ignored;
  std::filesystem::path target = std::filesystem::weakly_canonical(path_, ignored);
  if (target.empty()) target = path_;
  std::string name = target.string() + ".XXXXXX";
  const int file = mkstemp(name.data());  // 0600
  if (file < 0) return failure(path_.string() + " cannot be written: " + std::strerror(errno));
  struct stat old {};
  // Whose file it was keeps it, where that is in our power.
  if (stat(target.c_str(), &old) == 0 && fchown(file, old.st_uid, old.st_gid) != 0) errno = 0;
  const bool written = write_all(file, text) && fsync(file) == 0;
  const int error = errno;
  close(file);
  if (written && rename(name.c_str(), target.c_str()) == 0) return {};
  const std::string why = std::strerror(written ? errno : error);
  unlink(name.c_str());
  return failure(path_.string() + " cannot be written: " + why);
}

}  // namespace gaon::app
