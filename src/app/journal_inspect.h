// `gaon journal inspect`: what a journal holds, in figures.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "app/journal_directory.h"
#include "broker/image.h"

namespace gaon::app {

struct JournalFigures {
  static constexpr std::size_t kLargestMax = 10;

  struct Records {
    std::uint64_t count = 0;
    std::uint64_t bytes = 0;
  };
  struct Queue {
    std::string client_id;
    std::uint64_t messages = 0;
    std::uint64_t bytes = 0;
  };

  journal::Survey survey;
  std::map<std::uint32_t, std::uint64_t> batches;    // by segment
  std::map<std::uint32_t, Records> segment_records;  // by segment
  std::map<broker::RecordKind, Records> kinds;
  std::uint64_t not_understood = 0;  // batches

  // What a restart would find; expired sessions and messages are among them.
  std::uint64_t sessions = 0;
  std::uint64_t online = 0;  // had a connection at the end
  std::uint64_t subscriptions = 0;
  std::uint64_t wills = 0;
  std::uint64_t held = 0;  // packet ids of QoS 2 that were not released
  Queue queued;            // all queues together
  std::vector<Queue> largest;
  Queue retained;
  std::uint64_t groups = 0;
  Queue in_groups;  // waiting with a shared group for a member
  std::uint64_t unrouted = 0;
};

Result<JournalFigures> inspect_journal(JournalDirectory& directory);

std::string to_text(const JournalFigures& figures, const JournalDirectory& directory);
std::string to_json(const JournalFigures& figures, const JournalDirectory& directory);

}  // namespace gaon::app
