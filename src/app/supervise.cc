#include "app/supervise.h"

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>

#include "app/file_watch.h"
#include "base/check.h"
#include "base/log.h"

namespace gaon::app {
namespace {

// Without a change for so long a file is taken as written.
constexpr int kQuiet_ms = 500;

void watch_files(FileWatch& watch, const Reload& reload) {
  std::vector<std::filesystem::path> files;
  if (reload.config().reload.watch) {
    for (const ConfigFile& file : reload.files()) files.push_back(file.path);
  }
  if (!watch.watch(files) && !files.empty())
    log(LogLevel::warning, "not all files of the configuration are watched: after a change use gaon reload");
}

enum class Asked { nothing, reload, stop };

Asked take_signals(int descriptor) {
  Asked asked = Asked::nothing;
  signalfd_siginfo info;
  while (read(descriptor, &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
    if (info.ssi_signo != SIGHUP) return Asked::stop;
    asked = Asked::reload;
  }
  return asked;
}

}  // namespace

void supervise(const sigset_t& signals, Reload& reload) {
  const net::Descriptor caught(signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC));
  CHECK(caught);
  FileWatch watch;
  watch_files(watch, reload);
  bool changed = reload.config().reload.watch && reload.is_behind();  // since it was read
  for (;;) {
    std::array<pollfd, 2> wait = {{{caught.get(), POLLIN, 0}, {watch.descriptor(), POLLIN, 0}}};
    const int ready = poll(wait.data(), wait.size(), changed ? kQuiet_ms : -1);
    const Asked asked = take_signals(caught.get());
    if (asked == Asked::stop) return;
    const bool more = watch.take();
    bool now = asked == Asked::reload;
    if (ready == 0 && changed) {
      changed = false;
      now = reload.is_behind();
    }
    changed = (changed || more) && !now;
    if (!now) continue;
    reload.run();
    watch_files(watch, reload);
    // What changed while it was read, before it was watched.
    changed = changed || (reload.config().reload.watch && reload.is_behind());
  }
}

}  // namespace gaon::app
