#include "app/stop_signal.h"

#include <signal.h>
#include <sys/signalfd.h>

#include "base/check.h"

namespace gaon::app {
namespace {

sigset_t stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

}  // namespace

StopSignal::StopSignal() {
  const sigset_t signals = stop_signals();
  descriptor_ = net::Descriptor(signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC));
  CHECK(descriptor_);
}

void StopSignal::hold() {
  const sigset_t signals = stop_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

void StopSignal::let_go() {
  const sigset_t signals = stop_signals();
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
}

bool StopSignal::raised() {
  signalfd_siginfo info;
  if (::read(descriptor_.get(), &info, sizeof info) > 0) raised_ = true;
  return raised_;
}

}  // namespace gaon::app
