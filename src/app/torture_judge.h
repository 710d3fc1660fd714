// Whether a broker kept its promises, by the numbers of messages: pure book-keeping,
// without clock and network. A stream is what one publisher sends to one topic with one
// QoS, numbered from 0. A receiver is a session, or a shared group as a whole. Memory: two
// bytes a message, and a bit a message and receiver. Used by one thread.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/number_set.h"

namespace gaon::app {

enum class Broken : std::uint8_t {
  lost,                    // acknowledged, and never received  [MQTT-4.3.2-4] [MQTT-4.3.3-8]
  lost_will,               // the CONNACK promised it
  duplicated,              // QoS 2, received twice  [MQTT-4.3.3-10]
  repeated_without_dup,    // QoS 1  [MQTT-3.3.1-1]
  reordered,               // first deliveries of a stream; not in a group  [MQTT-4.6.0-5]
  forgotten_session,       // Session Present 0  [MQTT-3.1.2-5]
  forgotten_subscription,  // the session is there, one of its filters is not
  retained,                // older than acknowledged, newer than sent, or not there
  invented,                // was never sent like that
  violation,               // a packet that MQTT does not allow, or not now
  crashed,                 // the broker ended by itself
};
inline constexpr std::size_t kBrokenCount = 11;

struct BrokenName {
  std::string_view name;
  std::string_view doc;
};
const BrokenName& describe(Broken what);

using StreamId = std::size_t;
using ReceiverId = std::size_t;

struct StreamFacts {
  enum class Kind : std::uint8_t { plain, retained, will };
  std::string publisher;
  std::string topic;
  std::uint8_t qos = 1;
  Kind kind = Kind::plain;
};

struct ReceiverFacts {
  std::string name;
  std::uint8_t qos = 1;  // granted; the lower of it and the stream's counts
  bool group = false;
  std::vector<StreamId> streams;  // all that its filters match
};

struct Arrival {
  ReceiverId receiver;
  std::string_view session;  // the member, in a group
  StreamId stream;
  std::uint64_t number;
  bool dup;
};

class Judge {
 public:
  // Of each kind of case so many are kept in words.
  static constexpr std::size_t kCasesMax = 5;

  StreamId add(StreamFacts facts);
  // After the streams.
  ReceiverId add(ReceiverFacts facts);

  // Which start of the broker runs now, from 1.
  void broker_started() { ++incarnation_; }
  std::uint16_t incarnation() const { return incarnation_; }

  // --- what happened. The number of the stream's next message:
  std::uint64_t sent(StreamId stream);
  // It goes out once more, with DUP. A message of QoS 1 may then be two.
  void resent(StreamId stream, std::uint64_t number);
  void acknowledged(StreamId stream, std::uint64_t number);
  void received(const Arrival& arrival);
  // A retained message was given to somebody who subscribed when `least` was the count
  // of numbers that had to be there: one more than the last acknowledged.
  void retained(StreamId stream, std::uint64_t number, std::uint64_t least);
  void retained_missing(StreamId stream);
  // What only the network shows.
  void broken(Broken what, std::string text, std::uint8_t qos = 0);

  const StreamFacts& facts(StreamId stream) const { return streams_[stream].facts; }
  std::size_t streams() const { return streams_.size(); }
  std::optional<StreamId> find(std::string_view topic) const;
  // One more than the last acknowledged number; 0: none is.
  std::uint64_t acknowledged_end(StreamId stream) const { return streams_[stream].acked_end; }

  // Pairs of an acknowledged message and a receiver that does not have it yet.
  std::uint64_t missing() const;
  std::uint64_t sent() const { return sent_; }
  std::uint64_t acknowledged() const { return acknowledged_; }
  std::uint64_t received() const { return received_; }
  std::uint64_t allowed_repeats() const { return allowed_repeats_; }

  // --- the verdict, once all is over: what is missing now is lost.
  void close();
  std::uint64_t count(Broken what) const;
  std::uint64_t count(Broken what, std::uint8_t qos) const { return counts_[index(what)][qos]; }
  const std::vector<std::string>& cases(Broken what) const { return cases_[index(what)]; }
  bool clean() const;

 private:
  struct Stream {
    StreamFacts facts;
    std::uint64_t sent = 0;
    std::uint64_t acked_end = 0;
    NumberSet acked;
    std::vector<std::uint16_t> acked_by;            // incarnation, by number; 0 is not yet
    std::map<std::uint64_t, std::uint32_t> resent;  // how often, where it was
  };
  struct Track {
    bool wanted = false;
    NumberSet seen;
    std::uint64_t first_end = 0;                     // one more than the highest received
    std::map<std::uint64_t, std::uint32_t> repeats;  // without DUP
  };
  struct Receiver {
    ReceiverFacts facts;
    std::vector<Track> tracks;  // by stream
  };

  static std::size_t index(Broken what) { return static_cast<std::size_t>(what); }
  void repeated(const Arrival& arrival, Track& track, std::uint8_t qos);
  void note(Broken what, const Arrival& arrival, std::uint8_t qos);
  void note(Broken what, const std::string& who, StreamId stream, std::uint64_t number, std::uint8_t qos);
  template <class Call>
  void each_track(Call call) const;

  std::vector<Stream> streams_;
  std::map<std::string, StreamId, std::less<>> by_topic_;
  std::vector<Receiver> receivers_;
  std::array<std::array<std::uint64_t, 3>, kBrokenCount> counts_{};  // by QoS; 0 where there is none
  std::array<std::vector<std::string>, kBrokenCount> cases_;
  std::uint64_t sent_ = 0;
  std::uint64_t acknowledged_ = 0;
  std::uint64_t received_ = 0;
  std::uint64_t allowed_repeats_ = 0;
  std::uint16_t incarnation_ = 0;
};

}  // namespace gaon::app
