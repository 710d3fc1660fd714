// Disks that are full, slow to take bytes, or broken.
#include <cerrno>

#include "journal/log_fixture_test.h"

namespace gaon::journal {
namespace {

struct Faulty : LogTest {
  Faulty() {
    options.on_health = [this](Health health) { told.push_back(health); };
  }
  std::vector<Health> told;
};

TEST_F(Faulty, a_failed_sync_is_final_and_never_tried_again) {
  ASSERT_TRUE(open());
  const Place kept = store("one").end;
  disk.set_faults({.sync_fails_at = 1});
  append("two");
  step();
  EXPECT_EQ(log->health(), Health::failed);
  EXPECT_EQ(told, (std::vector{Health::failed}));
  EXPECT_EQ(log->why_failed(), "memory/0000000001.log: Input/output error");
  const auto before = disk.counts();
  append("three");
  EXPECT_FALSE(log->step());
  log->drop_before(9);
  EXPECT_FALSE(log->step());
  EXPECT_EQ(log->durable(), kept);
  EXPECT_EQ(disk.counts().changes, before.changes);
  EXPECT_EQ(read(kept, 3), "nothing");
}

TEST_F(Faulty, a_failed_write_is_final) {
  ASSERT_TRUE(open());
  const Place kept = store("one").end;
  disk.set_faults({.write_fails_at = 1});
  append("two");
  step();
  EXPECT_EQ(log->health(), Health::failed);
  EXPECT_EQ(log->durable(), kept);
  ASSERT_TRUE(open());
  EXPECT_EQ(batches, (Texts{"one"}));
}

TEST_F(Faulty, every_operation_that_fails_while_a_segment_is_turned_leaves_what_was_durable) {
  for (std::uint64_t fails = 1; fails < 30; ++fails) {
    SCOPED_TRACE(fails);
    wipe();
    ASSERT_TRUE(open());
    disk.set_faults({.power_fails_at = fails});
    Texts durable;
    for (std::size_t n = 0; n < 8; ++n) {
      const Place end = store(text(n, 1400)).end;
      if (end <= log->durable()) durable.push_back(text(n, 1400));
    }
    log.reset();
    disk.set_faults({});
    ASSERT_EQ(open_error(), "");
    ASSERT_GE(batches.size(), durable.size());
    batches.resize(durable.size());
    EXPECT_EQ(batches, durable);
  }
}

TEST_F(Faulty, short_writes_are_continued) {
  disk.set_faults({.write_max = 7});
  ASSERT_TRUE(open());
  Texts all;
  for (std::size_t n = 0; n < 30; ++n) {
    all.push_back(text(n, 300));
    append(all.back());
  }
  step();
  EXPECT_EQ(read_batches(), all);
  ASSERT_TRUE(open());
  EXPECT_EQ(batches, all);
}

TEST_F(Faulty, without_room_ahead_the_log_is_full_but_takes_what_the_segment_holds) {
  ASSERT_TRUE(open());
  store("one");
  EXPECT_EQ(log->health(), Health::good);
  disk.set_faults({.room = 2 * 4096});
  // The spare becomes the second segment, there is none for the third.
  const Appended a = store(text(1, 3000));
  EXPECT_EQ(log->durable(), a.end);
  const Appended b = store(text(2, 300));
  EXPECT_EQ(b.begin.segment, 2U);
  EXPECT_EQ(log->health(), Health::full);
  const Appended c = store(text(3, 3000));
  EXPECT_EQ(c.begin.segment, 3U);
  EXPECT_EQ(log->durable(), b.end);
  EXPECT_GT(log->pending_bytes(), 3000U);
  EXPECT_FALSE(log->step());
  EXPECT_FALSE(disk.has("spare.log"));

  disk.set_faults({});
  step();
  EXPECT_EQ(log->durable(), c.end);
  EXPECT_EQ(log->health(), Health::good);
  EXPECT_EQ(log->pending_bytes(), 0U);
  EXPECT_EQ(told, (std::vector{Health::full, Health::good}));
  ASSERT_TRUE(open());
  EXPECT_EQ(batches, (Texts{"one", text(1, 3000), text(2, 300), text(3, 3000)}));
}

TEST_F(Faulty, without_descriptors_the_log_waits_and_then_goes_on) {
  for (const int error : {EMFILE, ENFILE, ENOMEM}) {
    SCOPED_TRACE(error);
    wipe();
    told.clear();
    ASSERT_TRUE(open());
    disk.set_faults({.open_error = error});
    Texts all;
    for (std::size_t n = 0; n < 6; ++n) {
      all.push_back(text(n, 1400));
      append(all.back());
      step();
    }
    EXPECT_EQ(log->health(), Health::full);
    EXPECT_GT(log->pending_bytes(), 0U);
    disk.set_faults({});
    step();
    EXPECT_EQ(log->health(), Health::good);
    EXPECT_EQ(log->pending_bytes(), 0U);
    EXPECT_EQ(told, (std::vector{Health::full, Health::good}));
    EXPECT_EQ(read_batches(), all);
    ASSERT_TRUE(open());
    EXPECT_EQ(batches, all);
  }
}

TEST_F(Faulty, an_open_that_fails_otherwise_is_final) {
  ASSERT_TRUE(open());
  disk.set_faults({.open_error = EACCES});
  for (std::size_t n = 0; n < 4; ++n) store(text(n, 1400));
  EXPECT_EQ(log->health(), Health::failed);
}

TEST_F(Faulty, what_cannot_be_opened_now_is_not_taken_for_the_end_nor_for_damage) {
  ASSERT_TRUE(open());
  const Place first = store("one").begin;
  disk.set_faults({.open_error = EMFILE});
  Buffer into;
  EXPECT_EQ(log->read(first, 3, into).error(), NotRead::not_now);
  EXPECT_EQ(log->read_batch({first.segment, 0}, into).error(), NotRead::not_now);
  EXPECT_TRUE(into.empty());
  EXPECT_EQ(log->health(), Health::good);
  disk.set_faults({});
  EXPECT_EQ(read(first, 3), "one");
  EXPECT_EQ(read_batches(), (Texts{"one"}));
  EXPECT_EQ(log->read({9, 0}, 3, into).error(), NotRead::nothing);
}

TEST_F(Faulty, dropping_segments_makes_room) {
  ASSERT_TRUE(open());
  disk.set_faults({.room = 3 * 4096});
  for (std::size_t n = 0; n < 20; ++n) {
    const Place end = store(text(n, 1400)).end;
    ASSERT_EQ(log->durable(), end) << n;
    log->drop_before(log->current_segment());
    step();
  }
  EXPECT_EQ(log->health(), Health::good);
}

TEST_F(Faulty, a_disk_without_room_can_be_opened_and_goes_on_when_there_is_some) {
  ASSERT_TRUE(open());
  store("one");
  log.reset();
  disk.set_faults({.room = 4096});
  ASSERT_EQ(open_error(), "");
  EXPECT_EQ(batches, (Texts{"one"}));
  EXPECT_EQ(log->health(), Health::full);
  EXPECT_LE(append("").end, log->durable());
  EXPECT_FALSE(log->step());
  const Appended two = append("two");
  step();
  EXPECT_LT(log->durable(), two.end);
  disk.set_faults({});
  step();
  EXPECT_EQ(log->durable(), two.end);
  ASSERT_TRUE(open());
  EXPECT_EQ(batches, (Texts{"one", "two"}));
}

TEST_F(Faulty, a_batch_that_stopped_at_any_byte_for_want_of_room_is_continued) {
  // On a disk that copies on write there may be no room even in what was preallocated.
  for (std::uint64_t room = 1; room < 300; ++room) {
    SCOPED_TRACE(room);
    wipe();
    ASSERT_TRUE(open());
    step();
    const Texts all{text(0, 100), text(1, 100), text(2, 100)};
    disk.set_faults({.write_room = room});
    for (const std::string& records : all) append(records);
    step();
    ASSERT_EQ(log->health(), Health::full);
    ASSERT_GT(log->pending_bytes(), 0U);
    disk.set_faults({});
    step();
    ASSERT_EQ(log->health(), Health::good);
    ASSERT_EQ(read_batches(), all);
    ASSERT_TRUE(open());
    ASSERT_EQ(batches, all);
  }
}

TEST_F(Faulty, random_shortage_of_room_delays_but_loses_nothing) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    SCOPED_TRACE(seed);
    random.seed(seed);
    wipe();
    ASSERT_TRUE(open());
    Texts all;
    for (std::size_t n = 0; n < 60; ++n) {
      if (random() % 5 == 0) {
        disk.set_faults({.room = random() % 2 == 0 ? MemoryDisk::kNever : random() % 60000,
                         .write_room = random() % 2 == 0 ? MemoryDisk::kNever : random() % 9000,
                         .write_max = 1 + random() % 3000});
      }
      all.push_back(text(n, random() % 3000));
      append(all.back());
      if (random() % 2 == 0) log->step();
      ASSERT_NE(log->health(), Health::failed);
    }
    disk.set_faults({});
    step();
    ASSERT_EQ(log->pending_bytes(), 0U);
    ASSERT_EQ(read_batches(), all);
    ASSERT_TRUE(open());
    ASSERT_EQ(batches, all);
  }
}

}  // namespace
}  // namespace gaon::journal
