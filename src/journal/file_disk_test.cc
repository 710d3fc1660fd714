// The log on real files, and with its thread.
#include "journal/file_disk.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <thread>

#include "journal/writer.h"

namespace gaon::journal {
namespace {

namespace fs = std::filesystem;

struct Files : testing::Test {
  Files() {
    std::string made = fs::temp_directory_path() / "gaon_journal_XXXXXX";
    if (::mkdtemp(made.data()) == nullptr) ADD_FAILURE() << "no temporary directory";
    root = made;
  }
  ~Files() override { fs::remove_all(root); }

  std::string take_error(const std::string& directory) {
    FileDisk disk(directory);
    const auto taken = disk.take();
    return taken ? "" : taken.error().what;
  }
  Result<std::unique_ptr<Log>> open(FileDisk& disk) {
    batches.clear();
    return Log::open(disk, {.segment_bytes = 8192, .seed_low = 1, .seed_high = 2},
                     [this](ByteView records, Place) {
                       batches.emplace_back(as_text(records));
                       return true;
                     });
  }
  static Appended append(Log& log, std::string_view records) {
    Buffer buffer;
    buffer.append(as_bytes(records));
    return log.append(buffer);
  }

  fs::path root;
  std::vector<std::string> batches;
};

TEST_F(Files, a_missing_directory_is_created_for_its_owner_alone) {
  EXPECT_EQ(take_error(root / "new"), "");
  EXPECT_EQ(fs::status(root / "new").permissions(), fs::perms::owner_all);
}

TEST_F(Files, a_directory_without_parent_is_an_error) {
  const std::string path = root / "not" / "there";
  EXPECT_EQ(take_error(path), "cannot create the directory " + path + ": No such file or directory");
}

TEST_F(Files, who_only_looks_needs_the_directory_and_leaves_no_trace) {
  FileDisk missing(root / "new");
  const auto looked = missing.look();
  ASSERT_FALSE(looked);
  EXPECT_EQ(looked.error().what,
            "cannot open the directory " + (root / "new").string() + ": No such file or directory");

  FileDisk disk(root);
  ASSERT_TRUE(disk.look());
  EXPECT_EQ(disk.holder(), std::nullopt);
  EXPECT_TRUE(fs::is_empty(root));
}

TEST_F(Files, who_only_looks_sees_who_has_the_directory) {
  FileDisk disk(root);
  ASSERT_TRUE(disk.look());
  {
    FileDisk owner(root);
    ASSERT_TRUE(owner.take());
    EXPECT_EQ(disk.holder(), std::to_string(::getpid()));
  }
  EXPECT_EQ(disk.holder(), std::nullopt);
  EXPECT_EQ(take_error(root), "");
}

TEST_F(Files, a_file_in_place_of_the_directory_is_an_error) {
  const std::string path = root / "file";
  ::close(::creat(path.c_str(), 0600));
  EXPECT_EQ(take_error(path), "cannot open the directory " + path + ": Not a directory");
}

TEST_F(Files, the_directory_of_somebody_else_is_an_error) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a directory away";
  ASSERT_EQ(::chown(root.c_str(), 12345, 12345), 0);
  EXPECT_EQ(take_error(root), root.string() +
                                  " belongs to user 12345, but this runs as user 0: use another "
                                  "directory, or chown it");
}

// What is done as another user, from here to the end of a block.
class As {
 public:
  explicit As(uid_t user) { EXPECT_EQ(::seteuid(user), 0); }
  ~As() { EXPECT_EQ(::seteuid(0), 0); }
};

TEST_F(Files, what_may_not_even_be_looked_at_names_its_owner) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can be somebody else";
  const std::string mine = " belongs to user 0, but this runs as user 12345: ";
  fs::permissions(root, fs::perms::owner_all);
  {
    const As other(12345);
    EXPECT_EQ(take_error(root), root.string() + mine + "use another directory, or chown it");
  }
  ::close(::creat((root / "lock").c_str(), 0600));
  ASSERT_EQ(::chown(root.c_str(), 12345, 12345), 0);
  const As other(12345);
  EXPECT_EQ(take_error(root), (root / "lock").string() + mine + "chown -R the directory to who runs it");
}

TEST_F(Files, a_directory_that_cannot_be_written_is_an_error) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
  fs::permissions(root, fs::perms::owner_read | fs::perms::owner_exec);
  EXPECT_EQ(take_error(root), "cannot write to the directory " + root.string() + ": Permission denied");
  fs::permissions(root, fs::perms::owner_all);
}

TEST_F(Files, a_second_process_is_told_which_one_holds_the_directory) {
  FileDisk mine(root);
  ASSERT_TRUE(mine.take());
  const std::string expected = root.string() + " is in use by process " + std::to_string(::getpid()) +
                               ": end it, or use another directory";
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    FileDisk disk(root);
    const auto taken = disk.take();
    ::_exit(!taken && taken.error().what == expected ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST_F(Files, the_lock_goes_with_its_process) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    FileDisk disk(root);
    ::_exit(disk.take() ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(take_error(root), "");
}

TEST_F(Files, what_was_stored_is_there_after_the_end_of_the_log) {
  std::vector<std::string> all;
  for (int life = 0; life < 3; ++life) {
    FileDisk disk(root);
    auto log = open(disk);
    ASSERT_TRUE(log) << log.error().what;
    EXPECT_EQ(batches, all);
    EXPECT_EQ((*log)->identity().incarnation, life + 1);
    for (int n = 0; n < 50; ++n) {
      all.push_back(std::to_string(life) + "." + std::to_string(n) + std::string(500, 'x'));
      append(**log, all.back());
      (*log)->step();
    }
    EXPECT_EQ((*log)->pending_bytes(), 0U);
  }
  FileDisk disk(root);
  ASSERT_TRUE(open(disk));
  EXPECT_EQ(batches, all);
}

TEST_F(Files, dropped_segments_and_only_they_are_deleted) {
  FileDisk disk(root);
  auto log = open(disk);
  ASSERT_TRUE(log);
  for (int n = 0; n < 30; ++n) append(**log, std::string(1500, 'x'));
  (*log)->drop_before((*log)->current_segment());
  while ((*log)->step()) {
  }
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(root)) names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  EXPECT_EQ(names, (std::vector<std::string>{segment_name((*log)->current_segment()), "lock", "spare.log"}));
}

TEST_F(Files, a_writer_stores_what_two_threads_append_while_others_read) {
  constexpr int kEach = 400;
  FileDisk disk(root);
  auto opened = open(disk);
  ASSERT_TRUE(opened);
  Log& log = **opened;
  {
    Writer writer(log);
    const auto work = [&log](char who) {
      Buffer records;
      Buffer into;
      for (int n = 0; n < kEach; ++n) {
        const std::string sent = who + std::to_string(n) + std::string(100, who);
        records.append(as_bytes(sent));
        const Appended appended = log.append(records);
        if (n % 50 != 0) continue;
        while (log.durable() < appended.end) std::this_thread::yield();
        into.clear();
        EXPECT_TRUE(log.read(appended.begin, sent.size(), into));
        EXPECT_EQ(as_text(into.view()), sent);
        into.clear();
        EXPECT_TRUE(log.read_batch({appended.begin.segment, 0}, into));
      }
    };
    std::thread a(work, 'a');
    std::thread b(work, 'b');
    a.join();
    b.join();
    writer.stop();
  }
  EXPECT_EQ(log.pending_bytes(), 0U);
  EXPECT_EQ(log.counters().batches, 2U * kEach);
  EXPECT_GT(log.counters().syncs, 0U);
  EXPECT_GT(log.counters().sync_ns_max, 0);
  opened->reset();
  FileDisk again(root.string() + "/.");
  EXPECT_FALSE(open(again)) << "the first disk still holds the lock";
}

TEST_F(Files, the_order_of_each_thread_is_kept) {
  FileDisk disk(root);
  {
    auto opened = open(disk);
    ASSERT_TRUE(opened);
    Log& log = **opened;
    Writer writer(log);
    const auto work = [&log](char who) {
      for (int n = 0; n < 300; ++n) append(log, who + std::to_string(n));
    };
    std::thread a(work, 'a');
    std::thread b(work, 'b');
    a.join();
    b.join();
  }
  auto again = open(disk);
  ASSERT_TRUE(again);
  EXPECT_EQ(batches.size(), 600U);
  std::map<char, int> next;
  for (const std::string& batch : batches) EXPECT_EQ(batch, batch[0] + std::to_string(next[batch[0]]++));
}

TEST_F(Files, a_writer_that_is_stopped_has_written_everything) {
  FileDisk disk(root);
  auto log = open(disk);
  ASSERT_TRUE(log);
  Writer writer(**log);
  Place end;
  for (int n = 0; n < 100; ++n) end = append(**log, std::string(900, 'x')).end;
  writer.stop();
  EXPECT_EQ((*log)->durable(), end);
}

}  // namespace
}  // namespace gaon::journal
