#include "net/filter_chain.h"

#include <algorithm>

namespace gaon::net {

using State = Filter::State;

namespace {

// What is sent at once is worth this much copying together: a TLS record is 16 KiB.
constexpr std::size_t kTogether = 16384;

ByteView view_of(const iovec& piece) {
  return {static_cast<const std::uint8_t*>(piece.iov_base), piece.iov_len};
}

}  // namespace

void FilterChain::begin(Buffer& down, Scratch& scratch) {
  while (begun_ < filters_.size()) {
    const std::size_t at = begun_;
    if (at > 0 && filters_[at - 1]->state() != State::open) return;
    ++begun_;
    scratch.answer.clear();
    filters_[at]->begin(scratch.answer);
    pass_down(at, scratch.answer.view(), down, scratch);
  }
}

// bytes leave the filter at from: through those below it to the wire.
void FilterChain::pass_down(std::size_t from, ByteView bytes, Buffer& down, Scratch& scratch) {
  if (bytes.empty()) return;
  for (std::size_t at = from; at-- > 0;) {
    Buffer& to = at == 0 ? down : scratch.down[at % 2];
    if (at > 0) to.clear();
    filters_[at]->send(bytes, to);
    if (at == 0) return;
    bytes = to.view();
  }
  down.append(bytes);
}

void FilterChain::receive(ByteView bytes, Buffer& up, Buffer& down, Scratch& scratch) {
  for (std::size_t at = 0; at < filters_.size(); ++at) {
    Filter& filter = *filters_[at];
    if (filter.state() == State::ended || filter.state() == State::failed) return;
    Buffer& to = at + 1 == filters_.size() ? up : scratch.up[at % 2];
    if (&to != &up) to.clear();
    if (at == 0) {
      filter.receive(bytes, to, down);
    } else {
      scratch.answer.clear();
      filter.receive(bytes, to, scratch.answer);
      pass_down(at, scratch.answer.view(), down, scratch);
    }
    begin(down, scratch);
    if (to.empty()) return;
    bytes = to.view();
  }
}

void FilterChain::send(Output& from, std::size_t size, Buffer& down, Scratch& scratch) {
  while (size > 0 && !from.empty()) {
    iovec pieces[64];
    const int count = from.gather(pieces, 64);
    ByteView bytes = view_of(pieces[0]);
    if (count > 1 && bytes.size() < kTogether) {
      scratch.pieces.clear();
      for (int i = 0; i < count && scratch.pieces.size() < kTogether; ++i) {
        const ByteView piece = view_of(pieces[i]);
        scratch.pieces.append(piece.first(std::min(piece.size(), kTogether - scratch.pieces.size())));
      }
      bytes = scratch.pieces.view();
    }
    bytes = bytes.first(std::min(bytes.size(), size));
    pass_down(filters_.size(), bytes, down, scratch);
    from.consume(bytes.size());
    size -= bytes.size();
  }
}

void FilterChain::end(Buffer& down, Scratch& scratch) {
  for (std::size_t at = filters_.size(); at-- > 0;) {
    const State state = filters_[at]->state();
    if (state == State::failed || state == State::handshaking) continue;
    scratch.answer.clear();
    filters_[at]->end(scratch.answer);
    pass_down(at, scratch.answer.view(), down, scratch);
  }
}

State FilterChain::state() const {
  State worst = State::open;
  for (const auto& filter : filters_) {
    const State state = filter->state();
    if (state == State::failed) return state;
    if (state == State::ended || (state == State::handshaking && worst == State::open)) worst = state;
  }
  return worst;
}

std::string_view FilterChain::why() const {
  for (const auto& filter : filters_) {
    if (filter->state() == State::failed) return filter->why();
  }
  return {};
}

PeerFacts FilterChain::facts() const {
  PeerFacts facts;
  for (const auto& filter : filters_) filter->describe(facts);
  return facts;
}

}  // namespace gaon::net
