// A client of a run: the production Endpoint in the client's role, over a Link, with a
// session that outlives connections. It tells the model what it does and sees; what it
// sees of PUBLISH it reads itself from the bytes, since the Endpoint hides repeats.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "events.h"
#include "link.h"
#include "model.h"
#include "session/endpoint.h"

namespace gaon::simulation {

struct Profile {
  std::string id;
  mqtt::Version version = mqtt::Version::v5;
  std::uint32_t expiry_s = 0;  // 0: clean sessions only
  bool wills = false;
};

class SimClient {
 public:
  SimClient(const Profile& profile, Model& model, Events& events, Random& random);

  const Profile& profile() const { return profile_; }
  bool connected() const { return link_.has_value(); }
  bool open() const { return endpoint_ && endpoint_->state() == Endpoint::State::open; }
  bool done() const { return session_.outbound.empty(); }
  std::size_t waiting() const { return session_.outbound.waiting() + session_.outbound.in_flight(); }
  // By filter; with the QoS that was asked for.
  const std::map<std::string, mqtt::QoS>& subscriptions() const { return wanted_; }
  // Payload by topic of what came with the retain flag since the last CONNACK.
  const std::map<std::string, MessageNo>& retained() const { return retained_; }

  void dial(net::MemoryPeer peer, const LinkQuality& quality, bool clean_start, Time now);
  void step(Time now);
  // After the broker did something: it may have closed the connection.
  void look_whether_gone(Time now);
  void publish(const std::string& topic, mqtt::QoS qos, bool retain, bool clears,
               std::optional<std::uint32_t> expiry_s, Time now);
  void subscribe(const std::string& filter, mqtt::QoS qos, Time now);
  void unsubscribe(const std::string& filter, Time now);

  // Ways to go.
  void disconnect(bool with_will, Time now);
  void half_close(Time now);
  void cut(bool by_reset, Time now);
  void broker_died(Time now);

  // Not before the broker has dealt with the CONNECT of the connection before.
  bool may_dial() const { return !link_ && (leaving_.empty() || was_open_); }
  void be_quick() {
    if (link_) link_->be_quick();
  }

 private:
  struct Asked {
    std::string filter;
    bool subscribe;
    bool latest = true;  // that was asked about this filter
  };

  void receive(std::vector<std::uint8_t> bytes, Time now);
  void watch_incoming(ByteView bytes, Time now);
  void watch_outgoing(ByteView bytes);
  void on(const mqtt::Connack& packet, Time now);
  void on(const mqtt::Publish& packet, Time now);
  void on(const mqtt::Suback& packet, Time now);
  void on(const mqtt::Unsuback& packet, Time now);
  void on(const mqtt::Disconnect& packet, Time now);
  void on(const Finished& finished, Time now);
  void on(const Released& released, Time now);
  void on(const Violation& violation, Time now);
  template <class Event>
  void on(const Event& /*event*/, Time /*now*/) {}
  void ask(std::uint16_t packet_id, const std::string& filter, bool subscribe);
  void flush(Time now);
  void forget(bool withdrawn, Time now);
  void tell(const std::string& what) { events_.add(profile_.id + " " + what); }
  std::optional<MessageNo> number_of(ByteView payload);
  std::string payload_of(MessageNo number);

  Profile profile_;
  Model& model_;
  Events& events_;
  Random& random_;
  ClientNo number_;
  EndpointOptions options_;
  Traffic traffic_;
  Output output_;
  Session session_;
  std::optional<Endpoint> endpoint_;
  std::optional<Link> link_;
  std::deque<Link> leaving_;
  bool starting_clean_ = false;
  bool was_open_ = false;    // the last connection
  bool unanswered_ = false;  // the last CONNECT
  Time lost_at_ = kNever;    // the last that was open
  std::uint32_t dialled_expiry_s_ = 0;
  std::uint32_t opened_expiry_s_ = 0;  // its session expiry
  bool half_closed_ = false;
  bool told_gone_ = false;
  Buffer incoming_;
  Buffer outgoing_;
  std::map<const void*, MessageNo> messages_;      // by the block of what is in the session
  std::map<std::uint16_t, MessageNo> publishing_;  // by packet id, on this connection
  std::map<std::uint16_t, Asked> asked_;           // by packet id
  std::map<std::string, mqtt::QoS> wanted_;
  std::set<std::string> unconfirmed_;  // of those: no SUBACK yet
  std::map<std::string, MessageNo> retained_;
};

}  // namespace gaon::simulation
