// WebSocket on the side that accepts: an upgrade that is good, then whatever comes; the
// same bytes cut differently give the same.
#include <cstdint>
#include <memory>
#include <string>

#include "base/check.h"
#include "net/filter_chain.h"
#include "net/websocket_filter.h"

namespace {

using namespace gaon;

constexpr std::string_view kRequest =
    "GET /mqtt HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Protocol: mqtt\r\n\r\n";

struct Side {
  net::FilterChain filters;
  net::FilterChain::Scratch scratch;
  Buffer up;
  Buffer down;

  explicit Side(ByteView bytes, std::size_t chunk) {
    filters.add(std::make_unique<net::WebSocketFilter>(std::make_shared<net::WebSocketOptions>()));
    filters.receive(as_bytes(kRequest), up, down, scratch);
    CHECK(filters.state() == net::Filter::State::open);
    while (!bytes.empty()) {
      const std::size_t size = std::min(chunk, bytes.size());
      filters.receive(bytes.first(size), up, down, scratch);
      bytes = bytes.subspan(size);
    }
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView bytes{data + 1, size - 1};
  Side whole(bytes, size);
  const Side pieces(bytes, 1 + data[0] % 16);
  // Where the reason of a close frame is cut decides whether wslay sees that it is not
  // UTF-8, so one of them may end earlier.
  const std::string_view a = as_text(whole.up.view());
  const std::string_view b = as_text(pieces.up.view());
  CHECK(a.starts_with(b) || b.starts_with(a));
  const auto open = net::Filter::State::open;
  CHECK(whole.filters.state() != open || pieces.filters.state() != open || a == b);
  CHECK(whole.up.size() <= size);
  Output output;
  output.bytes().append(bytes);
  if (!output.empty()) whole.filters.send(output, output.size(), whole.down, whole.scratch);
  whole.filters.end(whole.down, whole.scratch);
  return 0;
}
