// Text that is no UTF-8, topics that are no names, filters that are none.
#include <algorithm>

#include "malformed_test.h"

namespace gaon::scenario {
namespace {

using mqtt::PacketType;
using mqtt::Reason;
using mqtt::Version;

MALFORMED_SUITE(MalformedText);

TEST_P(MalformedText, ill_formed_utf8_in_every_text) {
  // [MQTT-1.5.4-1], [MQTT-1.5.4-2], [MQTT-3.1.3-4], [MQTT-3.1.3-11], [MQTT-3.1.3-12], [MQTT-3.3.2-1],
  // [MQTT-3.8.3-1], [MQTT-3.10.3-1], [MQTT-4.7.3-2], [MQTT-1.5.3-1@311], [MQTT-1.5.3-2@311],
  // [MQTT-3.1.3-4@311], [MQTT-3.1.3-10@311], [MQTT-3.1.3-11@311], [MQTT-3.3.2-1@311], [MQTT-3.8.3-1@311],
  // [MQTT-3.10.3-1@311], [MQTT-4.7.3-2@311]
  struct Hole {
    const char* name;
    const char* v5;
    const char* v3;
  };
  constexpr Hole kHoles[] = {
      {"topic", "30 | % {} 'x'", "30 | % 'x'"},
      {"filter", "82 | 0001 {} % 00", "82 | 0001 % 00"},
      {"filter to unsubscribe", "A2 | 0001 {} %", "A2 | 0001 %"},
      {"client id", "10 | <MQTT> 05 02 0000 {} %", "10 | <MQTT> 04 02 0000 %"},
      {"will topic", "10 | <MQTT> 05 06 0000 {} <me> {} % <bye>", "10 | <MQTT> 04 06 0000 <me> % <bye>"},
      {"user name", "10 | <MQTT> 05 82 0000 {} <me> %", "10 | <MQTT> 04 82 0000 <me> %"},
  };
  for (const char* text : kNoUtf8) {
    for (const Hole& hole : kHoles) {
      for (const Version version : {Version::v5, Version::v311}) {
        std::string notation = version == Version::v5 ? hole.v5 : hole.v3;
        notation.replace(notation.find('%'), 1, text);
        refused(hole.name, version, wire(notation), {Reason::malformed_packet});
      }
      if (std::string notation = hole.v3; !notation.starts_with("10")) {
        notation.replace(notation.find('%'), 1, text);
        refused(hole.name, Version::v31, wire(notation), {Reason::malformed_packet});
      }
    }
  }
}

TEST_P(MalformedText, topics_and_filters_that_are_none) {
  // [MQTT-3.3.2-2], [MQTT-4.7.0-1], [MQTT-4.7.1-1], [MQTT-4.7.1-2], [MQTT-4.7.3-1], [MQTT-4.8.2-1],
  // [MQTT-4.8.2-2], [MQTT-3.3.2-2@311], [MQTT-4.7.1-1@311], [MQTT-4.7.1-2@311], [MQTT-4.7.1-3@311],
  // [MQTT-4.7.3-1@311], U5-3.3.2.1-a
  const auto both = [&](const std::string& what, const std::string& v5, const std::string& v3) {
    const Reasons reasons{Reason::malformed_packet, Reason::protocol_error, Reason::topic_name_invalid,
                          Reason::topic_filter_invalid};
    refused(what, Version::v5, wire(v5), reasons);
    refused(what, Version::v311, wire(v3), reasons);
  };
  for (const std::string topic : {"+", "#", "a/+", "a/#", "+/a", "a+", "#a", ""}) {
    both("topic " + topic, "30 | <" + topic + "> {} 'x'", "30 | <" + topic + "> 'x'");
    if (topic.empty()) continue;
    both("will topic " + topic, "10 | <MQTT> 05 06 0000 {} <me> {} <" + topic + "> <bye>",
         "10 | <MQTT> 04 06 0000 <me> <" + topic + "> <bye>");
  }
  for (const std::string filter : {"", "a+", "+a", "a/+b", "#/a", "a#", "a/#/b", "a/b#"}) {
    both("filter " + filter, "82 | 0001 {} <" + filter + "> 00", "82 | 0001 <" + filter + "> 00");
  }
  for (const std::string filter : {"", "a+", "+a", "a/+b", "#/a", "a#", "a/#/b", "a/b#"}) {
    both("filter to unsubscribe " + filter, "A2 | 0001 {} <" + filter + ">", "A2 | 0001 <" + filter + ">");
    both("second filter " + filter, "82 | 0001 {} <a> 00 <" + filter + "> 00",
         "82 | 0001 <a> 00 <" + filter + "> 00");
  }
  for (const std::string filter : {"$share//t", "$share/g", "$share/g/", "$share/+/t", "$share/g#/t",
                                   "$share/#", "$share/", "$share/g/a#", "$share/g/a/#/b", "$share/g/a+"}) {
    const Reasons reasons{Reason::malformed_packet, Reason::protocol_error, Reason::topic_filter_invalid};
    refused("filter " + filter, Version::v5, wire("82 | 0001 {} <" + filter + "> 00"), reasons);
    refused("filter to unsubscribe " + filter, Version::v5, wire("A2 | 0001 {} <" + filter + ">"), reasons);
  }
}

}  // namespace
}  // namespace gaon::scenario
