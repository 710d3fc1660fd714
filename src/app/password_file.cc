#include "app/password_file.h"

#include <algorithm>
#include <system_error>

#include "app/text_file.h"
#include "auth/scram_users.h"

namespace gaon::app {
namespace {

bool is_of(std::string_view line, std::string_view user) {
  return line.starts_with(user) && line.substr(user.size()).starts_with(':') && !line.starts_with('#');
}

}  // namespace

Result<auth::PasswordUsers> read_password_users(const broker::AuthConfig& config) {
  if (config.password_file.empty()) return auth::PasswordUsers::read("", "");
  TRY_SET(const std::string text, read_text_file(config.password_file, auth::PasswordUsers::kTextMax));
  return auth::PasswordUsers::read(text, config.password_file.string());
}

Result<void> PasswordFile::check(std::string_view text) const {
  if (kind_ == Kind::scram) {
    TRY(auth::ScramUsers::read(text, path_.string(), ""));
  } else {
    TRY(auth::PasswordUsers::read(text, path_.string()));
  }
  return {};
}

Result<PasswordFile> PasswordFile::open(const std::filesystem::path& path, Kind kind) {
  PasswordFile file(path, kind);
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return file;
  TRY_SET(const std::string text, read_text_file(path, auth::PasswordUsers::kTextMax));
  TRY(file.check(text));
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    file.lines_.emplace_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return file;
}

Result<PasswordFile> PasswordFile::edit(const std::filesystem::path& path, Kind kind) {
  TRY_SET(FileLock lock, FileLock::take(path.string() + ".lock"));
  TRY_SET(PasswordFile file, open(path, kind));
  file.lock_ = std::move(lock);
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
  TRY(check(text));
  return replace_file(path_, text, 0600);
}

}  // namespace gaon::app
