#include "net/websocket_filter.h"

#include <openssl/rand.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/check.h"
#include "net/http_upgrade.h"

namespace gaon::net {
namespace {

constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr std::uint8_t kTlsHandshake = 0x16;
constexpr std::uint8_t kMqttConnect = 0x10;

bool is_control(std::uint8_t opcode) { return (opcode & 8) != 0; }

}  // namespace

struct WebSocketFilter::Frames {
  static WebSocketFilter& of(void* filter) { return *static_cast<WebSocketFilter*>(filter); }

  static ssize_t read(wslay_event_context_ptr frames, std::uint8_t* to, std::size_t size, int, void* filter) {
    ByteView& in = of(filter).in_;
    if (in.empty()) {
      wslay_event_set_error(frames, WSLAY_ERR_WOULDBLOCK);
      return -1;
    }
    size = std::min(size, in.size());
    std::memcpy(to, in.data(), size);
    in = in.subspan(size);
    return static_cast<ssize_t>(size);
  }

  static ssize_t write(wslay_event_context_ptr, const std::uint8_t* from, std::size_t size, int,
                       void* filter) {
    of(filter).down_->append({from, size});
    return static_cast<ssize_t>(size);
  }

  static int mask(wslay_event_context_ptr, std::uint8_t* to, std::size_t size, void*) {
    return RAND_bytes(to, static_cast<int>(size)) == 1 ? 0 : -1;
  }

  static void on_frame(wslay_event_context_ptr, const wslay_event_on_frame_recv_start_arg* frame,
                       void* filter) {
    WebSocketFilter& its = of(filter);
    its.frame_size_ = head_size(frame->payload_length, its.host_.empty()) + frame->payload_length;
    const bool control = is_control(frame->opcode);
    its.takes_payload_ = !control && its.refusal_ == 0;
    if (control) return;
    its.in_message_ = frame->fin == 0;
    its.message_size_ =
        (frame->opcode == WSLAY_CONTINUATION_FRAME ? its.message_size_ : 0) + frame->payload_length;
    if (frame->opcode == WSLAY_TEXT_FRAME) its.refusal_ = WSLAY_CODE_UNSUPPORTED_DATA;  // [MQTT-6.0.0-1]
    if (its.message_size_ > its.options_->message_bytes_max) its.refusal_ = WSLAY_CODE_MESSAGE_TOO_BIG;
    its.takes_payload_ = its.refusal_ == 0;
  }

  static void on_payload(wslay_event_context_ptr, const wslay_event_on_frame_recv_chunk_arg* chunk,
                         void* filter) {
    if (of(filter).takes_payload_) of(filter).up_->append({chunk->data, chunk->data_length});
  }

  static void on_frame_end(wslay_event_context_ptr, void* filter) {
    of(filter).unfinished_ -= of(filter).frame_size_;
  }

  static std::uint64_t head_size(std::uint64_t payload, bool masked) {
    return 2 + (payload > 65535 ? 8 : payload > 125 ? 2 : 0) + (masked ? 4 : 0);
  }
};

WebSocketFilter::WebSocketFilter(std::shared_ptr<const WebSocketOptions> options)
    : options_(std::move(options)) {}

WebSocketFilter::WebSocketFilter(std::shared_ptr<const WebSocketOptions> options, std::string host)
    : options_(std::move(options)), host_(std::move(host)) {
  CHECK(!host_.empty());
}

WebSocketFilter::~WebSocketFilter() { wslay_event_context_free(frames_); }

void WebSocketFilter::begin(Buffer& down) {
  if (host_.empty()) return;
  key_ = make_upgrade_key();
  down.append(as_bytes(upgrade_request(host_, options_->path, key_)));
}

void WebSocketFilter::receive(ByteView bytes, Buffer& up, Buffer& down) {
  if (state() == State::handshaking) bytes = upgrade(bytes, down);
  if (state() == State::open && !bytes.empty()) receive_frames(bytes, up, down);
}

// Returns what is behind the head.
ByteView WebSocketFilter::upgrade(ByteView bytes, Buffer& down) {
  if (bytes.empty()) return {};
  const std::size_t had = head_.size();
  if (had == 0 && (bytes.front() == kTlsHandshake || bytes.front() == kMqttConnect)) {
    fail(bytes.front() == kTlsHandshake ? "WebSocket failed: it speaks TLS on a port without"
                                        : "WebSocket failed: it speaks MQTT without WebSocket");
    return {};
  }
  head_.append(bytes.first(std::min(bytes.size(), kHttpHeadMax - had)));
  const std::string_view text = as_text(head_.view());
  // The end may have begun in what was there before.
  const std::size_t end = text.find(kHeadEnd, had < kHeadEnd.size() ? 0 : had - kHeadEnd.size());
  if (end == std::string_view::npos) {
    if (head_.size() < kHttpHeadMax) return {};
    UpgradeAnswer refusal = refuse_large_head();
    if (host_.empty()) down.append(as_bytes(refusal.response));
    fail(std::move(refusal.why));
    return {};
  }
  const std::size_t size = end + kHeadEnd.size();
  answer(text.substr(0, size), down);
  head_.release();
  return bytes.subspan(size - had);
}

void WebSocketFilter::answer(std::string_view head, Buffer& down) {
  if (host_.empty()) {
    UpgradeAnswer answer = answer_upgrade(head, options_->path, options_->origins);
    down.append(as_bytes(answer.response));
    if (!answer.accepted) return fail(std::move(answer.why));
  } else if (std::string wrong = check_upgrade(head, key_); !wrong.empty()) {
    return fail(std::move(wrong));
  }
  enter(State::open);
}

void WebSocketFilter::receive_frames(ByteView bytes, Buffer& up, Buffer& down) {
  need_frames();
  in_ = bytes;
  up_ = &up;
  down_ = &down;
  unfinished_ += bytes.size();
  const int result = wslay_event_recv(frames_);  // which queues pongs and the answer to close
  up_ = nullptr;
  const std::string_view why =
      refusal_ == WSLAY_CODE_MESSAGE_TOO_BIG ? "a message is too long" : "MQTT is in binary frames";
  if (refusal_ != 0) {
    wslay_event_queue_close(frames_, refusal_, as_bytes(why).data(), why.size());
  }
  write_out(down);
  if (refusal_ != 0) {
    fail("WebSocket failed: " + std::string(why));
  } else if (wslay_event_get_close_received(frames_) != 0) {
    enter(State::ended);
  } else if (result != 0 || wslay_event_get_read_enabled(frames_) == 0) {
    fail("WebSocket failed: a frame is malformed");
  }
  release_frames();
}

void WebSocketFilter::need_frames() {
  if (frames_ != nullptr) return;
  const wslay_event_callbacks callbacks = {.recv_callback = Frames::read,
                                           .send_callback = Frames::write,
                                           .genmask_callback = Frames::mask,
                                           .on_frame_recv_start_callback = Frames::on_frame,
                                           .on_frame_recv_chunk_callback = Frames::on_payload,
                                           .on_frame_recv_end_callback = Frames::on_frame_end,
                                           .on_msg_recv_callback = nullptr};
  const auto make = host_.empty() ? wslay_event_context_server_init : wslay_event_context_client_init;
  CHECK(make(&frames_, &callbacks, this) == 0);
  wslay_event_config_set_no_buffering(frames_, 1);
}

// When nothing depends on what came before.
void WebSocketFilter::release_frames() {
  if (state() == State::open && (unfinished_ > 0 || in_message_)) return;
  wslay_event_context_free(std::exchange(frames_, nullptr));
}

void WebSocketFilter::write_out(Buffer& down) {
  down_ = &down;
  wslay_event_send(frames_);
  down_ = nullptr;
}

void WebSocketFilter::send(ByteView bytes, Buffer& down) {
  if (state() != State::open) return;  // Nothing follows a close frame.
  need_frames();
  const wslay_event_msg message = {WSLAY_BINARY_FRAME, bytes.data(), bytes.size()};  // [MQTT-6.0.0-1]
  CHECK(wslay_event_queue_msg(frames_, &message) == 0);
  write_out(down);
  release_frames();
}

void WebSocketFilter::end(Buffer& down) {
  if (state() != State::open) return;  // A close frame was answered by one.
  need_frames();
  wslay_event_queue_close(frames_, WSLAY_CODE_NORMAL_CLOSURE, nullptr, 0);
  write_out(down);
  enter(State::ended);
  release_frames();
}

}  // namespace gaon::net
