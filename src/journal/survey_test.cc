// A survey sees what opening would see, goes on behind damage, and changes nothing.
#include "journal/survey.h"

#include <map>

#include "journal/log_fixture_test.h"

namespace gaon::journal {
namespace {

struct SurveyTest : LogTest {
  // Two closed segments and one that was left open.
  void SetUp() override {
    ASSERT_TRUE(open());
    for (std::size_t n = 0; n < 12; ++n) {
      all.push_back(text(n, 500));
      begins.push_back(store(all.back()).begin);
    }
    ASSERT_EQ(log->current_segment(), 3U);
    log.reset();
  }

  std::map<std::string, std::vector<std::uint8_t>> files() {
    std::map<std::string, std::vector<std::uint8_t>> all_files;
    const auto names = disk.list();
    for (const std::string& name : *names) all_files[name] = disk.content(name);
    return all_files;
  }
  // What is surveyed; the batches come into batches.
  Survey look() {
    batches.clear();
    const auto before = files();
    const auto found = survey(disk, [this](ByteView records, Place) {
      batches.emplace_back(as_text(records));
      return true;
    });
    EXPECT_TRUE(found) << found.error().what;
    EXPECT_EQ(files(), before);
    return found ? *found : Survey{};
  }
  Texts without(std::size_t n) {
    Texts rest = all;
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(n));
    return rest;
  }

  Texts all;
  std::vector<Place> begins;
};

TEST_F(SurveyTest, it_tells_the_segments_and_hands_out_every_batch) {
  const Survey found = look();
  EXPECT_EQ(batches, all);
  ASSERT_EQ(found.segments.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(found.segments[i].number, i + 1);
    EXPECT_EQ(found.segments[i].head.identity.incarnation, 1);
    EXPECT_EQ(found.segments[i].torn_bytes, 0U);
  }
  EXPECT_EQ(found.segments[0].used_bytes, kHeadsSize + 5 * (500 + kFrameHeadSize));
  EXPECT_EQ(found.segments[0].file_bytes, found.segments[0].used_bytes);
  EXPECT_EQ(found.segments[2].used_bytes, kHeadsSize + 2 * (500 + kFrameHeadSize));
  EXPECT_EQ(found.segments[2].file_bytes, LogOptions::kSegmentMin);
  EXPECT_EQ(found.damage.stretches, 0U);
}

TEST_F(SurveyTest, a_torn_tail_is_measured_and_left_where_it_is) {
  disk.damage(segment_name(3), begins[11].offset + 3);
  const Survey found = look();
  EXPECT_EQ(batches, without(11));
  EXPECT_EQ(found.segments[2].torn_bytes, 500 + kFrameHeadSize);
  EXPECT_EQ(found.damage.stretches, 0U);
}

TEST_F(SurveyTest, damage_is_listed_and_what_is_behind_it_is_read) {
  disk.damage(segment_name(1), begins[2].offset + 100);
  const Survey found = look();
  EXPECT_EQ(batches, without(2));
  ASSERT_EQ(found.damage.list.size(), 1U);
  const Damage::Stretch& stretch = found.damage.list[0];
  EXPECT_EQ(stretch.file, segment_name(1));
  EXPECT_EQ(stretch.offset, begins[2].offset - kFrameHeadSize);
  EXPECT_EQ(stretch.bytes, 500 + kFrameHeadSize);
  EXPECT_EQ(stretch.expected, "a batch of 500 bytes with its checksum");
  EXPECT_EQ(found.segments[0].torn_bytes, 0U);
}

TEST_F(SurveyTest, a_missing_segment_is_listed) {
  disk.remove(segment_name(2));
  const Survey found = look();
  EXPECT_EQ(found.segments.size(), 2U);
  ASSERT_EQ(found.damage.list.size(), 1U);
  EXPECT_EQ(found.damage.list[0].file, segment_name(2));
  EXPECT_EQ(found.damage.list[0].bytes, 0U);
}

TEST_F(SurveyTest, a_segment_without_heads_is_listed_whole) {
  for (const std::size_t head : {0, 512}) disk.damage(segment_name(2), head + 9);
  const Survey found = look();
  ASSERT_EQ(found.damage.list.size(), 1U);
  EXPECT_EQ(found.damage.list[0].file, segment_name(2));
  EXPECT_EQ(found.damage.list[0].bytes, kHeadsSize + 5 * (500 + kFrameHeadSize));
}

TEST_F(SurveyTest, a_newer_format_is_an_error) {
  disk.set_content(segment_name(3), [] {
    const SegmentHeads heads = encode_heads({.version = kVersion + 1, .segment = 3, .previous = 2});
    return std::vector<std::uint8_t>(heads.begin(), heads.end());
  }());
  const auto found = survey(disk, [](ByteView, Place) { return true; });
  ASSERT_FALSE(found);
  EXPECT_NE(found.error().what.find("format version 2"), std::string::npos) << found.error().what;
}

}  // namespace
}  // namespace gaon::journal
