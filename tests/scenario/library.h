// Our client library as the thing on trial: the stage of scenarios with `side client`.
// A conversation of client/ without I/O, a clock that stands until pass(), and a wire
// whose other end is the scripted server. What the library tells its user becomes
// packets that scenarios can expect: "message" looks like a PUBLISH, and so on.
#pragma once

#include <deque>
#include <memory>
#include <string>

#include "client/conversation.h"
#include "packet.h"
#include "stage.h"

namespace gaon::scenario {

// "message" with the fields of its packet.
struct LibraryEvent {
  std::string name;
  Packet packet;
};

class Library final : public Stage {
 public:
  explicit Library(mqtt::Version version) : version_(version) {}

  // connect, publish, subscribe, unsubscribe, disconnect, auth. The error is the library's own.
  Result<void> command(const std::string& name, const Fields& fields);

  // command() failed, as the script says: an event with the error.
  void add_refused(std::string what);

  // The server's end of the newest connection, once after each `connect`.
  Result<std::unique_ptr<Wire>> connect() override;
  void begin() override {}
  bool more() override;
  void pass(Duration duration, const std::function<void()>& look) override;
  bool is_simulated() const override { return true; }

  std::deque<LibraryEvent> events;

 private:
  friend class LibraryWire;

  Result<void> open(const Fields& fields);
  void take_output();
  void take_events();
  void add(std::string name, mqtt::PacketType type, Fields fields);

  mqtt::Version version_;
  Time now_{seconds(1'700'000'000)};
  std::unique_ptr<client::Conversation> conversation_;
  std::string to_server_;
  std::string to_client_;
  bool server_ended_ = false;
  bool was_open_ = false;
};

}  // namespace gaon::scenario
