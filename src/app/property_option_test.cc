#include "app/property_option.h"

#include <gtest/gtest.h>

namespace gaon::app {
namespace {

TEST(PropertyOption, properties_are_taken_out_and_the_rest_is_left) {
  Arguments arguments = {"-t",
                         "a",
                         "-D",
                         "publish",
                         "user-property",
                         "k",
                         "-v",
                         "-q",
                         "1",
                         "-D",
                         "will",
                         "will-delay-interval",
                         "5",
                         "-D",
                         "connect",
                         "receive-maximum",
                         "10",
                         "-m",
                         "x"};
  const auto options = take_properties(arguments);
  ASSERT_TRUE(options) << options.error();
  EXPECT_EQ(arguments, (Arguments{"-t", "a", "-q", "1", "-m", "x"}));
  ASSERT_EQ(options->size(), 3U);
  EXPECT_EQ(options->at(0).place, PropertyPlace::publish);
  EXPECT_EQ(options->at(0).id, 0x26);
  EXPECT_EQ(options->at(0).key, "k");
  EXPECT_EQ(options->at(0).text, "-v");
  EXPECT_EQ(options->at(1).place, PropertyPlace::will);
  EXPECT_EQ(options->at(1).id, 0x18);
  EXPECT_EQ(options->at(1).number, 5U);
  EXPECT_EQ(options->at(2).id, 0x21);
  EXPECT_EQ(options->at(2).number, 10U);
}

struct Case {
  Arguments arguments;
  const char* mistake;
};

TEST(PropertyOption, a_mistake_names_what_is_wrong) {
  const Case cases[] = {
      {{"-D"}, "-D needs a packet, a property and a value"},
      {{"-D", "publish", "content-type"}, "-D needs a packet, a property and a value"},
      {{"-D", "puback", "user-property", "k", "v"}, "-D: 'puback' is no packet that takes properties"},
      {{"-D", "publish", "colour", "red"}, "-D: there is no property 'colour'"},
      {{"-D", "publish", "receive-maximum", "1"}, "-D: receive-maximum does not belong into publish"},
      {{"-D", "publish", "user-property", "k"}, "-D: user-property needs a name and a value"},
      {{"-D", "connect", "receive-maximum", "0"}, "-D: receive-maximum is a number from 1 to 65535, not '0'"},
      {{"-D", "connect", "receive-maximum", "1x"},
       "-D: receive-maximum is a number from 1 to 65535, not '1x'"},
      {{"-D", "will", "will-delay-interval", "4294967296"},
       "-D: will-delay-interval is a number from 0 to 4294967295, not '4294967296'"},
      {{"-D", "publish", "response-topic", ""}, "-D: response-topic is too short or too long"},
      {{"-D", "publish", "content-type", std::string(65'536, 'x')},
       "-D: content-type is too short or too long"},
  };
  for (Case c : cases) {
    const auto options = take_properties(c.arguments);
    ASSERT_FALSE(options) << c.mistake;
    EXPECT_EQ(options.error(), c.mistake);
  }
}

TEST(PropertyOption, their_number_is_limited) {
  Arguments arguments;
  for (std::size_t i = 0; i <= kPropertyOptionsMax; ++i) {
    for (const char* word : {"-D", "publish", "topic-alias", "1"}) arguments.push_back(word);
  }
  EXPECT_FALSE(take_properties(arguments));
}

}  // namespace
}  // namespace gaon::app
