#include "app/password_file.h"

#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include "app/text_file.h"
#include "auth/scram_users.h"

namespace gaon::app {
namespace {

constexpr std::string_view kHash =
    "$6$LfPz2A38SD9+KcO9$VnmrA3C7cZhuiqC+TJ0EQugOZ4XXXKnE4MPP6leViX4ctkKrnDepvv+fY4claEyXPxIZ7SL+"
    "Z1QXA9PapqBXSw==";
constexpr std::string_view kOther =
    "$argon2id$v=19$m=64,t=2,p=1$c2FsdHNhbHRzYWx0$aOb9LY91kt/gn/61R9Bu8NwDAlAT7PtokDQ/hl2MHiE";

class PasswordFileTest : public testing::Test {
 protected:
  std::string text() const { return *read_text_file(path_, 1 << 20); }
  void TearDown() override { std::filesystem::remove(path_); }

  std::filesystem::path path_ =
      std::filesystem::path(testing::TempDir()) /
      (std::string("gaon_") + testing::UnitTest::GetInstance()->current_test_info()->name() + ".passwd");
};

TEST_F(PasswordFileTest, users_are_put_and_removed_and_the_rest_stays) {
  const std::string hash(kHash);
  std::ofstream(path_) << "# line 2\nada:" << hash << "\n\nbob:" << hash << "\n";
  auto file = PasswordFile::open(path_);
  ASSERT_TRUE(file) << file.error().what;
  EXPECT_TRUE(file->put("bob", kOther));
  EXPECT_FALSE(file->put("eve", hash));
  EXPECT_TRUE(file->remove("ada"));
  EXPECT_FALSE(file->remove("ad"));
  EXPECT_EQ(file->users(), (std::vector<std::string>{"bob", "eve"}));
  ASSERT_TRUE(file->save());
  EXPECT_EQ(text(), "# line 2\n\nbob:" + std::string(kOther) + "\neve:" + hash + "\n");
}

TEST_F(PasswordFileTest, a_new_file_is_only_for_its_owner) {
  auto file = PasswordFile::open(path_);
  ASSERT_TRUE(file);
  file->put("ada", kHash);
  ASSERT_TRUE(file->save());
  EXPECT_EQ(std::filesystem::status(path_).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(PasswordFileTest, users_that_are_added_at_the_same_time_all_stay) {
  std::vector<std::thread> editors;
  for (int i = 0; i < 12; ++i) {
    editors.emplace_back([this, i] {
      auto file = PasswordFile::edit(path_);
      ASSERT_TRUE(file) << file.error().what;
      file->put("user" + std::to_string(i), kHash);
      EXPECT_TRUE(file->save());
    });
  }
  for (std::thread& one : editors) one.join();
  EXPECT_EQ(PasswordFile::open(path_)->users().size(), 12U);
  std::filesystem::remove(path_.string() + ".lock");
}

TEST_F(PasswordFileTest, what_would_not_read_is_not_written) {
  std::ofstream(path_) << "ada:" << kHash << "\n";
  auto file = PasswordFile::open(path_);
  ASSERT_TRUE(file);
  file->put("bob", "pencil");
  EXPECT_FALSE(file->save());
  EXPECT_EQ(text(), "ada:" + std::string(kHash) + "\n");
  std::ofstream(path_) << "pencil\n";
  EXPECT_FALSE(PasswordFile::open(path_));
}

TEST_F(PasswordFileTest, keys_for_scram_are_kept_like_hashes_and_not_among_them) {
  auto file = PasswordFile::edit(path_, PasswordFile::Kind::scram);
  ASSERT_TRUE(file) << file.error().what;
  const std::string line = auth::make_scram_line("pencil", 4096);
  EXPECT_FALSE(file->put("ada", line));
  ASSERT_TRUE(file->save());
  EXPECT_EQ(text(), "ada:" + line + "\n");
  EXPECT_TRUE(PasswordFile::open(path_, PasswordFile::Kind::scram));
  EXPECT_FALSE(PasswordFile::open(path_));
  file->put("bob", kHash);
  EXPECT_FALSE(file->save());
  EXPECT_EQ(text(), "ada:" + line + "\n");
}

}  // namespace
}  // namespace gaon::app
