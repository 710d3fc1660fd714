// What the log promises when nothing goes wrong.
#include "journal/log_fixture_test.h"

namespace gaon::journal {
namespace {

TEST_F(LogTest, appended_is_not_durable_before_the_step) {
  ASSERT_TRUE(open());
  const Appended first = append("one");
  EXPECT_LT(log->durable(), first.end);
  EXPECT_EQ(read(first.begin, 3), "nothing");
  EXPECT_GT(log->pending_bytes(), 3U);
  step();
  EXPECT_EQ(log->durable(), first.end);
  EXPECT_EQ(read(first.begin, 3), "one");
  EXPECT_EQ(read({first.begin.segment, first.begin.offset + 1}, 2), "ne");
  EXPECT_EQ(read(first.begin, 100), "one");  // No more is durable.
  EXPECT_EQ(log->pending_bytes(), 0U);
}

TEST_F(LogTest, an_empty_batch_is_the_end_of_the_log_and_durable_if_nothing_waits) {
  ASSERT_TRUE(open());
  Appended empty = append("");
  EXPECT_EQ(empty.begin, empty.end);
  EXPECT_LE(empty.end, log->durable());
  const Appended one = append("one");
  empty = append("");
  EXPECT_EQ(empty.begin, one.end);
  EXPECT_GT(empty.end, log->durable());
  step();
  EXPECT_LE(empty.end, log->durable());
}

TEST_F(LogTest, all_batches_of_a_round_share_one_sync) {
  ASSERT_TRUE(open());
  step();
  const auto before = disk.counts();
  for (std::size_t n = 0; n < 10; ++n) append(text(n));
  EXPECT_TRUE(log->step());
  EXPECT_EQ(disk.counts().syncs - before.syncs, 1U);
  EXPECT_EQ(disk.counts().writes - before.writes, 1U);
  EXPECT_FALSE(log->step());
}

TEST_F(LogTest, an_opened_log_gives_back_what_was_appended_with_its_places) {
  ASSERT_TRUE(open());
  Texts appended;
  std::vector<Place> begins;
  for (std::size_t n = 0; n < 200; ++n) {
    appended.push_back(text(n, 20 + n));
    begins.push_back(append(appended.back()).begin);
    if (n % 7 == 0) step();
  }
  step();
  EXPECT_GT(log->current_segment(), 3U);
  EXPECT_EQ(read_batches(), appended);
  ASSERT_TRUE(open());
  EXPECT_EQ(batches, appended);
  EXPECT_EQ(places, begins);
  EXPECT_EQ(read_batches(), appended);
  EXPECT_GT(progress.second, 0U);
  EXPECT_EQ(progress.first, progress.second);
  for (std::size_t n = 0; n < appended.size(); ++n)
    EXPECT_EQ(read(begins[n], appended[n].size()), appended[n]);
}

TEST_F(LogTest, a_batch_is_never_split_between_segments) {
  ASSERT_TRUE(open());
  const Appended a = store(text(1, 2000));
  const Appended b = store(text(2, 2000));
  EXPECT_EQ(a.begin.segment + 1, b.begin.segment);
  EXPECT_EQ(b.begin.offset, kHeadsSize + kFrameHeadSize);
}

TEST_F(LogTest, a_batch_larger_than_a_segment_gets_one_of_its_own) {
  ASSERT_TRUE(open());
  const Appended small = store(text(1));
  const Appended large = store(text(2, 20000));
  const Appended after = store(text(3));
  EXPECT_EQ(large.begin, (Place{small.begin.segment + 1, kHeadsSize + kFrameHeadSize}));
  EXPECT_EQ(after.begin.segment, large.begin.segment + 1);
  EXPECT_EQ(read(large.begin, 20000), text(2, 20000));
  ASSERT_TRUE(open());
  EXPECT_EQ(batches, (Texts{text(1), text(2, 20000), text(3)}));
}

TEST_F(LogTest, each_opening_begins_a_segment_and_an_incarnation_the_seed_stays) {
  ASSERT_TRUE(open());
  EXPECT_EQ(log->identity().incarnation, 1);
  EXPECT_EQ(log->current_segment(), 1U);
  options.seed_low = 99;
  ASSERT_TRUE(open());
  EXPECT_EQ(log->identity().incarnation, 2);
  EXPECT_EQ(log->current_segment(), 2U);
  EXPECT_EQ(log->identity().seed_low, 7U);
  EXPECT_EQ(log->identity().seed_high, 8U);
}

TEST_F(LogTest, the_incarnation_after_65535_is_1) {
  SegmentHead head{.segment = 1, .identity = {.seed_low = 7, .seed_high = 8, .incarnation = 65535}};
  const SegmentHeads heads = encode_heads(head);
  disk.set_content(segment_name(1), {heads.begin(), heads.end()});
  ASSERT_TRUE(open());
  EXPECT_EQ(log->identity().incarnation, 1);
}

TEST_F(LogTest, a_place_that_never_was_reads_as_nothing) {
  ASSERT_TRUE(open());
  const Appended one = store("one");
  Buffer into;
  EXPECT_EQ(read({0, 2000}, 1), "nothing");
  EXPECT_FALSE(log->read_batch({0, 0}, into));
  EXPECT_EQ(read(one.end, 1), "nothing");
  EXPECT_EQ(read({9, 2000}, 1), "nothing");
  EXPECT_FALSE(log->read_batch({9, 0}, into));
  EXPECT_EQ(log->health(), Health::good);
}

TEST_F(LogTest, written_needs_no_sync_for_what_stays_in_one_segment) {
  options.durability = Durability::written;
  ASSERT_TRUE(open());
  step();
  const auto before = disk.counts();
  const Appended a = store("one");
  EXPECT_EQ(log->durable(), a.end);
  EXPECT_EQ(disk.counts().syncs, before.syncs);
}

TEST_F(LogTest, dropped_segments_are_deleted_and_their_bytes_given_back) {
  ASSERT_TRUE(open());
  for (std::size_t n = 0; n < 10; ++n) store(text(n, 1500));
  const std::uint32_t current = log->current_segment();
  const std::uint64_t before = log->disk_bytes();
  log->drop_before(current - 1);
  EXPECT_EQ(log->oldest_segment(), 1U);
  step();
  EXPECT_EQ(log->oldest_segment(), current - 1);
  EXPECT_LT(log->disk_bytes(), before);
  EXPECT_FALSE(disk.has(segment_name(current - 2)));
  EXPECT_TRUE(disk.has(segment_name(current - 1)));
  EXPECT_EQ(read({1, kHeadsSize + kFrameHeadSize}, 10), "nothing");
  Buffer into;
  EXPECT_FALSE(log->read_batch({1, 0}, into));
  EXPECT_EQ(log->health(), Health::good);
  log->drop_before(current + 100);
  step();
  EXPECT_EQ(log->oldest_segment(), current);
}

TEST_F(LogTest, nothing_is_dropped_before_what_was_appended_is_on_the_disk) {
  options.durability = Durability::written;
  ASSERT_TRUE(open());
  for (std::size_t n = 0; n < 4; ++n) store(text(n, 1500));
  append("moved");
  log->drop_before(log->current_segment());
  step();
  EXPECT_EQ(log->oldest_segment(), log->current_segment());
  disk.crash(random);
  ASSERT_TRUE(open());
  EXPECT_EQ(batches.back(), "moved");
}

TEST_F(LogTest, disk_bytes_are_those_of_the_files_as_far_as_they_are_used) {
  ASSERT_TRUE(open());
  for (std::size_t n = 0; n < 10; ++n) store(text(n, 1500));
  const std::uint64_t used = log->disk_bytes();
  // One more segment with nothing in it but its heads.
  ASSERT_TRUE(open());
  EXPECT_EQ(log->disk_bytes(), used + kHeadsSize);
}

TEST_F(LogTest, files_of_others_are_left_alone) {
  for (const char* name : {"README", "0000000001.log.damaged", "1.log", "00000000x1.log", "0000000000.log"})
    disk.set_content(name, {1, 2, 3});
  ASSERT_TRUE(open());
  EXPECT_TRUE(batches.empty());
  EXPECT_TRUE(disk.has("README"));
  EXPECT_TRUE(disk.has("0000000000.log"));
}

TEST_F(LogTest, says_when_something_became_durable) {
  int told = 0;
  options.on_durable = [&] { ++told; };
  ASSERT_TRUE(open());
  append("one");
  append("two");
  EXPECT_EQ(told, 0);
  step();
  EXPECT_EQ(told, 1);
}

TEST_F(LogTest, records_that_are_not_understood_end_the_opening_with_their_place) {
  ASSERT_TRUE(open());
  store("one");
  understood = false;
  EXPECT_EQ(open_error(),
            "memory/0000000001.log, offset 1040: the records there are whole, but not understood");
}

}  // namespace
}  // namespace gaon::journal
