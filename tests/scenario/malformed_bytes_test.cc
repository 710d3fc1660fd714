// Packets that are cut, too long, or begin with the wrong byte.
#include <algorithm>

#include "malformed_test.h"
#include "mqtt/cases_test.h"

namespace gaon::scenario {
namespace {

using mqtt::PacketType;
using mqtt::Reason;
using mqtt::Version;

MALFORMED_SUITE(MalformedBytes);

TEST_P(MalformedBytes, packets_cut_off_at_every_byte) {
  // U5-2.4-a, [MQTT-3.1.4-1], [MQTT-4.13.1-1], [MQTT-4.8.0-1@311]
  for (const Version version : kVersions) {
    for (const Sample& row : kSamples) {
      const std::string whole = sample(row, version);
      for (std::size_t size = 0; size + 2 < whole.size(); ++size) {
        const std::string cut = packet(static_cast<std::uint8_t>(whole[0]), whole.substr(2, size));
        std::string stream = cut;
        const auto decoded = take_packet(stream, version);
        ASSERT_TRUE(decoded);
        if (!decoded->fault.empty()) refused("cut at " + std::to_string(size), version, cut, kEither);
      }
    }
  }
}

TEST_P(MalformedBytes, packets_that_never_end) {
  for (const Version version : kVersions) {
    for (const Sample& row : kSamples) {
      const std::string whole = sample(row, version);
      for (std::size_t size = 1; size < whole.size(); ++size) {
        SCOPED_TRACE(hex(whole.substr(0, size)));
        open(offender_, version);
        if (row.type != PacketType::connect) connect();
        offender_.write(whole.substr(0, size));
        settle();
        EXPECT_FALSE(offender_.closed_by_broker());
        offender_.cut();
        settle();
        witness_saw_nothing();
      }
    }
  }
}

TEST_P(MalformedBytes, bytes_after_the_last_field) {
  // U5-2.1.4-a, U311-2.2.3-b
  for (const Version version : kVersions) {
    for (const Sample& row : kSamples) {
      if (row.type == PacketType::publish) continue;  // They would be its payload.
      const std::string whole = sample(row, version);
      refused("a byte too many", version, packet(static_cast<std::uint8_t>(whole[0]), whole.substr(2) + '\0'),
              kEither);
    }
  }
}

TEST_P(MalformedBytes, every_reserved_flag) {
  // [MQTT-2.1.3-1], [MQTT-3.6.1-1], [MQTT-3.8.1-1], [MQTT-3.10.1-1], [MQTT-3.14.1-1], [MQTT-3.15.1-1],
  // [MQTT-2.2.2-1@311], [MQTT-2.2.2-2@311], [MQTT-3.6.1-1@311], [MQTT-3.8.1-1@311], [MQTT-3.10.1-1@311],
  // [MQTT-3.14.1-1@311]
  for (const Version version : kVersions) {
    for (const Sample& row : kSamples) {
      if (row.type == PacketType::publish) continue;
      std::string bytes = sample(row, version);
      for (std::uint8_t flags = 0; flags < 16; ++flags) {
        if (flags == mqtt::fixed_flags(row.type)) continue;
        bytes[0] = static_cast<char>((bytes[0] & 0xF0) | flags);
        refused("flags", version, bytes, {Reason::malformed_packet});
      }
    }
    // [MQTT-3.3.1-4], [MQTT-3.3.1-4@311], U5-3.3.1.1-a, [MQTT-3.3.1-2], [MQTT-3.3.1-2@311]
    const std::string body = wire(version == Version::v5 ? "<a> 0001 {} 'x'" : "<a> 0001 'x'");
    for (const int first : {0x36, 0x37, 0x3E, 0x3F}) {
      refused("QoS 3", version, packet(static_cast<std::uint8_t>(first), body), {Reason::malformed_packet});
    }
    const std::string no_id = wire(version == Version::v5 ? "<a> {} 'x'" : "<a> 'x'");
    for (const int first : {0x38, 0x39}) {
      refused("DUP with QoS 0", version, packet(static_cast<std::uint8_t>(first), no_id), kEither);
    }
  }
  for (int first = 0xF1; first < 0x100; ++first) {
    refused("flags of AUTH", Version::v5, packet(static_cast<std::uint8_t>(first), wire("19 {15 <m>}")),
            kEither);
  }
}

TEST_P(MalformedBytes, types_that_clients_do_not_send) {
  // U5-2.1.2-a, U311-2.2.1-a
  for (const Version version : kVersions) {
    for (const char* notation :
         {"00 00", "0F 00", "20 | 00 00 {}", "90 | 0001 {} 00", "B0 | 0001 {} 00", "D0 00"}) {
      refused("wrong direction", version, wire(notation), kEither);
    }
  }
  refused("AUTH before MQTT 5", Version::v311, wire("F0 00"), kEither);
  // [MQTT-4.12.0-7]
  refused("AUTH without a method", Version::v5, wire("F0 | 19 {15 <m>}"), kEither);
}

TEST_P(MalformedBytes, lengths_that_are_none) {
  // [MQTT-1.5.5-1], U5-1.5.5-a, U311-2.2.3-a
  for (const Version version : kVersions) {
    refused("five bytes", version, wire("30 FFFFFFFF7F"), kEither);
    refused("five bytes, the last ones 0", version, wire("C0 8080808000"), kEither);
  }
  for (const char* notation :
       {"C0 8000", "C0 808000", "C0 80808000", "30 8500 <ab> 00", "30 | <a> 8000 'x'"}) {
    refused("not the shortest", Version::v5, wire(notation), {Reason::malformed_packet});
  }
}

TEST_P(MalformedBytes, packet_id_0) {
  // [MQTT-2.2.1-3], [MQTT-2.3.1-1@311]
  for (const Version version : kVersions) {
    for (const Sample& row : kSamples) {
      std::string bytes = sample(row, version);
      const std::size_t at = row.type == PacketType::publish ? 7 : 2;
      const bool has_id = row.type != PacketType::connect && row.type != PacketType::pingreq &&
                          row.type != PacketType::disconnect;
      if (!has_id) continue;
      bytes[at] = bytes[at + 1] = 0;
      refused("id 0", version, bytes, kEither);
    }
  }
}

TEST_P(MalformedBytes, the_named_cases_of_the_codec) {
  for (const mqtt::PacketCase& named : mqtt::packet_cases()) {
    if (named.packet || named.wire.empty()) continue;
    const auto type = static_cast<PacketType>(named.wire[0] >> 4);
    const bool from_client = std::ranges::find(kSamples, type, &Sample::type) != kSamples.end();
    const std::string bytes(as_text(named.wire));
    // What only a server sends is refused for that; AUTH for want of a method.
    refused(std::string(named.name), named.version, bytes,
            from_client ? Reasons{named.fault, Reason::protocol_error} : kEither);
  }
}

}  // namespace
}  // namespace gaon::scenario
