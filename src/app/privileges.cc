#include "app/privileges.h"

#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/log.h"
#include "net/system_error.h"

namespace gaon::app {
namespace {

struct Account {
  uid_t user = 0;
  gid_t group = 0;
};

Result<Account> find(const RunAs& as) {
  const passwd* user = getpwnam(as.user.c_str());
  if (user == nullptr) {
    return failure("user: there is no user '" + as.user + "' on this machine; make one: useradd --system " +
                   as.user);
  }
  Account account{user->pw_uid, user->pw_gid};
  if (as.group.empty()) return account;
  const group* named = getgrnam(as.group.c_str());
  if (named == nullptr) return failure("group: there is no group '" + as.group + "' on this machine");
  account.group = named->gr_gid;
  return account;
}

bool is_root() { return geteuid() == 0; }

}  // namespace

bool leaves_root(const RunAs& as) { return is_root() && !as.user.empty(); }

Result<void> make_directory_of(const RunAs& as, const std::filesystem::path& directory) {
  TRY_SET(const Account account, find(as));
  std::error_code error;
  if (!std::filesystem::create_directories(directory, error)) {
    if (error) return failure("cannot make the directory " + directory.string() + ": " + error.message());
    return {};
  }
  if (chown(directory.c_str(), account.user, account.group) == 0) return {};
  return failure("cannot give " + directory.string() + " to " + as.user + ": " + net::system_error(errno));
}

Result<void> become(const RunAs& as) {
  if (as.user.empty() && is_root()) {
    log(LogLevel::warning,
        "running as root: whoever breaks in has the machine; name a user by the key user, user = \"gaon\"");
  }
  if (!as.user.empty()) {
    TRY_SET(const Account account, find(as));
    if (!is_root() && account.user != geteuid()) {
      return failure("user: only root can become '" + as.user + "'; start as root, or leave the key out");
    }
    if (is_root() && (initgroups(as.user.c_str(), account.group) != 0 || setgid(account.group) != 0 ||
                      setuid(account.user) != 0)) {
      return failure("user: cannot become '" + as.user + "': " + net::system_error(errno));
    }
    // A process that believes it left root and did not is worse than none.
    if (account.user != 0 && setuid(0) == 0) return failure("user: root can be had again after leaving it");
  }
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return failure("cannot give up new privileges: " + net::system_error(errno));
  }
  return {};
}

}  // namespace gaon::app
