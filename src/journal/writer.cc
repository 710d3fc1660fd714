#include "journal/writer.h"

namespace gaon::journal {

namespace {

// How often a full disk is looked at; else appending wakes the thread.
constexpr std::chrono::milliseconds kLookAgain{500};

std::int64_t steady_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

Writer::Writer(Log& log) : log_(log), thread_([this] { run(); }) {}

void Writer::stop() {
  if (!thread_.joinable()) return;
  stopping_ = true;
  log_.wake();
  thread_.join();
}

void Writer::run() {
  log_.measure_with(steady_ns);
  while (true) {
    // Asked before the step: what was appended until then is in it.
    const bool stopping = stopping_;
    if (log_.step()) continue;
    if (stopping) return;
    log_.wait(kLookAgain);
  }
}

}  // namespace gaon::journal
