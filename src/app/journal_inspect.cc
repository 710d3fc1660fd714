#include "app/journal_inspect.h"

#include <algorithm>
#include <tuple>

#include "app/journal_records.h"

namespace gaon::app {
namespace {

using Queue = JournalFigures::Queue;

void count_batch(JournalFigures& figures, ByteView records, std::uint32_t segment) {
  ++figures.batches[segment];
  Reader reader(records);
  while (const auto record = broker::next_record(reader)) {
    for (auto* counted : {&figures.kinds[record->kind], &figures.segment_records[segment]}) {
      ++counted->count;
      counted->bytes += record->whole.size();
    }
  }
}

Queue queue_of(broker::SessionImage& session) {
  Queue queue{.client_id = session.client_id};
  for (const broker::CopyImage& copy : session.copies.take()) {
    ++queue.messages;
    queue.bytes += copy.size;
  }
  return queue;
}

void sum_sessions(JournalFigures& figures, broker::Image& image) {
  std::vector<Queue> queues;
  for (auto& [number, session] : image.sessions) {
    if (!session.known) continue;
    ++figures.sessions;
    figures.online += session.online;
    figures.subscriptions += session.subscriptions.size();
    figures.wills += session.will.has_value();
    figures.held += session.held.size();
    Queue queue = queue_of(session);
    figures.queued.messages += queue.messages;
    figures.queued.bytes += queue.bytes;
    if (queue.messages > 0) queues.push_back(std::move(queue));
  }
  const auto more = [](const Queue& a, const Queue& b) {
    return std::tie(a.messages, b.client_id) > std::tie(b.messages, a.client_id);
  };
  std::ranges::sort(queues, more);
  queues.resize(std::min(queues.size(), JournalFigures::kLargestMax));
  figures.largest = std::move(queues);
}

void sum_rest(JournalFigures& figures, const broker::Image& image) {
  for (const Message& message : image.retained) {
    ++figures.retained.messages;
    figures.retained.bytes += message.size();
  }
  for (const auto& [number, group] : image.groups) {
    figures.groups += !group.key.empty();
    for (const auto& [id, waiting] : group.messages) {
      if (waiting.session != 0) continue;
      ++figures.in_groups.messages;
      figures.in_groups.bytes += waiting.size;
    }
  }
  figures.unrouted = image.unrouted.size();
}

}  // namespace

Result<JournalFigures> inspect_journal(JournalDirectory& directory) {
  JournalFigures figures;
  broker::Image image;
  const auto apply = [&](ByteView records, journal::Place begin) {
    count_batch(figures, records, begin.segment);
    figures.not_understood += !image.apply(records, begin);
    return true;
  };
  TRY_SET(figures.survey, directory.survey(apply));
  sum_sessions(figures, image);
  sum_rest(figures, image);
  return figures;
}

}  // namespace gaon::app
