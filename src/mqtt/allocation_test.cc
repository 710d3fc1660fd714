// Decoding allocates nothing, and a PUBLISH nothing in either direction. Counted by
// replacing operator new in this test program; Buffer does not use it and is measured
// by its capacity.
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

#include "mqtt/cases_test.h"
#include "mqtt/decode.h"
#include "mqtt/encode.h"

namespace {

thread_local std::size_t allocations = 0;

}  // namespace

void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  std::abort();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace gaon::mqtt {

namespace {

// Looks at everything that is made only when it is asked for.
std::size_t walk(const Packet& packet) {
  std::size_t seen = 0;
  if (const auto* subscribe = std::get_if<Subscribe>(&packet)) {
    for (const Subscription& one : subscribe->subscriptions) seen += one.filter.size();
  }
  if (const auto* publish = std::get_if<Publish>(&packet)) {
    for (const PropertyItem& item : publish->properties) seen += item.raw.size();
  }
  return seen;
}

TEST(Allocation, is_counted) {
  const std::size_t before = allocations;
  const std::vector<int> made(100);
  EXPECT_EQ(allocations, before + 1);
}

TEST(Allocation, decoding_does_none) {
  for (const PacketCase& one : packet_cases()) {
    SCOPED_TRACE(one.name);
    const std::size_t before = allocations;
    const auto framed = frame(one.wire, kPacketSizeMax);
    if (framed && *framed) {
      const auto packet = decode(**framed, one.version);
      if (packet) walk(*packet);
    }
    EXPECT_EQ(allocations, before);
  }
}

TEST(Allocation, encoding_into_a_buffer_with_room_does_none) {
  Buffer to;
  to.reserve(1024);
  const std::size_t capacity = to.capacity();
  for (const PacketCase& one : packet_cases()) {
    if (!one.packet) continue;
    SCOPED_TRACE(one.name);
    to.clear();
    const std::size_t before = allocations;
    encode(*one.packet, one.version, to);
    EXPECT_EQ(allocations, before);
  }
  EXPECT_EQ(to.capacity(), capacity);
}

}  // namespace

}  // namespace gaon::mqtt
