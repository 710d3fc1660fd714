// WebSocket (RFC 6455) on one connection: the upgrade by HTTP, then frames, by wslay. What
// is in binary frames goes up as it comes, whatever packets they hold ([MQTT-6.0.0-2]).
// wslay needs 9 KiB, which are given back whenever a message is complete: to make them anew
// costs less than the system call that brought the bytes.
#pragma once

#include <wslay/wslay.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "net/filter.h"

namespace gaon::net {

struct WebSocketOptions {
  std::string path = std::string(kWebSocketPath);
  std::vector<std::string> origins;  // of web pages that may connect (net/http_upgrade.h)
  // Of a message, however many frames it has. Nothing is kept of it; who sends more
  // without an end has lost count.
  std::uint64_t message_bytes_max = std::uint64_t{64} << 20;
};

class WebSocketFilter final : public Filter {
 public:
  // The side that accepts.
  explicit WebSocketFilter(std::shared_ptr<const WebSocketOptions> options);
  // The side that connects, to "host" or "host:port".
  WebSocketFilter(std::shared_ptr<const WebSocketOptions> options, std::string host);
  ~WebSocketFilter() override;
  WebSocketFilter(const WebSocketFilter&) = delete;
  WebSocketFilter& operator=(const WebSocketFilter&) = delete;

  void begin(Buffer& down) override;
  void receive(ByteView bytes, Buffer& up, Buffer& down) override;
  void send(ByteView bytes, Buffer& down) override;
  void end(Buffer& down) override;

 private:
  struct Frames;  // wslay's callbacks: websocket_filter.cc
  friend struct Frames;

  ByteView upgrade(ByteView bytes, Buffer& down);
  void answer(std::string_view head, Buffer& down);
  void receive_frames(ByteView bytes, Buffer& up, Buffer& down);
  void need_frames();
  void release_frames();
  void write_out(Buffer& down);

  const std::shared_ptr<const WebSocketOptions> options_;
  const std::string host_;  // empty on the side that accepts
  std::string key_;         // of our request
  Buffer head_;             // of HTTP, while it is not complete
  wslay_event_context_ptr frames_ = nullptr;
  std::uint64_t unfinished_ = 0;    // bytes that came of a frame that is not complete
  std::uint64_t frame_size_ = 0;    // of the current one
  bool in_message_ = false;         // its last frame has not come
  bool takes_payload_ = false;      // of the current frame
  std::uint64_t message_size_ = 0;  // as far as its frames were announced
  std::uint16_t refusal_ = 0;       // the code with which we close, if we turn something down
  ByteView in_;                     // during a call: what is to be read
  Buffer* up_ = nullptr;
  Buffer* down_ = nullptr;
};

}  // namespace gaon::net
