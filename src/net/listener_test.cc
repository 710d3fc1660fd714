#include "net/listener.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>

#include "net/connect.h"
#include "net/resolve.h"

namespace gaon::net {
namespace {

std::string socket_path(const char* name) {
  return testing::TempDir() + "gaon-" + std::to_string(getpid()) + "-" + name + ".sock";
}

bool exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

bool can_connect(const Url& url) {
  const Result<int> descriptor = connect_to(url, seconds(20));
  if (!descriptor) return false;
  ::close(*descriptor);
  return true;
}

TEST(Listener, says_which_port_the_system_chose) {
  const Result<Listener> listener = Listener::open(parse_url("mqtt://127.0.0.1:0").value());
  ASSERT_TRUE(listener) << listener.error().what;
  EXPECT_NE(listener->port(), 0);
  EXPECT_TRUE(can_connect(listener->url()));
}

TEST(Listener, ipv6_leaves_ipv4_alone) {
  const Result<Listener> six = Listener::open(parse_url("mqtt://[::]:0").value());
  if (!six) GTEST_SKIP() << six.error().what;
  Url four = parse_url("mqtt://0.0.0.0").value();
  four.port = six->port();
  EXPECT_TRUE(Listener::open(four));
}

TEST(Listener, names_the_address_that_is_taken) {
  const Result<Listener> first = Listener::open(parse_url("mqtt://127.0.0.1:0").value());
  ASSERT_TRUE(first);
  const Result<Listener> second = Listener::open(first->url());
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().what.find(to_string(first->url())), std::string::npos) << second.error().what;
  EXPECT_NE(second.error().what.find("another port"), std::string::npos) << second.error().what;
}

TEST(Listener, removes_the_file_of_its_unix_socket) {
  const std::string path = socket_path("removed");
  {
    const Result<Listener> listener = Listener::open(parse_url("unix://" + path).value());
    ASSERT_TRUE(listener) << listener.error().what;
    EXPECT_TRUE(exists(path));
    EXPECT_TRUE(can_connect(listener->url()));
  }
  EXPECT_FALSE(exists(path));
}

TEST(Listener, replaces_a_stale_unix_socket) {
  const Url url = parse_url("unix://" + socket_path("stale")).value();
  const SocketAddress address = resolve(url).value().front();
  const int stale = ::socket(AF_UNIX, SOCK_STREAM, 0);
  ASSERT_EQ(::bind(stale, address.get(), address.size), 0);
  ::close(stale);
  ASSERT_TRUE(exists(url.path));
  const Result<Listener> listener = Listener::open(url);
  ASSERT_TRUE(listener) << listener.error().what;
  EXPECT_TRUE(can_connect(url));
}

TEST(Listener, does_not_take_a_unix_socket_from_a_living_process) {
  const Url url = parse_url("unix://" + socket_path("living")).value();
  const Result<Listener> first = Listener::open(url);
  ASSERT_TRUE(first);
  const Result<Listener> second = Listener::open(url);
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().what.find("another process"), std::string::npos) << second.error().what;
  EXPECT_TRUE(can_connect(url));
}

TEST(Listener, does_not_replace_a_file_that_is_no_socket) {
  const std::string path = socket_path("file");
  std::ofstream(path) << "precious";
  const Result<Listener> listener = Listener::open(parse_url("unix://" + path).value());
  ASSERT_FALSE(listener);
  EXPECT_NE(listener.error().what.find("no socket"), std::string::npos) << listener.error().what;
  EXPECT_TRUE(exists(path));
  ::unlink(path.c_str());
}

TEST(Connect, names_the_address_and_the_cause) {
  Url url;
  {
    const Result<Listener> listener = Listener::open(parse_url("mqtt://127.0.0.1:0").value());
    ASSERT_TRUE(listener);
    url = listener->url();
  }
  const Result<int> descriptor = connect_to(url, seconds(20));
  ASSERT_FALSE(descriptor);
  EXPECT_NE(descriptor.error().what.find(to_string(url)), std::string::npos) << descriptor.error().what;
  EXPECT_NE(descriptor.error().what.find("refused"), std::string::npos) << descriptor.error().what;
}

TEST(Connect, names_a_host_that_does_not_resolve) {
  const Result<int> descriptor = connect_to(parse_url("mqtt://gaon.invalid").value(), seconds(20));
  ASSERT_FALSE(descriptor);
  EXPECT_NE(descriptor.error().what.find("gaon.invalid"), std::string::npos) << descriptor.error().what;
}

}  // namespace
}  // namespace gaon::net
