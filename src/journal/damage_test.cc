// Damage is told apart from a torn tail, reported with its place, and salvaged.
#include <algorithm>

#include "journal/log_fixture_test.h"

namespace gaon::journal {
namespace {

struct DamagedLog : LogTest {
  // Two closed segments and one that was left open, each batch synced on its own.
  void SetUp() override {
    ASSERT_TRUE(open());
    for (std::size_t n = 0; n < 12; ++n) {
      all.push_back(text(n, 500));
      begins.push_back(store(all.back()).begin);
    }
    ASSERT_EQ(log->current_segment(), 3U);
    log.reset();
  }
  void flip(std::uint32_t segment, std::size_t at) {
    auto bytes = disk.content(segment_name(segment));
    bytes.at(at) ^= 0x10;
    disk.set_content(segment_name(segment), bytes);
  }
  // All but the n-th.
  Texts without(std::size_t n) {
    Texts rest = all;
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(n));
    return rest;
  }
  // The n-th batch, counted in all segments, whose frame is damaged.
  void expect_only_lost(std::size_t n) {
    options.salvage = false;
    const std::string expected = "memory/" + segment_name(begins[n].segment) + " is damaged at offset " +
                                 std::to_string(begins[n].offset - kFrameHeadSize) + ": expected ";
    const std::string error = open_error();
    EXPECT_TRUE(error.starts_with(expected)) << error << "\nand not\n" << expected;
    EXPECT_NE(error.find("--salvage"), std::string::npos);
    const auto damaged = disk.content(segment_name(begins[n].segment));

    options.salvage = true;
    ASSERT_EQ(open_error(), "");
    EXPECT_EQ(batches, without(n));
    EXPECT_EQ(log->damage().stretches, 1U);
    EXPECT_EQ(log->damage().bytes, 500 + kFrameHeadSize);
    EXPECT_EQ(disk.content(segment_name(begins[n].segment) + ".damaged"), damaged);
    EXPECT_EQ(read_batches(), without(n));

    // Once is enough.
    options.salvage = false;
    ASSERT_EQ(open_error(), "");
    EXPECT_EQ(batches, without(n));
    EXPECT_EQ(log->damage().stretches, 0U);
  }

  Texts all;
  std::vector<Place> begins;
};

TEST_F(DamagedLog, a_flipped_bit_in_a_batch_of_a_closed_segment_costs_that_batch) {
  flip(1, begins[2].offset + 100);
  expect_only_lost(2);
}

TEST_F(DamagedLog, a_flipped_bit_in_the_head_of_a_batch_costs_that_batch) {
  for (std::size_t byte = 0; byte < kFrameHeadSize; ++byte) {
    SCOPED_TRACE(byte);
    const auto whole = disk.content(segment_name(2));
    flip(2, begins[7].offset - kFrameHeadSize + byte);
    EXPECT_NE(open_error(), "");
    disk.set_content(segment_name(2), whole);
  }
  flip(2, begins[7].offset - kFrameHeadSize);
  expect_only_lost(7);
}

TEST_F(DamagedLog, every_flipped_bit_of_a_closed_segment_is_found) {
  const auto whole = disk.content(segment_name(1));
  for (std::size_t at = kHeadsSize; at < whole.size(); ++at) {
    flip(1, at);
    ASSERT_NE(open_error(), "") << at;
    disk.set_content(segment_name(1), whole);
  }
  EXPECT_EQ(open_error(), "");
}

TEST_F(DamagedLog, the_last_batch_of_a_closed_segment_is_no_tail) {
  const std::size_t last = 4;
  ASSERT_EQ(begins[last].segment, 1U);
  ASSERT_EQ(begins[last + 1].segment, 2U);
  flip(1, begins[last].offset + 499);
  expect_only_lost(last);
}

TEST_F(DamagedLog, zeroes_in_a_closed_segment_are_not_its_end) {
  auto bytes = disk.content(segment_name(1));
  std::fill(bytes.begin() + begins[1].offset - 16, bytes.end(), std::uint8_t{0});
  disk.set_content(segment_name(1), bytes);
  EXPECT_NE(open_error(), "");
}

TEST_F(DamagedLog, a_closed_segment_that_is_cut_short_is_damaged) {
  auto bytes = disk.content(segment_name(1));
  bytes.resize(bytes.size() - 1);
  disk.set_content(segment_name(1), bytes);
  EXPECT_NE(open_error(), "");
}

TEST_F(DamagedLog, in_the_last_segment_what_a_later_batch_saw_synced_is_damaged) {
  flip(3, begins[10].offset + 3);
  expect_only_lost(10);
}

TEST_F(DamagedLog, in_the_last_segment_what_no_later_batch_saw_synced_is_a_torn_tail) {
  flip(3, begins[11].offset + 3);
  EXPECT_EQ(open_error(), "");
  EXPECT_EQ(batches, without(11));
  EXPECT_FALSE(disk.has(segment_name(3) + ".damaged"));
}

TEST_F(DamagedLog, batches_of_the_round_that_was_torn_go_with_it) {
  ASSERT_TRUE(open());
  for (std::size_t n = 20; n < 24; ++n) begins.push_back(append(text(n)).begin);
  step();
  log.reset();
  // The second of one write is lost, the later ones are whole.
  flip(begins[13].segment, begins[13].offset);
  EXPECT_EQ(open_error(), "");
  all.push_back(text(20));
  EXPECT_EQ(batches, all);
}

TEST_F(DamagedLog, two_damaged_stretches_are_two) {
  flip(1, begins[1].offset);
  flip(1, begins[3].offset);
  flip(2, begins[6].offset);
  flip(2, begins[7].offset);
  options.salvage = true;
  ASSERT_EQ(open_error(), "");
  EXPECT_EQ(batches, (Texts{all[0], all[2], all[4], all[5], all[8], all[9], all[10], all[11]}));
  EXPECT_EQ(log->damage().bytes, 4 * (500 + kFrameHeadSize));
}

TEST_F(DamagedLog, a_missing_segment_is_named_and_passed_over_by_salvage) {
  disk.remove(segment_name(2));
  EXPECT_EQ(open_error(),
            "memory/0000000002.log is missing: 0000000003.log comes behind it, but 0000000001.log is the one "
            "before. To go on without what was in it, start with --salvage");
  options.salvage = true;
  ASSERT_EQ(open_error(), "");
  Texts rest = all;
  rest.erase(rest.begin() + 5, rest.begin() + 10);
  EXPECT_EQ(batches, rest);
  options.salvage = false;
  ASSERT_EQ(open_error(), "");
  EXPECT_EQ(batches, rest);
}

TEST_F(DamagedLog, one_damaged_head_is_reported_and_mended_from_its_twin) {
  for (const std::uint32_t at : {9U, kHeadCopy + 20}) {
    for (const std::uint32_t segment : {1U, 3U}) {
      flip(segment, at);
      options.salvage = false;
      EXPECT_NE(open_error(), "");
      options.salvage = true;
      ASSERT_EQ(open_error(), "");
      EXPECT_EQ(batches, all);
    }
  }
  options.salvage = false;
  EXPECT_EQ(open_error(), "");
  EXPECT_EQ(batches, all);
}

TEST_F(DamagedLog, a_segment_without_any_head_is_put_aside_by_salvage) {
  flip(2, 9);
  flip(2, kHeadCopy + 9);
  EXPECT_NE(open_error(), "");
  options.salvage = true;
  ASSERT_EQ(open_error(), "");
  EXPECT_EQ(batches.size(), 7U);
  EXPECT_TRUE(disk.has(segment_name(2) + ".damaged"));
  EXPECT_FALSE(disk.has(segment_name(2)));
  options.salvage = false;
  EXPECT_EQ(open_error(), "");
}

TEST_F(DamagedLog, a_last_segment_that_was_never_begun_is_removed) {
  disk.set_content(segment_name(4), std::vector<std::uint8_t>(4096, 0));
  ASSERT_EQ(open_error(), "");
  EXPECT_EQ(batches, all);
  EXPECT_EQ(log->current_segment(), 4U);
  EXPECT_EQ(store("more").begin.segment, 4U);
}

TEST_F(DamagedLog, a_segment_of_another_log_is_damage) {
  const SegmentHeads heads = encode_heads(
      {.segment = 2, .previous = 1, .identity = {.seed_low = 1, .seed_high = 2, .incarnation = 1}});
  disk.set_content(segment_name(2), {heads.begin(), heads.end()});
  EXPECT_NE(open_error().find("a segment of the same log"), std::string::npos);
}

TEST_F(DamagedLog, a_newer_format_is_refused_with_both_versions) {
  SegmentHead head{.version = 9, .segment = 4, .previous = 3, .identity = {.seed_low = 7, .seed_high = 8}};
  const SegmentHeads heads = encode_heads(head);
  disk.set_content(segment_name(4), {heads.begin(), heads.end()});
  options.salvage = true;
  EXPECT_EQ(
      open_error(),
      "memory/0000000004.log was written in format version 9; this program knows version 1 and older ones");
}

TEST_F(DamagedLog, a_payload_cannot_pass_for_a_batch) {
  ASSERT_TRUE(open());
  // Frames for every offset of the segment, made without the seed.
  const FrameFormat guess({}, log->current_segment());
  std::string payload(3000, '\0');
  const std::uint32_t begin = append(text(0)).end.offset + kFrameHeadSize;
  for (std::uint32_t at = 0; at + kFrameHeadSize < payload.size(); at += kFrameHeadSize) {
    guess.encode({.length = 10, .synced = begin}, begin + at,
                 reinterpret_cast<std::uint8_t*>(payload.data() + at));
  }
  step();
  const Place torn = store(payload).begin;
  log.reset();
  flip(torn.segment, torn.offset - kFrameHeadSize);
  EXPECT_EQ(open_error(), "");
}

TEST_F(DamagedLog, what_cannot_be_read_back_for_cleaning_is_the_end_of_the_log) {
  ASSERT_TRUE(open());
  Buffer into;
  ASSERT_TRUE(log->read_batch({1, 0}, into));
  disk.damage(segment_name(1), begins[1].offset);
  into.clear();
  EXPECT_FALSE(log->read_batch({1, begins[1].offset - kFrameHeadSize}, into));
  EXPECT_EQ(log->health(), Health::failed);
  EXPECT_TRUE(into.empty());
  EXPECT_NE(log->why_failed().find("0000000001.log"), std::string::npos);
}

}  // namespace
}  // namespace gaon::journal
