#include "app/killed_broker.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace gaon::app {
namespace {

TEST(KilledBroker, a_command_that_ends_is_told_with_its_exit_code) {
  KilledBroker broker("exit 3 # {port}", "/nowhere", "/dev/null", 1);
  const auto started = broker.start(seconds(60));
  ASSERT_FALSE(started);
  EXPECT_NE(started.error().what.find("exit code 3"), std::string::npos) << started.error().what;
}

TEST(KilledBroker, its_places_are_filled_in) {
  KilledBroker broker("{gaon} {port} {port} {dir} {workers}", "/d", "/dev/null", 3);
  const std::string port = std::to_string(broker.port());
  const std::string self = std::filesystem::read_symlink("/proc/self/exe");
  EXPECT_EQ(broker.command(), self + " " + port + " " + port + " /d 3");
}

TEST(KilledBroker, what_does_not_listen_in_time_did_not_start) {
  KilledBroker broker("exec sleep 1000 # {port}", "/nowhere", "/dev/null", 1);
  EXPECT_FALSE(broker.start(milliseconds(50)));
  EXPECT_FALSE(broker.ended_by_itself());
}

}  // namespace
}  // namespace gaon::app
