// The power goes at every operation of a random workload: what comes back is a prefix of
// what was appended, and has all that was promised.
#include "journal/log_fixture_test.h"

namespace gaon::journal {
namespace {

struct Crash : LogTest {
  // What was appended over all lives, as far as it may still come back.
  struct Sent {
    std::string records;
    Place end;
  };

  // Some appending, stepping and dropping, until the power goes.
  void work(std::size_t turns) {
    for (std::size_t turn = 0; turn < turns; ++turn) {
      const std::size_t count = random() % 4;
      for (std::size_t i = 0; i < count; ++i) {
        std::string records = text(next++, random() % 8 == 0 ? random() % 6000 : 20 + random() % 300);
        const Place end = append(records).end;
        sent.push_back({std::move(records), end});
      }
      if (random() % 3 != 0) log->step();
      if (random() % 16 == 0) {
        const std::uint32_t before =
            std::min<std::uint32_t>(log->oldest_segment() + 1 + random() % 4, log->current_segment());
        dropped_before = std::max(dropped_before, before);
        log->drop_before(before);
      }
      // What counts as promised: seen by the broker while it lived.
      promised = log->durable();
      if (log->health() == Health::failed) return;
    }
  }

  // After opening: batches is a prefix of sent that ends behind what was promised; only the
  // front, which was dropped, may be missing.
  void check() {
    std::size_t first = 0;
    while (first < sent.size() && (batches.empty() || sent[first].records != batches.front())) ++first;
    for (std::size_t i = 0; i < first; ++i) {
      // Gone: was it dropped, or never promised?
      if (sent[i].end.segment < dropped_before) continue;
      ASSERT_GT(sent[i].end, promised) << "lost " << sent[i].records;
    }
    if (first == sent.size()) {
      ASSERT_TRUE(batches.empty());
      sent.clear();
      return;
    }
    ASSERT_LE(batches.size(), sent.size() - first);
    for (std::size_t i = 0; i < batches.size(); ++i) ASSERT_EQ(batches[i], sent[first + i].records);
    for (std::size_t i = first + batches.size(); i < sent.size(); ++i) ASSERT_GT(sent[i].end, promised);
    sent.erase(sent.begin(), sent.begin() + static_cast<std::ptrdiff_t>(first));
    sent.resize(batches.size());
    promised = log->durable();
  }

  std::size_t next = 0;
  std::vector<Sent> sent;
  std::uint32_t dropped_before = 0;
  Place promised;
};

TEST_F(Crash, at_any_operation_loses_nothing_that_was_promised) {
  for (std::uint64_t seed = 1; seed <= 600; ++seed) {
    SCOPED_TRACE(seed);
    random.seed(seed);
    log.reset();
    disk.crash(random);
    wipe();
    next = dropped_before = 0;
    sent.clear();
    promised = {};
    std::uint16_t incarnation = 0;
    for (int life = 0; life < 6; ++life) {
      // In a third of the lives already the opening is cut off.
      if (random() % 3 == 0) {
        disk.set_faults({.power_fails_at = 1 + random() % 12});
        if (open()) {
          ASSERT_NO_FATAL_FAILURE(check());
        }
        log.reset();
        disk.crash(random);
      }
      ASSERT_EQ(open_error(), "");
      ASSERT_GT(log->identity().incarnation, incarnation);
      incarnation = log->identity().incarnation;
      ASSERT_NO_FATAL_FAILURE(check());
      ASSERT_EQ(read_batches(), batches);
      disk.set_faults({.power_fails_at = 1 + random() % 80});
      work(60);
      log.reset();
      disk.crash(random);
    }
  }
}

TEST_F(Crash, in_a_process_alone_loses_nothing_that_was_written) {
  options.durability = Durability::written;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE(seed);
    random.seed(seed);
    ASSERT_EQ(open_error(), "");
    ASSERT_NO_FATAL_FAILURE(check());
    work(40);
    log.reset();
  }
}

TEST_F(Crash, of_a_written_log_with_the_power_still_leaves_a_prefix) {
  options.durability = Durability::written;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(seed);
    random.seed(seed);
    ASSERT_EQ(open_error(), "");
    promised = {};
    ASSERT_NO_FATAL_FAILURE(check());
    disk.set_faults({.power_fails_at = 1 + random() % 80});
    work(40);
    log.reset();
    disk.crash(random);
  }
}

TEST_F(Crash, of_the_power_does_not_take_what_an_opening_has_shown) {
  options.durability = Durability::written;
  // To the last byte of the segment, so that opening has nothing to cut off.
  const std::string whole = text(1, options.segment_bytes - kHeadsSize - kFrameHeadSize);
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    random.seed(seed);
    wipe();
    ASSERT_TRUE(open());
    store(whole);
    // The process was killed; the next one builds on what it finds.
    ASSERT_TRUE(open());
    ASSERT_EQ(batches, (Texts{whole}));
    log.reset();
    disk.crash(random);
    ASSERT_EQ(open_error(), "");
    ASSERT_EQ(batches, (Texts{whole}));
  }
}

TEST_F(Crash, tears_the_tail_at_every_byte) {
  ASSERT_TRUE(open());
  store(text(0));
  const Place kept = store(text(1)).end;
  append(text(2, 700));
  append(text(3, 40));
  const Place end = append(text(4)).end;
  step();
  const auto whole = disk.content(segment_name(1));
  for (std::uint32_t size = kept.offset; size < end.offset; ++size) {
    for (const bool preallocated : {false, true}) {
      auto torn = whole;
      torn.resize(size);
      if (preallocated) torn.resize(whole.size());
      log.reset();
      wipe();
      disk.set_content(segment_name(1), torn);
      ASSERT_EQ(open_error(), "") << size;
      ASSERT_GE(batches.size(), 2U);
      ASSERT_LT(batches.size(), 5U);
      for (std::size_t n = 0; n < batches.size(); ++n)
        ASSERT_EQ(batches[n], text(n, n == 2 ? 700 : n == 3 ? 40 : 20));
      // Cut off: the next opening finds a closed segment.
      ASSERT_EQ(disk.content(segment_name(1)).size(),
                batches.size() == 2 ? kept.offset : places.back().offset + batches.back().size());
    }
  }
}

}  // namespace
}  // namespace gaon::journal
