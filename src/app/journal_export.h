// `gaon journal export`: what a journal holds, a line of JSON each, for who must get data
// out. Sessions by client id, each followed by its messages in order; then what waits with
// shared groups or was not routed yet; then retained messages by topic.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/journal_directory.h"

namespace gaon::app {

struct ExportFilter {
  std::vector<std::string> clients;  // only these sessions; empty: all
  bool retained = false;             // only retained messages, or these too if there are clients

  bool all() const { return clients.empty() && !retained; }
};

struct ExportDone {
  std::uint64_t lines = 0;
  // What could not be exported, one a line.
  std::vector<std::string> lost;
};

// Gets each line with its end; false: go no further.
using PutLine = std::function<bool(const std::string& line)>;

// Damage is passed over and told. An error: the journal cannot be read at all.
Result<ExportDone> export_journal(JournalDirectory& directory, const ExportFilter& filter,
                                  const PutLine& put);

}  // namespace gaon::app
