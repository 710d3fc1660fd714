#include "app/serve_command.h"

#include <gtest/gtest.h>

namespace gaon::app {
namespace {

TEST(ServeCommand, short_options_are_keys_that_go_over_the_others) {
  const auto read = read_serve_options({"-c", "gaon.toml", "--workers", "2", "--set", "workers=3", "--listen",
                                        "mqtt://127.0.0.1:1", "--listen", "mqtt://127.0.0.1:2", "--data-dir",
                                        "there", "--log-level", "debug", "--log-format", "json"});
  ASSERT_TRUE(read) << read.error().text;
  const ConfigSource* source = &read->source;
  EXPECT_FALSE(read->options.salvage);
  EXPECT_EQ(source->file, "gaon.toml");
  EXPECT_EQ(source->listen, (std::vector<std::string>{"mqtt://127.0.0.1:1", "mqtt://127.0.0.1:2"}));
  EXPECT_EQ(source->set, (std::vector<std::string>{"workers=3", "data_dir=there", "workers=2",
                                                   "log.level=debug", "log.format=json"}));
  const LoadedConfig loaded = load_config({.file = "", .listen = source->listen, .set = source->set});
  EXPECT_TRUE(loaded.problems.empty());
  EXPECT_EQ(loaded.config.workers, 2U);
  EXPECT_EQ(loaded.config.data_dir, "there");
  EXPECT_EQ(loaded.config.log.format, broker::LogFormat::json);
}

TEST(ServeCommand, what_it_does_not_know_is_wrong_usage) {
  for (const Arguments& arguments : {Arguments{"--port", "1883"}, Arguments{"gaon.toml"}, Arguments{"-c"}}) {
    const auto source = read_serve_options(arguments);
    ASSERT_FALSE(source) << arguments.front();
    EXPECT_EQ(source.error().code, kUsage);
  }
}

}  // namespace
}  // namespace gaon::app
