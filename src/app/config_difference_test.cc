#include "app/config_difference.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

namespace gaon::app {
namespace {

using Texts = std::vector<std::string>;

broker::Config config_with(const std::string& url) {
  broker::Config config;
  config.listeners.push_back({.url = *net::parse_url(url)});
  return config;
}

TEST(ConfigDifference, takes_over_what_can_change_and_names_the_rest) {
  const broker::Config running = config_with("mqtt://127.0.0.1:1883");
  broker::Config wanted = running;
  wanted.workers = 3;
  wanted.data_dir = "elsewhere";
  wanted.storage.segment_bytes *= 2;
  wanted.storage.memory_bytes /= 2;
  wanted.limits.topic_levels_max = 7;
  wanted.auth.http_authorization = "Bearer s3cret";
  wanted.listeners[0].allow_anonymous = true;
  ConfigDifference difference;
  const broker::Config next = take_over(running, wanted, difference);
  EXPECT_EQ(next.workers, running.workers);
  EXPECT_EQ(next.data_dir, running.data_dir);
  EXPECT_EQ(next.storage.segment_bytes, running.storage.segment_bytes);
  EXPECT_EQ(next.storage.memory_bytes, wanted.storage.memory_bytes);
  EXPECT_EQ(next.limits.topic_levels_max, 7U);
  EXPECT_EQ(next.auth.http_authorization, "Bearer s3cret");
  EXPECT_TRUE(next.listeners[0].allow_anonymous);
  EXPECT_EQ(difference.needs_restart,
            (Texts{"data_dir", "workers: 0 -> 3", "storage.segment_bytes: \"64 MiB\" -> \"128 MiB\""}));
  EXPECT_EQ(
      difference.changed,
      (Texts{"limits.topic_levels_max: 128 -> 7", "storage.memory_bytes: \"256 MiB\" -> \"128 MiB\"",
             "auth.http_authorization", "listener mqtt://127.0.0.1:1883: allow_anonymous: false -> true"}));
}

TEST(ConfigDifference, listeners_stay_where_they_are) {
  broker::Config running = config_with("mqtt://127.0.0.1:1883");
  running.listeners.push_back({.url = *net::parse_url("mqtt://127.0.0.1:1884")});
  broker::Config wanted = config_with("mqtt://127.0.0.1:1885");
  wanted.listeners.push_back(
      {.url = running.listeners[1].url, .client_id_is_user = true, .proxy_protocol = true});
  ConfigDifference difference;
  const broker::Config next = take_over(running, wanted, difference);
  ASSERT_EQ(next.listeners.size(), 2U);
  EXPECT_EQ(next.listeners[0].url, running.listeners[0].url);
  EXPECT_TRUE(next.listeners[1].client_id_is_user);
  EXPECT_FALSE(next.listeners[1].proxy_protocol);
  EXPECT_EQ(difference.needs_restart, (Texts{"listener mqtt://127.0.0.1:1883: it is open until then",
                                             "listener mqtt://127.0.0.1:1884: proxy_protocol",
                                             "listener mqtt://127.0.0.1:1885: it is not open until then"}));
}

TEST(ConfigDifference, what_is_in_files_is_compared) {
  std::string folder = testing::TempDir() + "gaon-difference-XXXXXX";
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  broker::Config config = config_with("mqtts://127.0.0.1:8883");
  config.auth.acl_file = folder + "/acl";
  config.listeners[0].tls.crl = folder;
  const auto files = files_of(folder + "/gaon.toml", config);
  ASSERT_EQ(files.size(), 3U);
  EXPECT_EQ(files[2].key, "listener mqtts://127.0.0.1:8883: tls.crl");
  const Contents empty = contents_of(files);
  std::ofstream(folder + "/acl") << "everybody\n";
  const Contents written = contents_of(files);
  EXPECT_FALSE(differ(empty, written, {files[0]}));
  EXPECT_TRUE(differ(empty, written, {files[1]}));
  EXPECT_TRUE(differ(empty, written, {files[2]}));
  EXPECT_FALSE(differ(written, contents_of(files), files));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace gaon::app
