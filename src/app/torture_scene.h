// What the clients of one torture have in common. Used by one thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "app/random.h"
#include "app/torture_judge.h"
#include "base/time.h"
#include "client/options.h"
#include "session/endpoint.h"

namespace gaon::app {

struct TortureScene {
  Judge& judge;
  Random& random;
  net::Url url;
};

// A session that never expires.
client::ConnectOptions lasting_session(const TortureScene& scene, std::string_view client_id,
                                       std::uint8_t version);

// known: an earlier CONNACK made this session, so it has to be there still. False: it is
// not there.
bool look_at_session(TortureScene& scene, std::string_view client_id, const mqtt::Connack& packet,
                     bool& known);

// A rule that the broker broke, if the event is one.
void look_for_violation(TortureScene& scene, std::string_view client_id, const Event& event);

// A payload names its topic and number, and is filled up to size.
std::string numbered_payload(std::string_view topic, std::uint64_t number, std::size_t size);
struct Numbered {
  StreamId stream;
  std::uint64_t number;
};
// Nothing: not a payload of ours for this topic.
std::optional<Numbered> read_numbered(const Judge& judge, std::string_view topic, std::string_view payload);

Duration random_ms(Random& random, double least, double most);

}  // namespace gaon::app
