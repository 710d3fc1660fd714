#include "app/config_key.h"

#include <gtest/gtest.h>

#include <limits>
#include <set>

namespace gaon::app {
namespace {

std::string fault(std::string_view assignment) {
  broker::Config config;
  const auto done = set_key(config, assignment);
  return done ? "" : to_text(done.error());
}

TEST(ConfigKey, every_number_holds_both_of_its_bounds_and_nothing_beyond) {
  broker::Config config;
  for (const ConfigKey& key : config_keys()) {
    if (key.kind != KeyKind::number) continue;
    for (const std::int64_t bound : {key.least, key.most}) {
      ASSERT_TRUE(set_key(config, key.name, bound)) << key.name;
      EXPECT_EQ(std::get<std::int64_t>(key.get(config)), bound) << key.name;
    }
    EXPECT_FALSE(set_key(config, key.name, key.least - 1)) << key.name;
    if (key.most == std::numeric_limits<std::int64_t>::max()) continue;
    EXPECT_FALSE(set_key(config, key.name, key.most + 1)) << key.name;
  }
}

TEST(ConfigKey, every_choice_and_flag_is_kept) {
  broker::Config config;
  for (const ConfigKey& key : config_keys()) {
    for (std::size_t i = 0; i < key.choices.size(); ++i) {
      ASSERT_TRUE(set_key(config, key.name, std::string(key.choices[i]))) << key.name;
      EXPECT_EQ(std::get<std::int64_t>(key.get(config)), static_cast<std::int64_t>(i)) << key.name;
    }
    if (key.kind != KeyKind::flag) continue;
    for (const bool value : {true, false}) {
      ASSERT_TRUE(set_key(config, key.name, value)) << key.name;
      EXPECT_EQ(std::get<bool>(key.get(config)), value) << key.name;
    }
  }
}

TEST(ConfigKey, defaults_keep_to_their_own_bounds) {
  broker::Config config;
  for (const ConfigKey& key : config_keys()) {
    if (key.kind != KeyKind::number) continue;
    EXPECT_TRUE(set_key(config, key.name, key.get(config))) << key.name;
  }
}

TEST(ConfigKey, names_are_unique_and_tables_stand_together) {
  std::set<std::string_view> names;
  std::set<std::string_view> tables;
  std::string_view last;
  for (const ConfigKey& key : config_keys()) {
    EXPECT_TRUE(names.insert(key.name).second) << key.name;
    const std::size_t dot = key.name.find('.');
    const std::string_view table = dot == std::string_view::npos ? "" : key.name.substr(0, dot);
    EXPECT_TRUE(table == last || tables.insert(table).second) << table;
    last = table;
  }
}

TEST(ConfigKey, an_assignment_takes_sizes_words_and_flags) {
  broker::Config config;
  for (const std::string_view assignment :
       {"limits.packet_bytes_max=2 MiB", "limits.queue_bytes_max=4096", "session.expiry_max_s=never",
        "session.expiry_v3_s=60", "session.overflow=reject", "log.level=debug",
        "protocol.retain_available=false", "data_dir=some=where"}) {
    EXPECT_TRUE(set_key(config, assignment)) << assignment;
  }
  EXPECT_EQ(config.limits.packet_bytes_max, 2U << 20);
  EXPECT_EQ(config.limits.queue_bytes_max, 4096U);
  EXPECT_EQ(config.session.expiry_max_s, broker::kExpiryNever);
  EXPECT_EQ(config.session.expiry_v3_s, 60U);
  EXPECT_EQ(config.session.overflow, broker::OverflowPolicy::reject);
  EXPECT_EQ(config.log.level, LogLevel::debug);
  EXPECT_FALSE(config.protocol.retain_available);
  EXPECT_EQ(config.data_dir, "some=where");
}

TEST(ConfigKey, a_wrong_assignment_names_key_cause_and_fix) {
  EXPECT_EQ(fault("limits.receive_maximum=0"),
            "limits.receive_maximum: \"0\" is too small; write 1 to 65535");
  EXPECT_EQ(fault("limits.packet_bytes_max=1 GiB"),
            "limits.packet_bytes_max: \"1 GiB\" is too large; write 1 KiB to 256 MiB");
  EXPECT_EQ(fault("limits.packet_bytes_max=9223372036854775807 GiB"),
            "limits.packet_bytes_max: \"9223372036854775807 GiB\" is not a size; write 1 KiB to 256 MiB");
  EXPECT_EQ(fault("workers=two"), "workers: \"two\" is not a number; write 0 to 64");
  EXPECT_EQ(fault("workers=2 KiB"), "workers: \"2 KiB\" is not a number; write 0 to 64");
  EXPECT_EQ(fault("log.format=xml"),
            "log.format: \"xml\" is not one of the choices; write one of text, json");
  EXPECT_EQ(fault("protocol.retain_available=yes"),
            "protocol.retain_available: \"yes\" is neither true nor false; write true or false");
  EXPECT_EQ(fault("data_dir="), "data_dir: \"\" has the wrong length; write a text of 1 to 4096 bytes");
  EXPECT_EQ(fault("workers"), "\"workers\" sets nothing; write key=value, for example log.level=debug");
}

TEST(ConfigKey, an_unknown_key_is_answered_with_the_nearest) {
  EXPECT_EQ(fault("limits.recieve_maximum=1"),
            "limits.recieve_maximum: there is no such key; did you mean limits.receive_maximum?");
  EXPECT_EQ(fault("packet_bytes_max=1"),
            "packet_bytes_max: there is no such key; did you mean limits.packet_bytes_max?");
  EXPECT_EQ(fault("overflw=1"), "overflw: there is no such key; did you mean session.overflow?");
  EXPECT_EQ(fault("colour=red"), "colour: there is no such key; see all keys with 'gaon config show'");
  EXPECT_EQ(fault(std::string(100'000, 'x') + "=1").substr(100'000),
            ": there is no such key; see all keys with 'gaon config show'");
}

}  // namespace
}  // namespace gaon::app
