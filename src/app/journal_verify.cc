#include "app/journal_verify.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "app/journal_records.h"
#include "broker/image.h"

namespace gaon::app {
namespace {

using SteadyClock = std::chrono::steady_clock;

// One line that is written over, on a terminal only.
class ProgressLine {
 public:
  double seconds() const { return std::chrono::duration<double>(SteadyClock::now() - began_).count(); }

  void show(std::uint64_t done, std::uint64_t all) {
    const auto now = SteadyClock::now();
    if (!on_terminal_ || now - shown_ < std::chrono::milliseconds(200)) return;
    shown_ = now;
    const double rate = static_cast<double>(done) / 1e6 / std::max(seconds(), 1e-6);
    std::fprintf(stderr, "\r%3.0f %%  %.0f MB/s ",
                 all == 0 ? 100.0 : 100.0 * static_cast<double>(done) / static_cast<double>(all), rate);
    std::fflush(stderr);
    dirty_ = true;
  }
  void clear() {
    if (dirty_) std::fputs("\r\033[K", stderr);
  }

 private:
  const SteadyClock::time_point began_ = SteadyClock::now();
  SteadyClock::time_point shown_ = began_;
  const bool on_terminal_ = ::isatty(STDERR_FILENO) != 0;
  bool dirty_ = false;
};

class Verifier {
 public:
  explicit Verifier(JournalDirectory& directory) : directory_(directory) {}

  Result<JournalReport> run();

 private:
  void check(ByteView records, journal::Place begin);
  void check_sessions();
  void check_groups();
  void tell(const journal::Survey& survey);
  std::string path(const std::string& name) { return directory_.disk().path(name); }

  JournalDirectory& directory_;
  JournalReport report_;
  broker::Image image_;
};

Result<JournalReport> Verifier::run() {
  ProgressLine line;
  const auto survey = directory_.survey(
      [this](ByteView records, journal::Place begin) {
        check(records, begin);
        return true;
      },
      [&line](std::uint64_t done, std::uint64_t all) { line.show(done, all); });
  line.clear();
  if (!survey) return std::unexpected(survey.error());
  report_.records = image_.records;
  tell(*survey);
  check_sessions();
  check_groups();
  report_.seconds = line.seconds();
  return std::move(report_);
}

void Verifier::check(ByteView records, journal::Place begin) {
  ++report_.batches;
  for (RecordFault& fault : record_faults(records)) {
    report_.add({.kind = "records",
                 .file = path(journal::segment_name(begin.segment)),
                 .offset = std::uint64_t{begin.offset} + fault.offset,
                 .what = std::move(fault.what)});
  }
  image_.apply(records, begin);
}

void Verifier::tell(const journal::Survey& survey) {
  report_.segments = survey.segments.size();
  for (const journal::SurveyedSegment& segment : survey.segments) {
    report_.bytes += segment.used_bytes;
    if (segment.torn_bytes == 0) continue;
    report_.torn_file = path(journal::segment_name(segment.number));
    report_.torn_offset = segment.used_bytes;
    report_.torn_bytes = segment.torn_bytes;
  }
  for (const journal::Damage::Stretch& stretch : survey.damage.list) {
    report_.add({.kind = stretch.bytes == 0 ? "missing" : "damaged",
                 .file = path(stretch.file),
                 .offset = stretch.offset,
                 .bytes = stretch.bytes,
                 .what = "expected " + stretch.expected});
  }
}

void Verifier::check_sessions() {
  for (auto& [number, session] : image_.sessions) {
    if (session.known) continue;
    const std::size_t messages = session.copies.take().size();
    if (messages == 0 && session.subscriptions.empty() && session.held.empty()) continue;
    report_.add({.kind = "state",
                 .what = "session " + std::to_string(number) + " has " + std::to_string(messages) +
                         " messages and " + std::to_string(session.subscriptions.size()) +
                         " subscriptions, but the record of the session itself is not there"});
  }
}

// Of a group that ended, messages may still be with its members.
void Verifier::check_groups() {
  for (const auto& [number, group] : image_.groups) {
    if (!group.key.empty()) continue;
    const auto waiting = std::ranges::count_if(
        group.messages, [](const auto& message) { return message.second.session == 0; });
    if (waiting == 0) continue;
    report_.add({.kind = "state",
                 .what = "shared group " + std::to_string(number) + " has " + std::to_string(waiting) +
                         " messages, but the record of the group itself is not there"});
  }
}

}  // namespace

Result<JournalReport> verify_journal(JournalDirectory& directory) { return Verifier(directory).run(); }

}  // namespace gaon::app
