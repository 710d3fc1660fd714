#include "app/file_watch.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

namespace gaon::app {
namespace {

struct FileWatchTest : testing::Test {
  FileWatchTest() { EXPECT_NE(mkdtemp(folder.data()), nullptr); }
  ~FileWatchTest() override { std::filesystem::remove_all(folder); }
  void write(const std::string& name) { std::ofstream(folder + "/" + name) << "x"; }

  std::string folder = testing::TempDir() + "gaon-watch-XXXXXX";
  FileWatch watch;
};

TEST_F(FileWatchTest, notices_what_happens_to_its_files_and_nothing_else) {
  write("a");
  ASSERT_TRUE(watch.watch({folder + "/a"}));
  EXPECT_FALSE(watch.take());
  write("b");
  EXPECT_FALSE(watch.take());
  write("a");
  EXPECT_TRUE(watch.take());
  std::filesystem::rename(folder + "/b", folder + "/a");
  EXPECT_TRUE(watch.take());
  std::filesystem::remove(folder + "/a");
  EXPECT_TRUE(watch.take());
  EXPECT_FALSE(watch.take());
  write("a");
  EXPECT_TRUE(watch.take());
}

TEST_F(FileWatchTest, looks_behind_links_and_into_folders) {
  for (const char* name : {"first", "second", "folder"})
    std::filesystem::create_directory(folder + "/" + name);
  write("first/key"), write("second/key");
  std::filesystem::create_symlink("first", folder + "/..data");  // as Kubernetes mounts secrets
  std::filesystem::create_symlink("..data/key", folder + "/key");
  ASSERT_TRUE(watch.watch({folder + "/key", folder + "/folder"}));
  write("first/key");
  EXPECT_TRUE(watch.take());
  std::filesystem::create_symlink("second", folder + "/..new");
  std::filesystem::rename(folder + "/..new", folder + "/..data");
  EXPECT_TRUE(watch.take());
  write("folder/any");
  EXPECT_TRUE(watch.take());
}

TEST_F(FileWatchTest, notices_that_a_link_to_a_folder_on_the_way_leads_elsewhere) {
  for (const char* name : {"releases/5/tls", "releases/6/tls"})
    std::filesystem::create_directories(folder + "/" + name);
  write("releases/5/tls/key"), write("releases/6/tls/key");
  std::filesystem::create_directory_symlink("releases/5", folder + "/current");
  ASSERT_TRUE(watch.watch({folder + "/current/tls/key"}));
  write("other");
  EXPECT_FALSE(watch.take());
  std::filesystem::create_directory_symlink("releases/6", folder + "/new");
  std::filesystem::rename(folder + "/new", folder + "/current");
  EXPECT_TRUE(watch.take());
}

TEST_F(FileWatchTest, other_files_take_the_place_of_those_before) {
  std::filesystem::create_directory(folder + "/folder");
  write("a"), write("folder/b");
  ASSERT_TRUE(watch.watch({folder + "/a"}));
  ASSERT_TRUE(watch.watch({folder + "/folder/b"}));
  watch.take();
  write("a");
  EXPECT_FALSE(watch.take());
  write("folder/b");
  EXPECT_TRUE(watch.take());
  EXPECT_FALSE(watch.watch({"/no/such/folder/file"}));
}

}  // namespace
}  // namespace gaon::app
