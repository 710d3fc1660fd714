#include "play.h"

#include <gtest/gtest.h>

#include "library.h"
#include "simulation.h"

namespace gaon::scenario {
namespace {

// What is wrong with the file, or what went wrong when it was played; empty for a pass.
std::string outcome(const std::string& lines, Whose whose = Whose::ours) {
  const auto scripts = parse_scripts("x.mqtt", "# Shows it.\n" + lines, whose);
  if (!scripts) return scripts.error().what;
  for (const Script& script : *scripts) {
    broker::Config config;
    config.sys_interval_s = 0;
    Simulation simulation(config, 2);
    Library library(script.version);
    Stage& stage = script.of_client ? static_cast<Stage&>(library) : simulation;
    if (const auto failure = play(script, stage, {})) {
      return std::to_string(failure->line) + ": " + failure->text;
    }
  }
  return "";
}

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

#define EXPECT_SAYS(lines, part)               \
  do {                                         \
    const std::string said = outcome(lines);   \
    EXPECT_TRUE(contains(said, part)) << said; \
  } while (false)

TEST(Play, passes_what_is_right) {
  EXPECT_EQ(
      outcome("versions 3.1 3.1.1 5\na: connect\na: subscribe t qos=2\na: publish t x qos=2\na> publish t x"),
      "");
}

TEST(Play, tells_the_field_that_is_wrong_and_what_arrived) {
  EXPECT_SAYS("a: connect\na: subscribe t\na: publish t x\na> publish t y", "payload is x, not y");
  EXPECT_SAYS("a: connect\na: subscribe t\na: publish t x\na> publish t y", "30 05 00 01 74 00 78");
  EXPECT_SAYS("a: connect\na: subscribe t\na: publish t x\na> publish t qos=1", "5: a> publish t qos=1");
}

TEST(Play, fails_if_nothing_comes_or_something_does) {
  EXPECT_SAYS("a: connect\na> connack\na> publish t", "nothing came");
  EXPECT_SAYS("a: connect\na: subscribe t\na: publish t x\na> nothing", "something came");
  EXPECT_SAYS("a: connect\na> connack\na> closed", "it is not closed");
  EXPECT_SAYS("a: connect\na: send connect\na> nothing", "connack");
}

TEST(Play, fails_if_something_is_never_expected) {
  EXPECT_SAYS("a: connect\na: subscribe t\na: publish t x", "not expected anywhere");
  EXPECT_SAYS("a: connect\na: raw 00 00\na> disconnect", "was closed, which is not expected");
}

TEST(Play, an_acknowledgement_must_be_no_failure_and_answer_what_is_due) {
  EXPECT_SAYS("a: connect clean=1 id=\"\" v3.1.1\na: subscribe a/#/b", "no suback came");
  EXPECT_SAYS("a: connect\na: pubrel 9\na> pubcomp", "0x92 packet_identifier_not_found, a failure");
}

TEST(Play, exact_packets_have_no_other_properties) {
  EXPECT_SAYS("a: connect\na: subscribe t\na: publish t x format=1\na> publish! t x",
              "payload_format_indicator is 1, and should not be there");
}

TEST(Play, a_variable_keeps_its_value) {
  EXPECT_SAYS(
      "a: connect\na: subscribe t\na: publish t x\na: publish t y\na> publish payload=$p\na> publish "
      "payload=$p",
      "$p was x");
  EXPECT_SAYS("a: connect\na: puback $p", "$p has no value yet");
}

TEST(Play, time_goes_by_in_the_broker) {
  EXPECT_SAYS("a: connect keepalive=10\nwait 16s\na> nothing", "disconnect 0x8d");
}

// Gaon stands for the other broker: it says nothing to who never said CONNECT.
TEST(Play, of_others_only_what_the_text_demands_is_expected) {
  const std::string choice = "a: connect\na> connack\n[ours] a> publish t\n[5 others] a: ping";
  EXPECT_SAYS(choice, "nothing came");
  EXPECT_EQ(outcome(choice, Whose::others), "");
  const std::string refused = "a: open\na: raw 30 00\na> disconnect 0x82\na> closed";
  EXPECT_SAYS(refused, "it was closed instead");
  EXPECT_EQ(outcome(refused, Whose::others), "");
  // It need not say why, but does not say anything else.
  const std::string other_reason = "a: connect\na: send publish t/+ x\na> disconnect 0x97\na> closed";
  EXPECT_TRUE(contains(outcome(other_reason, Whose::others), "not 0x97"));
  const std::string takeover = "a: open\na: raw 30 00\na> disconnect 0x8e\na> closed";
  EXPECT_TRUE(contains(outcome(takeover, Whose::others), "it was closed instead"));
}

TEST(Play, the_library_is_played_too) {
  EXPECT_EQ(outcome("side client\nclient: connect\nserver> connect\nserver: connack\nclient> connected"), "");
  EXPECT_SAYS("side client\nclient: connect\nserver> connect id=other", "id is client, not other");
}

TEST(ReadScript, tells_the_line_and_what_would_be_right) {
  EXPECT_SAYS("a: conect", "x.mqtt:2: 'conect' is no packet");
  EXPECT_SAYS("a: conect", "did you mean connect?");
  EXPECT_SAYS("a: connect expirry=3", "did you mean expiry?");
  EXPECT_SAYS("a: publish t x y", "what is 'y' in publish?");
  EXPECT_SAYS("a: publish t qos=high", "qos is a number, not 'high'");
  EXPECT_SAYS("a> puback 0x97 reason=bad", "there is no reason 'bad'");
  EXPECT_SAYS("wait 3", "how long?");
  EXPECT_SAYS("set limits.receive_max = 3", "limits.receive_maximum");
  EXPECT_SAYS("connect a", "a line begins with 'name:'");
  EXPECT_SAYS("[5 theirs] a: connect", "x.mqtt:2: 'theirs' is no version");
  EXPECT_SAYS("ours", "why is it ours?");
  EXPECT_SAYS("only here", "x.mqtt:2: after 'only' comes 'simulation'");
  EXPECT_SAYS("repeat 3 a: connect", "x.mqtt:2: write 'repeat 5: a: publish t/%n'");
  EXPECT_SAYS("workers 9", "x.mqtt:2: workers: a number from 1 to 8");
  EXPECT_SAYS("a: connect\n\na> connack session=yes", "x.mqtt:4: session is a number, not 'yes'");
  EXPECT_SAYS("a: break now", "nothing can follow 'break'");
  EXPECT_SAYS("side client\nclient: fly", "x.mqtt:3: the library cannot 'fly'");
  EXPECT_SAYS("versions 4", "'4' is no version");
  EXPECT_SAYS("a: raw 3", "is not a byte in hex");
  EXPECT_SAYS("", "there is nothing in it");
}

TEST(ReadScript, takes_lines_of_its_version_and_repeats) {
  const auto scripts =
      parse_scripts("x.mqtt", "# T\nversions 3.1.1 5\n[5] a: connect\nrepeat 3: a: publish t/%n\n");
  ASSERT_TRUE(scripts);
  ASSERT_EQ(scripts->size(), 2U);
  EXPECT_EQ((*scripts)[0].statements.size(), 3U);
  EXPECT_EQ((*scripts)[1].statements.size(), 4U);
  EXPECT_EQ((*scripts)[0].statements[2].fields[0].value, "t/3");
}

TEST(Wire, is_read_with_lengths_in_front) {
  EXPECT_EQ(read_wire("3A | <a/b> {01 00} 'xy'").value(), std::string("\x3A\x0A\0\3a/b\2\1\0xy", 12));
  EXPECT_FALSE(read_wire("'a"));
}

}  // namespace
}  // namespace gaon::scenario
