// Messages are read back in blocks, wherever they begin and end in them.
#include "broker/read_back.h"

#include <gtest/gtest.h>

#include "broker/records.h"
#include "journal/memory_journal.h"

namespace gaon::broker {
namespace {

// What was appended, durable up to where the test says. Counts reads.
class OneSegment final : public journal::MemoryJournal {
 public:
  journal::Appended append(Buffer& records) override {
    const journal::Place begin{1, static_cast<std::uint32_t>(all_.size())};
    all_.append(records.view());
    records.clear();
    return {begin, {1, static_cast<std::uint32_t>(all_.size())}};
  }
  std::expected<void, journal::NotRead> read(journal::Place from, std::size_t size, Buffer& into) override {
    ++reads;
    if (from.segment != 1 || from.offset >= durable_) return std::unexpected(journal::NotRead::nothing);
    into.append(all_.view().subspan(from.offset, std::min<std::size_t>(size, durable_ - from.offset)));
    return {};
  }
  void sync() { durable_ = all_.size(); }

  std::size_t reads = 0;

 private:
  Buffer all_;
  std::size_t durable_ = 0;
};

struct ReadBackTest : testing::Test {
  // Appends one message of so many bytes and says where it is.
  journal::Place put(std::size_t size) {
    Records records(true);
    const std::string payload(size, static_cast<char>('a' + ++number_ % 26));
    records.retained(Message::make({.id = {number_}, .topic = "t", .payload = as_bytes(payload)}));
    return journal.append(records.bytes()).begin;
  }
  std::uint64_t number_ = 0;
  OneSegment journal;
  ReadBack read_back{journal};
};

TEST_F(ReadBackTest, finds_every_message_with_few_reads) {
  std::vector<journal::Place> places;
  for (std::size_t i = 0; i < 20'000; ++i) places.push_back(put(100 + i % 200));
  journal.sync();
  for (std::size_t i = 0; i < places.size(); ++i) {
    const auto message = read_back.read(places[i]);
    ASSERT_TRUE(message) << i;
    ASSERT_EQ(message->id().value, i + 1);
    ASSERT_EQ(message->payload().size(), 100 + i % 200);
  }
  EXPECT_LT(journal.reads, 50U);  // 6 MB
}

TEST_F(ReadBackTest, finds_messages_larger_than_a_block_and_behind_them) {
  std::vector<journal::Place> places;
  const std::vector<std::size_t> sizes = {10, ReadBack::kBlockMin, 3 * ReadBack::kBlockMax, 20, 0};
  for (const std::size_t size : sizes) places.push_back(put(size));
  journal.sync();
  for (const std::size_t i : {0U, 1U, 2U, 3U, 4U, 2U, 0U, 4U}) {
    const auto message = read_back.read(places[i]);
    ASSERT_TRUE(message) << i;
    EXPECT_EQ(message->id().value, i + 1);
    EXPECT_EQ(message->payload().size(), sizes[i]);
  }
}

TEST_F(ReadBackTest, gives_nothing_before_it_is_durable) {
  const journal::Place first = put(100);
  journal.sync();
  const journal::Place second = put(100);
  EXPECT_TRUE(read_back.read(first));
  EXPECT_FALSE(read_back.read(second));
  journal.sync();
  EXPECT_TRUE(read_back.read(second));
}

TEST_F(ReadBackTest, gives_nothing_where_no_message_begins) {
  const journal::Place first = put(100);
  journal.sync();
  EXPECT_FALSE(read_back.read({first.segment, first.offset + 1}));
  EXPECT_FALSE(read_back.read({first.segment + 1, first.offset}));
}

}  // namespace
}  // namespace gaon::broker
