#include "broker/image.h"

#include <algorithm>

namespace gaon::broker {
namespace {

// Sequence numbers wrap; two of one session are never half of them apart.
bool before(std::uint32_t a, std::uint32_t b) { return static_cast<std::int32_t>(a - b) < 0; }

CopyImage* find_in(std::vector<CopyImage>& run, std::uint32_t sequence) {
  const auto at =
      std::ranges::lower_bound(run, sequence, before, [](const CopyImage& copy) { return copy.sequence; });
  return at != run.end() && at->sequence == sequence ? &*at : nullptr;
}

}  // namespace

void CopyRuns::add(const CopyImage& copy) {
  for (auto& run : runs_) {
    const bool within =
        !before(copy.sequence, run.front().sequence) && !before(run.back().sequence, copy.sequence);
    if (!within) continue;
    if (CopyImage* old = find_in(run, copy.sequence)) {  // written again
      *old = copy;
      return;
    }
  }
  for (auto& run : runs_) {
    if (before(run.back().sequence, copy.sequence)) {
      run.push_back(copy);
      return;
    }
  }
  runs_.push_back({copy});
}

CopyImage* CopyRuns::find(std::uint32_t sequence) {
  for (auto& run : runs_) {
    if (CopyImage* copy = find_in(run, sequence)) return copy;
  }
  return nullptr;
}

std::vector<CopyImage> CopyRuns::take() {
  std::vector<CopyImage> all;
  for (auto& run : runs_) {
    const auto middle = static_cast<std::ptrdiff_t>(all.size());
    std::ranges::copy_if(run, std::back_inserter(all), [](const CopyImage& copy) { return !copy.gone; });
    run = {};
    std::ranges::inplace_merge(all, all.begin() + middle, before,
                               [](const CopyImage& copy) { return copy.sequence; });
  }
  runs_.clear();
  return all;
}

bool Image::apply(ByteView batch, journal::Place begin) {
  before_ = {};
  Reader reader(batch);
  while (const auto record = next_record(reader)) {
    const auto offset = static_cast<std::uint32_t>(record->whole.data() - batch.data());
    if (!apply(*record, {begin.segment, begin.offset + offset})) return false;
  }
  return !reader.failed();
}

bool Image::apply(Record record, journal::Place at) {
  ++records;
  Reader& body = record.body;
  using Kind = RecordKind;
  switch (record.kind) {
    case Kind::message:
      before_ = {read_message(body), at, static_cast<std::uint32_t>(record.whole.size())};
      return !body.failed();
    case Kind::retained:
      if (before_.parts.topic.empty()) return false;
      retain();
      return true;
    case Kind::routing:
      if (before_.parts.topic.empty()) return false;
      unrouted[{body.u64()}] = {before_.at, before_.size, {}};
      return !body.failed();
    case Kind::routed:
      unrouted.erase({body.u64()});
      return !body.failed();
    case Kind::group: {
      GroupImage& group = groups[body.u64()];
      group.key = as_text(body.prefixed());
      return !body.failed();
    }
    case Kind::group_ended:
      groups.erase(body.u64());
      return !body.failed();
    case Kind::group_queued:
      queue_in_group(body.u64());
      return !body.failed();
    case Kind::group_done: {
      const std::uint64_t number = body.u64();
      const MessageId message{body.u64()};
      had(message, number);
      forget(number, message);
      return !body.failed();
    }
    case Kind::queued:
      queue(read_queued(body));
      return !body.failed();
    case Kind::ended:
      end(body.u64());
      return !body.failed();
    default:
      break;
  }
  const std::uint64_t number = body.u64();
  SessionImage& session = sessions[number];
  switch (record.kind) {
    case Kind::session:
      session.known = true;
      session.expiry_s = body.u32();
      session.client_id = as_text(body.prefixed());
      session.user = as_text(body.prefixed());
      break;
    case Kind::anew:
      session.subscriptions.clear();
      session.held.clear();
      session.will.reset();
      break;
    case Kind::online:
      session.online = true;
      session.ends = session.will_due = kNever;
      break;
    case Kind::offline:
      session.online = false;
      session.ends = read_time(body);
      session.will_due = read_time(body);
      break;
    case Kind::will: {
      WillImage will{.delay_s = body.u32(), .message_expiry_s = {}, .message = {}};
      const bool has_expiry = body.u8() != 0;
      const std::uint32_t expiry_s = body.u32();
      if (has_expiry) will.message_expiry_s = expiry_s;
      MessageParts parts;
      read_content(body, parts);
      will.message = Message::make(parts);
      session.will = std::move(will);
      break;
    }
    case Kind::no_will:
      session.will.reset();
      session.will_due = kNever;
      break;
    case Kind::subscribed: {
      const Options options = read_options(body.u8());
      const std::uint32_t id = body.u32();
      session.subscriptions[std::string(as_text(body.prefixed()))] = {
          .subscription_id = id,
          .no_local = options.no_local,
          .retain_as_published = options.retain_as_published,
          .qos = options.qos};
      break;
    }
    case Kind::unsubscribed:
      session.subscriptions.erase(std::string(as_text(body.prefixed())));
      break;
    case Kind::sending:
      if (const std::uint32_t to = body.u32(); before(session.open_to, to)) session.open_to = to;
      if (before(session.last_sequence, session.open_to)) session.last_sequence = session.open_to;
      break;
    case Kind::named: {
      const std::uint32_t sequence = body.u32();
      if (CopyImage* copy = session.copies.find(sequence)) copy->packet_id = body.u16();
      break;
    }
    case Kind::received: {
      if (CopyImage* copy = session.copies.find(body.u32())) copy->state = CopyState::received;
      break;
    }
    case Kind::finished:
      finish(number, body.u32());
      break;
    case Kind::held:
      session.held.insert(body.u16());
      break;
    case Kind::released:
      session.held.erase(body.u16());
      break;
    default:
      return false;
  }
  return !body.failed();
}

void Image::retain() {
  const Message message = Message::make(before_.parts);
  retained.erase(message);
  if (!message.payload().empty()) retained.insert(message);
}

void Image::queue(QueuedRecord&& record) {
  SessionImage& session = sessions[record.number];
  if (before(session.last_sequence, record.sequence)) session.last_sequence = record.sequence;
  session.copies.add({.at = before_.at,
                      .size = before_.size,
                      .sequence = record.sequence,
                      .subscription_id = record.subscription_ids.empty() ? 0 : record.subscription_ids[0],
                      .packet_id = record.packet_id,
                      .qos = record.options.qos,
                      .retain = record.options.retain,
                      .state = record.state});
  if (record.subscription_ids.size() > 1) session.more[record.sequence] = std::move(record.subscription_ids);
  const MessageId id = before_.parts.id;
  // What a group handed out does not stand for the session's own subscriptions.
  had(id, record.group != 0 ? record.group : record.number);
  if (record.group == 0) return;
  session.handed[record.sequence] = {record.group, id};
  GroupImage::Waiting& waiting = groups[record.group].messages[id];
  const bool same = waiting.session == record.number && waiting.sequence == record.sequence;
  if (!same) take_from_session(waiting);  // It was given back before it was handed to this one.
  waiting = {before_.at, before_.size, record.number, record.sequence};
}

void Image::queue_in_group(std::uint64_t number) {
  const MessageId id = before_.parts.id;
  had(id, number);
  GroupImage::Waiting& waiting = groups[number].messages[id];
  take_from_session(waiting);  // It was given back.
  waiting = {before_.at, before_.size};
}

void Image::take_from_session(const GroupImage::Waiting& waiting) {
  if (waiting.session == 0) return;
  SessionImage& session = sessions[waiting.session];
  if (CopyImage* copy = session.copies.find(waiting.sequence)) copy->gone = true;
  session.more.erase(waiting.sequence);
  session.handed.erase(waiting.sequence);
}

void Image::had(MessageId message, std::uint64_t number) {
  if (const auto one = unrouted.find(message); one != unrouted.end()) one->second.had.insert(number);
}

void Image::forget(std::uint64_t number, MessageId message) {
  const auto group = groups.find(number);
  if (group == groups.end()) return;
  group->second.messages.erase(message);
  if (group->second.key.empty() && group->second.messages.empty()) groups.erase(group);
}

void Image::finish(std::uint64_t number, std::uint32_t sequence) {
  SessionImage& session = sessions[number];
  if (CopyImage* copy = session.copies.find(sequence)) copy->gone = true;
  session.more.erase(sequence);
  const auto handed = session.handed.find(sequence);
  if (handed == session.handed.end()) return;
  forget(handed->second.group, handed->second.message);
  session.handed.erase(handed);
}

// [MQTT-4.8.2-5]: what a session of a group leaves unacknowledged goes to another
// member, but not QoS 2 that it may have seen. A group that ended gets nothing back.
void Image::end(std::uint64_t number) {
  const auto ended = sessions.find(number);
  if (ended == sessions.end()) return;
  SessionImage& session = ended->second;
  for (const auto& [sequence, handed] : session.handed) {
    const auto group = groups.find(handed.group);
    if (group == groups.end()) continue;
    const auto waiting = group->second.messages.find(handed.message);
    if (waiting == group->second.messages.end()) continue;
    const CopyImage* copy = session.copies.find(sequence);
    const bool seen = copy != nullptr && copy->qos == mqtt::QoS::exactly_once &&
                      (copy->state != CopyState::waiting || !before(session.open_to, sequence));
    if (seen || group->second.key.empty()) {
      forget(handed.group, handed.message);
    } else {
      waiting->second.session = 0;
    }
  }
  sessions.erase(ended);
}

}  // namespace gaon::broker
