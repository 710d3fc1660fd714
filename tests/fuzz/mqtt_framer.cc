// The same frames come out of a stream however it arrives. The first byte of the
// input says in what pieces it does; the rest is the stream.
#include <algorithm>
#include <vector>

#include "base/buffer.h"
#include "base/check.h"
#include "mqtt/framer.h"

namespace {

using namespace gaon;
using namespace gaon::mqtt;

constexpr std::uint32_t kSizeMax = 4096;

struct Seen {
  std::vector<std::uint8_t> bytes;  // of all frames: type, flags, body
  std::vector<std::size_t> sizes;
  Reason fault = Reason::success;

  bool operator==(const Seen&) const = default;
};

// Takes whole frames off the front; false at a fault.
bool drain(Buffer& waiting, Seen& seen) {
  for (;;) {
    const auto framed = frame(waiting.view(), kSizeMax);
    if (!framed) {
      seen.fault = framed.error().reason;
      return false;
    }
    const std::size_t expected = expected_size(waiting.view());
    if (!*framed) {
      CHECK(expected == 0 || expected > waiting.size());
      return true;
    }
    const Frame& one = **framed;
    CHECK(one.size == expected && one.size <= waiting.size() && one.size <= kSizeMax);
    CHECK(one.body.data() + one.body.size() == waiting.view().data() + one.size);
    seen.bytes.push_back(static_cast<std::uint8_t>(static_cast<int>(one.type) << 4 | one.flags));
    seen.bytes.insert(seen.bytes.end(), one.body.begin(), one.body.end());
    seen.sizes.push_back(one.size);
    waiting.consume(one.size);
  }
}

Seen read_in_pieces(ByteView stream, std::size_t piece) {
  Seen seen;
  Buffer waiting;
  while (!stream.empty()) {
    const ByteView part = stream.first(std::min(piece, stream.size()));
    stream = stream.subspan(part.size());
    waiting.append(part);
    if (!drain(waiting, seen)) break;
  }
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const ByteView stream(data + 1, size - 1);
  const Seen whole = read_in_pieces(stream, stream.size());
  CHECK(read_in_pieces(stream, std::size_t{data[0]} + 1) == whole);
  CHECK(read_in_pieces(stream, 1) == whole);
  return 0;
}
