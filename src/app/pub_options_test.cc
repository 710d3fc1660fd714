#include "app/pub_options.h"

#include <gtest/gtest.h>

namespace gaon::app {
namespace {

PubOptions read(Arguments arguments) {
  auto options = read_pub_options(std::move(arguments));
  EXPECT_TRUE(options) << options.error().text;
  return options.value_or(PubOptions{});
}

std::string mistake(Arguments arguments) {
  const auto options = read_pub_options(std::move(arguments));
  if (options) return "";
  EXPECT_EQ(options.error().code, kUsage);
  return options.error().text.substr(0, options.error().text.find('\n'));
}

TEST(PubOptions, defaults_are_those_of_the_help) {
  const PubOptions options = read({"-t", "a/b", "-m", "x"});
  EXPECT_EQ(options.topic, "a/b");
  EXPECT_EQ(options.source, PubSource::text);
  EXPECT_EQ(options.text, "x");
  EXPECT_EQ(options.qos, 0);
  EXPECT_FALSE(options.retain);
  EXPECT_EQ(options.repeat, 1U);
  EXPECT_EQ(options.connection.host, "127.0.0.1");
  EXPECT_EQ(options.connection.port, 1883);
  EXPECT_EQ(options.connection.version, 5);
  EXPECT_EQ(options.connection.keep_alive_s, 60);
  EXPECT_TRUE(options.connection.clean_start);
  EXPECT_EQ(options.connection.session_expiry_s, 0U);
  EXPECT_FALSE(options.connection.user);
  EXPECT_FALSE(options.connection.will);
}

TEST(PubOptions, every_letter_is_taken) {
  const PubOptions options = read({"-h",   "::1",
                                   "-p",   "1884",
                                   "-i",   "me",
                                   "-u",   "name",
                                   "-P",   "word",
                                   "-V",   "mqttv311",
                                   "-k",   "5",
                                   "-c",   "-d",
                                   "-t",   "a",
                                   "-m",   "-x",
                                   "-q",   "2",
                                   "-r",   "--repeat",
                                   "3",    "--repeat-delay",
                                   "0.5",  "--will-topic",
                                   "gone", "--will-payload",
                                   "me",   "--will-qos",
                                   "1",    "--will-retain"});
  EXPECT_EQ(options.connection.host, "::1");
  EXPECT_EQ(options.connection.port, 1884);
  EXPECT_EQ(options.connection.client_id, "me");
  EXPECT_EQ(options.connection.user, "name");
  EXPECT_EQ(options.connection.password, "word");
  EXPECT_EQ(options.connection.version, 4);
  EXPECT_EQ(options.connection.keep_alive_s, 5);
  EXPECT_FALSE(options.connection.clean_start);
  EXPECT_EQ(options.connection.session_expiry_s, kSessionNeverExpires);
  EXPECT_TRUE(options.connection.debug);
  EXPECT_EQ(options.text, "-x");
  EXPECT_EQ(options.qos, 2);
  EXPECT_TRUE(options.retain);
  EXPECT_EQ(options.repeat, 3U);
  EXPECT_EQ(options.repeat_delay_s, 0.5);
  ASSERT_TRUE(options.connection.will);
  EXPECT_EQ(options.connection.will->topic, "gone");
  EXPECT_EQ(options.connection.will->payload, "me");
  EXPECT_EQ(options.connection.will->qos, 1);
  EXPECT_TRUE(options.connection.will->retain);
}

TEST(PubOptions, a_url_says_it_all) {
  const PubOptions options = read({"-L", "mqtt://name:pass:word@[::1]:1885/a/b", "-n"});
  EXPECT_EQ(options.connection.host, "::1");
  EXPECT_EQ(options.connection.port, 1885);
  EXPECT_EQ(options.connection.user, "name");
  EXPECT_EQ(options.connection.password, "pass:word");
  EXPECT_EQ(options.topic, "a/b");
  EXPECT_EQ(options.source, PubSource::empty);
  EXPECT_EQ(read({"-L", "mqtt://box/a", "-n"}).connection.port, 1883);
  const ConnectionOptions tls =
      read({"-L", "mqtts://box/a", "-n", "--ca-file", "ca", "--certificate", "c", "--key", "k"}).connection;
  EXPECT_EQ(tls.scheme, net::Scheme::mqtts);
  EXPECT_EQ(tls.port, 8883);
  EXPECT_EQ(tls.tls.ca_file, "ca");
  EXPECT_EQ(tls.tls.certificate.key_file, "k");
  const ConnectionOptions web = read({"-L", "wss://box:1/a/b", "-t", "t", "-n"}).connection;
  EXPECT_EQ(web.scheme, net::Scheme::wss);
  EXPECT_EQ(web.path, "/a/b");
  EXPECT_EQ(read({"-L", "ws://box", "-t", "t", "-n"}).connection.path, "/mqtt");
}

TEST(PubOptions, each_source_is_told_apart) {
  EXPECT_EQ(read({"-t", "a", "-f", "file"}).source, PubSource::file);
  EXPECT_EQ(read({"-t", "a", "-f", "file"}).text, "file");
  EXPECT_EQ(read({"-t", "a", "-s"}).source, PubSource::standard_input);
  EXPECT_EQ(read({"-t", "a", "-l"}).source, PubSource::lines);
  const PubOptions empty = read({"-t", "a", "-m", ""});
  EXPECT_EQ(empty.source, PubSource::text);
  EXPECT_EQ(empty.text, "");
}

TEST(PubOptions, session_expiry_is_seconds_or_never) {
  EXPECT_EQ(read({"-t", "a", "-n", "-x", "60"}).connection.session_expiry_s, 60U);
  EXPECT_EQ(read({"-t", "a", "-n", "-x", "-1"}).connection.session_expiry_s, kSessionNeverExpires);
  EXPECT_EQ(read({"-t", "a", "-n", "-x", "4294967295"}).connection.session_expiry_s, kSessionNeverExpires);
  EXPECT_EQ(read({"-t", "a", "-n", "-i", "x", "-c", "-x", "9"}).connection.session_expiry_s, 9U);
}

TEST(PubOptions, properties_come_along) {
  const PubOptions options = read({"-t", "a", "-D", "publish", "content-type", "x/y", "-n"});
  ASSERT_EQ(options.connection.properties.size(), 1U);
  EXPECT_EQ(options.connection.properties[0].text, "x/y");
}

struct Case {
  Arguments arguments;
  const char* mistake;
};

TEST(PubOptions, a_mistake_names_what_is_wrong) {
  const Case cases[] = {
      {{"-m", "x"}, "gaon pub: a message needs a topic: -t"},
      {{"-t", "a/#", "-m", "x"}, "gaon pub: a topic to publish to has no + or #"},
      {{"-t", "a"}, "gaon pub: a message comes from one of -m, -f, -n, -s and -l"},
      {{"-t", "a", "-m", "x", "-n"}, "gaon pub: a message comes from one of -m, -f, -n, -s and -l"},
      {{"-t", "a", "-l", "--repeat", "2"}, "gaon pub: --repeat goes with -m, -f and -n"},
      {{"-t", "a", "-m", "x", "-q", "3"}, "gaon pub: --qos: 3 is not a number from 0 to 2"},
      {{"-t", "a", "-m", "x", "-q", "1.5"}, "gaon pub: --qos: 1.5 is not a number from 0 to 2"},
      {{"-t", "a", "-m", "x", "-p", "0"}, "gaon pub: --port: 0 is not a number from 1 to 65535"},
      {{"-t", "a", "-n", "-c"}, "gaon pub: -c needs an identifier: -i"},
      {{"-t", "a", "-n", "-x", "soon"}, "gaon pub: -x takes seconds from 0 to 4294967295, or never"},
      {{"-t", "a", "-n", "--will-retain"}, "gaon pub: a will needs --will-topic"},
      {{"-t", "a", "-n", "-P", "x", "-V", "31"}, "gaon pub: -P needs -u before MQTT 5"},
      {{"-t", "a", "-n", "-V", "31", "-D", "connect", "user-property", "a", "b"},
       "gaon pub: -D needs MQTT 5"},
      {{"-t", "a", "-n", "-D"}, "gaon pub: -D needs a packet, a property and a value"},
      {{"-n", "-L", "http://x/a"},
       "gaon pub: -L takes mqtt://[user[:password]@]host[:port][/topic], mqtts:// the same, or ws:// and "
       "wss:// "
       "with a path"},
      {{"-n", "-L", "unix:///x", "-t", "a"},
       "gaon pub: -L takes mqtt://[user[:password]@]host[:port][/topic], mqtts:// the same, or ws:// and "
       "wss:// "
       "with a path"},
      {{"-n", "-L", "mqtt://:1/a"}, "gaon pub: -L names no host"},
      {{"-n", "-L", "mqtt://x:99999/a"}, "gaon pub: -L: the port is a number from 1 to 65535"},
  };
  for (const Case& c : cases) EXPECT_EQ(mistake(c.arguments), c.mistake);
  EXPECT_NE(mistake({"-t", "a", "-n", "--colour"}), "");
  EXPECT_NE(mistake({"-t", "a", "-n", "word"}), "");
  EXPECT_NE(mistake({"-t", "a", "-n", "-V", "4"}), "");
}

TEST(PubOptions, help_is_no_mistake) {
  const auto options = read_pub_options({"--help"});
  ASSERT_FALSE(options);
  EXPECT_EQ(options.error().code, kDone);
  for (const char* part :
       {"gaon pub", "-t,--topic TOPIC", "Examples:", "Exit codes: 0 done, 1 failed, 2 wrong usage."}) {
    EXPECT_NE(options.error().text.find(part), std::string::npos) << part << "\n" << options.error().text;
  }
}

}  // namespace
}  // namespace gaon::app
