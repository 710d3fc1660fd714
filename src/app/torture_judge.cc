#include "app/torture_judge.h"

#include <algorithm>
#include <numeric>

#include "base/check.h"

namespace gaon::app {
namespace {

constexpr std::array<BrokenName, kBrokenCount> kNames = {{
    {"lost", "acknowledged to the publisher, never received"},
    {"lost_will", "accepted with CONNACK, never received"},
    {"duplicated", "QoS 2, received more than once"},
    {"repeated_without_dup", "QoS 1, received again as if new"},
    {"reordered", "received after a later one of its topic"},
    {"forgotten_session", "CONNACK without Session Present"},
    {"forgotten_subscription", "a filter that is gone"},
    {"retained", "not the last acknowledged, or newer than sent"},
    {"invented", "never sent like that"},
    {"violation", "a packet that MQTT does not allow, or not now"},
    {"crashed", "the broker ended by itself"},
}};

}  // namespace

const BrokenName& describe(Broken what) { return kNames[static_cast<std::size_t>(what)]; }

StreamId Judge::add(StreamFacts facts) {
  CHECK(receivers_.empty());
  by_topic_.emplace(facts.topic, streams_.size());
  streams_.push_back({.facts = std::move(facts)});
  return streams_.size() - 1;
}

ReceiverId Judge::add(ReceiverFacts facts) {
  Receiver receiver{std::move(facts), std::vector<Track>(streams_.size())};
  for (const StreamId stream : receiver.facts.streams) receiver.tracks[stream].wanted = true;
  receivers_.push_back(std::move(receiver));
  return receivers_.size() - 1;
}

std::optional<StreamId> Judge::find(std::string_view topic) const {
  const auto found = by_topic_.find(topic);
  if (found == by_topic_.end()) return std::nullopt;
  return found->second;
}

// --- what happened

std::uint64_t Judge::sent(StreamId stream) {
  ++sent_;
  streams_[stream].acked_by.push_back(0);
  return streams_[stream].sent++;
}

void Judge::resent(StreamId stream, std::uint64_t number) { ++streams_[stream].resent[number]; }

void Judge::acknowledged(StreamId id, std::uint64_t number) {
  Stream& stream = streams_[id];
  CHECK(number < stream.sent);
  if (!stream.acked.insert(number)) return;
  ++acknowledged_;
  stream.acked_by[number] = incarnation_;
  stream.acked_end = std::max(stream.acked_end, number + 1);
}

void Judge::received(const Arrival& arrival) {
  ++received_;
  const Stream& stream = streams_[arrival.stream];
  Receiver& receiver = receivers_[arrival.receiver];
  Track& track = receiver.tracks[arrival.stream];
  const std::uint8_t qos = std::min(stream.facts.qos, receiver.facts.qos);
  if (!track.wanted || arrival.number >= stream.sent) return note(Broken::invented, arrival, qos);
  if (!track.seen.insert(arrival.number)) return repeated(arrival, track, qos);
  const bool ordered = !receiver.facts.group && stream.facts.kind != StreamFacts::Kind::will;
  if (ordered && arrival.number < track.first_end) note(Broken::reordered, arrival, qos);
  track.first_end = std::max(track.first_end, arrival.number + 1);
}

// In a group another member may get what one did not acknowledge, as if it were new. And
// each time a QoS 1 publisher sends a message again, it may become one more.
void Judge::repeated(const Arrival& arrival, Track& track, std::uint8_t qos) {
  if (qos == 2) return note(Broken::duplicated, arrival, qos);
  if (!arrival.dup && !receivers_[arrival.receiver].facts.group) {
    const Stream& stream = streams_[arrival.stream];
    const auto resent = stream.resent.find(arrival.number);
    const bool once_more = stream.facts.qos == 1 && resent != stream.resent.end();
    if (++track.repeats[arrival.number] > (once_more ? resent->second : 0)) {
      return note(Broken::repeated_without_dup, arrival, qos);
    }
  }
  ++allowed_repeats_;
}

void Judge::retained(StreamId id, std::uint64_t number, std::uint64_t least) {
  const Stream& stream = streams_[id];
  if (number + 1 >= least && number < stream.sent) return;
  broken(Broken::retained,
         stream.facts.topic + " shows " + std::to_string(number) + " to who subscribes, when " +
             std::to_string(least) + " were acknowledged and " + std::to_string(stream.sent) +
             " sent; broker " + std::to_string(incarnation_),
         stream.facts.qos);
}

void Judge::retained_missing(StreamId id) {
  const Stream& stream = streams_[id];
  broken(Broken::retained,
         stream.facts.topic + " shows nothing, when " + std::to_string(stream.acked_end) +
             " were acknowledged; broker " + std::to_string(incarnation_),
         stream.facts.qos);
}

void Judge::broken(Broken what, std::string text, std::uint8_t qos) {
  ++counts_[index(what)][qos];
  auto& cases = cases_[index(what)];
  if (cases.size() < kCasesMax) cases.push_back(std::move(text));
}

void Judge::note(Broken what, const Arrival& arrival, std::uint8_t qos) {
  std::string who(arrival.session);
  if (receivers_[arrival.receiver].facts.group) who += " of group " + receivers_[arrival.receiver].facts.name;
  note(what, who, arrival.stream, arrival.number, qos);
}

void Judge::note(Broken what, const std::string& who, StreamId id, std::uint64_t number, std::uint8_t qos) {
  if (cases_[index(what)].size() >= kCasesMax) {
    ++counts_[index(what)][qos];
    return;
  }
  const Stream& stream = streams_[id];
  const std::uint16_t by = number < stream.acked_by.size() ? stream.acked_by[number] : std::uint16_t{0};
  const auto resent = stream.resent.find(number);
  std::string text = "number " + std::to_string(number) + " of " + std::to_string(stream.sent) + " by " +
                     stream.facts.publisher + " to " + stream.facts.topic + ", QoS " + std::to_string(qos) +
                     ", session " + who;
  text += by == 0 ? "; not acknowledged" : "; acknowledged by broker " + std::to_string(by);
  if (resent != stream.resent.end()) text += ", sent again " + std::to_string(resent->second) + " times";
  broken(what, text + "; seen at broker " + std::to_string(incarnation_), qos);
}

// --- the verdict

template <class Call>
void Judge::each_track(Call call) const {
  for (const Receiver& receiver : receivers_) {
    for (StreamId id = 0; id < receiver.tracks.size(); ++id) {
      if (receiver.tracks[id].wanted) call(receiver, id, streams_[id], receiver.tracks[id]);
    }
  }
}

std::uint64_t Judge::missing() const {
  std::uint64_t count = 0;
  each_track([&](const Receiver&, StreamId, const Stream& stream, const Track& track) {
    count += stream.acked.count_not_in(track.seen);
  });
  return count;
}

void Judge::close() {
  each_track([&](const Receiver& receiver, StreamId id, const Stream& stream, const Track& track) {
    const Broken what = stream.facts.kind == StreamFacts::Kind::will ? Broken::lost_will : Broken::lost;
    const std::uint8_t qos = std::min(stream.facts.qos, receiver.facts.qos);
    stream.acked.each_not_in(track.seen, [&](std::uint64_t number) {
      note(what, (receiver.facts.group ? "group " : "") + receiver.facts.name, id, number, qos);
    });
  });
}

std::uint64_t Judge::count(Broken what) const {
  const auto& row = counts_[index(what)];
  return std::accumulate(row.begin(), row.end(), std::uint64_t{0});
}

bool Judge::clean() const {
  return std::ranges::all_of(cases_, [](const auto& cases) { return cases.empty(); });
}

}  // namespace gaon::app
