// gaon passwd add | remove | list
#include <unistd.h>

#include <cstdio>
#include <iostream>
#include <optional>

#include "app/command.h"
#include "app/hidden_input.h"
#include "app/password_file.h"
#include "auth/scram_users.h"

namespace gaon::app {
namespace {

constexpr std::size_t kPasswordMax = 65'535;  // bytes: what CONNECT can carry

const Usage kAdd = {
    .command = "gaon passwd add",
    .doc =
        "Add a user to a file of passwords or, with --scram, of keys for SCRAM-SHA-256, or give it another "
        "password. The file is made if it is not there.",
    .examples =
        "Examples:\n"
        "  gaon passwd add users.passwd plc7\n"
        "  pwgen -s 24 1 | tee /dev/tty | gaon passwd add users.passwd plc7 --stdin\n"
        "  gaon passwd add users.scram plc7 --scram\n"
        "The broker reads them with: gaon serve --set auth.password_file=users.passwd\n"
        "                                        --set auth.scram_file=users.scram\n"
        "Hashes are argon2id; files that mosquitto_passwd made can be read and added to.\n",
};

const Usage kRemove = {
    .command = "gaon passwd remove",
    .doc = "Remove a user from a password file.",
    .examples = "Examples:\n  gaon passwd remove users.passwd plc7\n",
};

const Usage kList = {
    .command = "gaon passwd list",
    .doc = "Print the users of a password file, a line each.",
    .examples = "Examples:\n  gaon passwd list users.passwd\n",
};

struct Named {
  std::string file;
  std::string user;
  bool from_stdin = false;
  bool scram = false;

  PasswordFile::Kind kind() const {
    return scram ? PasswordFile::Kind::scram : PasswordFile::Kind::passwords;
  }
};

std::expected<Named, Exit> read_named(const Usage& usage, bool wants_user, bool wants_password,
                                      const Arguments& arguments) {
  Named named;
  std::vector<Option> options = {{"FILE", "", "The password file.", &named.file}};
  if (wants_user) options.push_back({"USER", "", "The user's name.", &named.user});
  if (wants_password) {
    options.push_back({"--stdin", "", "Read the password from standard input: one line.", &named.from_stdin});
  }
  options.push_back({"--scram", "", "The file is one of keys for SCRAM-SHA-256.", &named.scram});
  if (auto read = read_arguments(usage, options, arguments); !read) return std::unexpected(read.error());
  if (named.file.empty())
    return std::unexpected(usage_mistake(usage, "name the file, for example users.passwd"));
  if (!wants_user) return named;
  if (named.user.empty()) return std::unexpected(usage_mistake(usage, "name the user"));
  std::string line = named.user + ":";
  std::string_view view = line;
  const auto user = auth::cut_user(view);
  if (!user || *user != named.user || named.user.starts_with('#') ||
      named.user.find_first_of("\r\n") != std::string::npos) {
    return std::unexpected(usage_mistake(
        usage,
        "a user's name has no ':' and no line break, does not begin with '#', and is at most 1024 bytes"));
  }
  return named;
}

int fail(const Usage& usage, const std::string& what) {
  return finish({kFailed, usage.command + ": " + what + '\n'});
}

Result<std::string> ask_password(bool from_stdin) {
  std::string password;
  if (from_stdin || isatty(STDIN_FILENO) == 0) {
    if (!from_stdin)
      return failure("standard input is no terminal; use --stdin to read the password from it");
    std::getline(std::cin, password);
  } else {
    TRY_SET(password, read_hidden("Password: "));
    TRY_SET(const std::string again, read_hidden("Once more: "));
    if (password != again) return failure("these were two different passwords; nothing is changed");
  }
  if (password.empty()) return failure("an empty password is none; nothing is changed");
  if (password.size() > kPasswordMax) return failure("the password is longer than 65535 bytes");
  return password;
}

int add_command(const Arguments& arguments) {
  const auto named = read_named(kAdd, true, true, arguments);
  if (!named) return finish(named.error());
  // Nobody is asked for what cannot be written, and nobody waits for who is asked.
  if (const auto readable = PasswordFile::open(named->file, named->kind()); !readable)
    return fail(kAdd, readable.error().what);
  const auto password = ask_password(named->from_stdin);
  if (!password) return fail(kAdd, password.error().what);
  const std::string hash =
      named->scram ? auth::make_scram_line(*password) : auth::make_password_hash(*password);
  auto file = PasswordFile::edit(named->file, named->kind());
  if (!file) return fail(kAdd, file.error().what);
  const bool was = file->put(named->user, hash);
  if (const auto saved = file->save(); !saved) return fail(kAdd, saved.error().what);
  return finish({kDone, (was ? "changed: " : "added: ") + named->user + '\n'});
}

int remove_command(const Arguments& arguments) {
  const auto named = read_named(kRemove, true, false, arguments);
  if (!named) return finish(named.error());
  auto file = PasswordFile::edit(named->file, named->kind());
  if (!file) return fail(kRemove, file.error().what);
  if (!file->remove(named->user))
    return fail(kRemove, "there is no user '" + named->user + "' in " + named->file);
  if (const auto saved = file->save(); !saved) return fail(kRemove, saved.error().what);
  return finish({kDone, "removed: " + named->user + '\n'});
}

int list_command(const Arguments& arguments) {
  const auto named = read_named(kList, false, false, arguments);
  if (!named) return finish(named.error());
  std::error_code ignored;
  if (!std::filesystem::exists(named->file, ignored)) return fail(kList, "there is no file " + named->file);
  const auto file = PasswordFile::open(named->file, named->kind());
  if (!file) return fail(kList, file.error().what);
  std::string text;
  for (const std::string& user : file->users()) text += user + '\n';
  return finish({kDone, text});
}

constexpr Command kCommands[] = {
    {"add", "Add a user, or change its password.", add_command},
    {"remove", "Remove a user.", remove_command},
    {"list", "Print the users.", list_command},
};

}  // namespace

int passwd_command(const Arguments& arguments) { return run_command("gaon passwd", kCommands, arguments); }

}  // namespace gaon::app
