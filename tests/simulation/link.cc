#include "link.h"

#include <algorithm>
#include <cerrno>

namespace gaon::simulation {

Link::Link(net::MemoryPeer peer, const LinkQuality& quality, Random& random)
    : peer_(peer), quality_(quality), random_(&random) {
  peer_.chunk(quality.chunk);
  if (quality.slow_reader) peer_.take_at_most(0);
}

Time Link::due(const std::deque<Parcel>& way, Time now) {
  const Time at = now + milliseconds(static_cast<std::int64_t>(random_->below(quality_.delay_ms_max + 1)));
  return way.empty() ? at : std::max(at, way.back().due);
}

void Link::send(ByteView bytes, Time now) {
  if (half_closed_ || bytes.empty()) return;
  out_.push_back({due(out_, now), {bytes.begin(), bytes.end()}});
}

void Link::step(Time now) {
  if (dead_) return;
  while (!sending_over_ && !out_.empty() && out_.front().due <= now) {
    peer_.write(out_.front().bytes);
    out_.pop_front();
  }
  if (half_closed_ && out_.empty()) end_sending();
  if (quality_.slow_reader && random_->once_in(3)) peer_.take_at_most(random_->below(60));
  if (auto bytes = peer_.read(); !bytes.empty()) in_.push_back({due(in_, now), std::move(bytes)});
  worker_gone_ = peer_.closed() || peer_.aborted();
}

void Link::end_sending() {
  if (!sending_over_) peer_.close();
  sending_over_ = true;
}

std::vector<std::uint8_t> Link::receive(Time now) {
  std::vector<std::uint8_t> bytes;
  while (!in_.empty() && in_.front().due <= now) {
    bytes.insert(bytes.end(), in_.front().bytes.begin(), in_.front().bytes.end());
    in_.pop_front();
  }
  return bytes;
}

bool Link::ended() const { return worker_gone_ && in_.empty(); }

void Link::half_close() { half_closed_ = true; }

void Link::close() {
  half_closed_ = true;
  be_quick();
}

void Link::be_quick() {
  quality_ = {};
  if (dead_) return;
  peer_.take_at_most(net::MemoryNetwork::kUnlimited);
  peer_.chunk(net::MemoryNetwork::kUnlimited);
}

std::vector<std::uint8_t> Link::some_of(std::deque<Parcel>& way) {
  std::vector<std::uint8_t> all;
  for (const Parcel& parcel : way) all.insert(all.end(), parcel.bytes.begin(), parcel.bytes.end());
  way.clear();
  all.resize(random_->below(all.size() + 1));
  return all;
}

std::vector<std::uint8_t> Link::cut(bool by_reset) {
  if (!sending_over_) {
    if (const auto arrives = some_of(out_); !arrives.empty()) peer_.write(arrives);
    if (by_reset) {
      peer_.reset(ECONNRESET);
      sending_over_ = true;
    } else {
      end_sending();
    }
  }
  half_closed_ = true;
  be_quick();
  return some_of(in_);
}

std::vector<std::uint8_t> Link::die() {
  if (auto bytes = peer_.read(); !bytes.empty()) in_.push_back({Time{}, std::move(bytes)});
  dead_ = half_closed_ = worker_gone_ = true;
  out_.clear();
  return some_of(in_);
}

}  // namespace gaon::simulation
