#include "app/torture_wire.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "client/connect_packet.h"
#include "net/connect.h"

namespace gaon::app {
namespace {

constexpr Duration kConnectTimeout = milliseconds(200);
constexpr Duration kAnswerTimeout = seconds(10);
// The pause before connecting again lies between.
constexpr double kPauseLeastMs = 5;
constexpr double kPauseMostMs = 150;

}  // namespace

TortureWire::TortureWire(client::ConnectOptions options, Random& random,
                         std::function<void(const Event&)> told)
    : options_(std::move(options)), random_(random), told_(std::move(told)), input_(std::size_t{64} << 10) {
  session_.client_id = options_.client_id;
  if (options_.version == mqtt::Version::v5) endpoint_options_.receive_maximum = options_.receive_maximum;
}

void TortureWire::go_offline(bool politely) {
  wanted_ = false;
  if (politely && is_open()) {
    endpoint_->disconnect(mqtt::Reason::normal_disconnection);
    flush();
  }
  lose();
}

void TortureWire::tick(Time now, std::size_t read_max) {
  now_ = now;
  if (!stream_ && wanted_ && now >= retry_at_) open(now);
  if (!stream_) return;
  read(now, read_max);
  if (stream_ && now >= answer_by_ && !is_open()) lose();
  if (stream_ && !endpoint_->handle_timeout(now)) lose();
  if (!stream_) return;
  endpoint_->pump(now, kOutputHigh, gone_);
  flush();
}

void TortureWire::open(Time now) {
  const auto socket = net::connect_to(options_.url, kConnectTimeout);
  if (!socket) return lose();
  const auto connect = client::connect_packet(
      options_, {.client_id = session_.client_id, .clean_start = options_.clean_start});
  CHECK(connect);
  stream_ = client::Stream(*socket);
  output_ = Output();
  endpoint_.emplace(Endpoint::Role::client, endpoint_options_, traffic_, output_);
  endpoint_->connect(session_, connect->packet, now);
  answer_by_ = now + kAnswerTimeout;
}

void TortureWire::read(Time now, std::size_t read_max) {
  const auto got = stream_.read(input_.data(), std::min(read_max, input_.size()));
  if (!got) return lose();
  if (*got == 0) return;
  endpoint_->receive({input_.data(), *got}, now);
  while (const auto event = endpoint_->poll_event()) told_(*event);
  if (endpoint_->state() == Endpoint::State::closed) {
    flush();
    lose();
  }
}

void TortureWire::flush() {
  if (stream_ && !stream_.write(output_, nullptr)) lose();
}

void TortureWire::lose() {
  stream_.close();
  endpoint_.reset();
  retry_at_ = now_ + Duration(static_cast<Duration::rep>(random_.between(kPauseLeastMs, kPauseMostMs)));
}

}  // namespace gaon::app
