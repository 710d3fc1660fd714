#include "mqtt/property.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "mqtt/decode.h"
#include "mqtt/notation_test.h"

namespace gaon::mqtt {

namespace {

// A good item of each property, in notation, as the standard's table has them.
struct Sample {
  Property id;
  const char* item;
  std::vector<int> owners;  // packet types, 0 for the will
};

const Sample kSamples[] = {
    {Property::payload_format_indicator, "01 01", {0, 3}},
    {Property::message_expiry_interval, "02 00000000", {0, 3}},
    {Property::content_type, "03 <>", {0, 3}},
    {Property::response_topic, "08 <r/t>", {0, 3}},
    {Property::correlation_data, "09 0001 00", {0, 3}},
    {Property::subscription_identifier, "0B 8001", {3, 8}},
    {Property::session_expiry_interval, "11 FFFFFFFF", {1, 2, 14}},
    {Property::assigned_client_identifier, "12 <id>", {2}},
    {Property::server_keep_alive, "13 0000", {2}},
    {Property::authentication_method, "15 <SCRAM>", {1, 2, 15}},
    {Property::authentication_data, "16 <data>", {1, 2, 15}},
    {Property::request_problem_information, "17 00", {1}},
    {Property::will_delay_interval, "18 00000001", {0}},
    {Property::request_response_information, "19 01", {1}},
    {Property::response_information, "1A <i>", {2}},
    {Property::server_reference, "1C <s>", {2, 14}},
    {Property::reason_string, "1F <why>", {2, 4, 5, 6, 7, 9, 11, 14, 15}},
    {Property::receive_maximum, "21 0001", {1, 2}},
    {Property::topic_alias_maximum, "22 0000", {1, 2}},
    {Property::topic_alias, "23 FFFF", {3}},
    {Property::maximum_qos, "24 00", {2}},
    {Property::retain_available, "25 01", {2}},
    {Property::user_property, "26 <k> <v>", {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 14, 15}},
    {Property::maximum_packet_size, "27 00000001", {1, 2}},
    {Property::wildcard_subscription_available, "28 00", {2}},
    {Property::subscription_identifier_available, "29 01", {2}},
    {Property::shared_subscription_available, "2A 01", {2}},
};

// How a packet of each owner looks around its properties.
struct Place {
  int owner;
  std::string before, after;
};

const Place kPlaces[] = {
    {0, "10 | <MQTT> 05 04 0000 {} <c> {", "} <w> <p>"},
    {1, "10 | <MQTT> 05 00 0000 {", "} <c>"},
    {2, "20 | 00 00 {", "}"},
    {3, "30 | <a> {", "} 'x'"},
    {4, "40 | 0001 00 {", "}"},
    {5, "50 | 0001 00 {", "}"},
    {6, "62 | 0001 00 {", "}"},
    {7, "70 | 0001 00 {", "}"},
    {8, "82 | 0001 {", "} <a> 00"},
    {9, "90 | 0001 {", "} 00"},
    {10, "A2 | 0001 {", "} <a>"},
    {11, "B0 | 0001 {", "} 00"},
    {14, "E0 | 00 {", "}"},
    {15, "F0 | 18 {", "}"},
};

// What decoding says about items in a packet; success if nothing.
Reason verdict(const Place& place, const std::string& items) {
  const auto framed = frame(bytes(place.before + items + place.after), kPacketSizeMax);
  const auto packet = decode(**framed, Version::v5);
  return packet ? Reason::success : packet.error().reason;
}

bool owned(const Sample& sample, int owner) {
  return std::find(sample.owners.begin(), sample.owners.end(), owner) != sample.owners.end();
}

// What else must be there for the packet to be right.
std::string companions(const Sample& sample, int owner) {
  const bool has_method = sample.id == Property::authentication_method;
  const bool wants_method = sample.id == Property::authentication_data || owner == 15;
  return wants_method && !has_method ? " 15 <m> " : " ";
}

TEST(Property, stands_in_the_packets_of_its_row_and_in_no_other) {
  for (const Sample& sample : kSamples) {
    for (const Place& place : kPlaces) {
      SCOPED_TRACE(place.before + sample.item);
      const bool allowed = owned(sample, place.owner);
      EXPECT_EQ(rule(sample.id).allowed_in(static_cast<PropertyOwner>(place.owner)), allowed);
      EXPECT_EQ(verdict(place, companions(sample, place.owner) + sample.item),
                allowed ? Reason::success : Reason::malformed_packet);
    }
  }
}

TEST(Property, repeats_only_where_the_table_says_so) {
  for (const Sample& sample : kSamples) {
    for (const Place& place : kPlaces) {
      if (!owned(sample, place.owner)) continue;
      SCOPED_TRACE(place.before + sample.item);
      const bool repeats = sample.id == Property::user_property ||
                           (sample.id == Property::subscription_identifier && place.owner == 3);
      const std::string item = sample.item;
      EXPECT_EQ(verdict(place, companions(sample, place.owner) + item + item),
                repeats ? Reason::success : Reason::protocol_error);
    }
  }
}

TEST(Property, cut_anywhere_is_malformed) {
  for (const Sample& sample : kSamples) {
    const ByteView whole = bytes(sample.item);
    const auto owner = static_cast<PropertyOwner>(sample.owners.front());
    for (std::size_t size = 1; size < whole.size(); ++size) {
      const std::vector<std::uint8_t> cut(whole.begin(), whole.begin() + static_cast<long>(size));
      const auto decoded = decode_property_items(cut, owner);
      ASSERT_FALSE(decoded.has_value()) << sample.item << " cut to " << size;
      EXPECT_EQ(decoded.error().reason, Reason::malformed_packet);
    }
  }
}

TEST(Property, no_other_id_exists) {
  std::size_t known = 0;
  for (unsigned id = 0; id < 256; ++id) {
    const std::uint8_t item[] = {static_cast<std::uint8_t>(id), 0, 0, 0, 0, 0};
    const bool exists = std::any_of(std::begin(kSamples), std::end(kSamples), [&](const Sample& sample) {
      return static_cast<unsigned>(sample.id) == id;
    });
    known += exists ? 1 : 0;
    if (exists) continue;
    const auto decoded = decode_property_items(item, PropertyOwner::publish);
    ASSERT_FALSE(decoded.has_value()) << id;
    EXPECT_EQ(decoded.error().reason, Reason::malformed_packet);
  }
  EXPECT_EQ(known, 27u);
}

TEST(Property, values_out_of_range_have_their_reasons) {
  const struct {
    int owner;
    const char* items;
    Reason reason;
  } cases[] = {
      {3, "01 02", Reason::protocol_error},
      {0, "01 FF", Reason::protocol_error},
      {1, "17 02", Reason::protocol_error},
      {1, "19 02", Reason::protocol_error},
      {2, "24 02", Reason::protocol_error},
      {2, "25 02", Reason::protocol_error},
      {2, "28 02", Reason::protocol_error},
      {2, "29 02", Reason::protocol_error},
      {2, "2A 02", Reason::protocol_error},
      {1, "21 0000", Reason::protocol_error},
      {2, "27 00000000", Reason::protocol_error},
      {8, "0B 00", Reason::protocol_error},
      {3, "0B 00", Reason::protocol_error},
      {3, "0B 8000", Reason::malformed_packet},
      {3, "0B 8080808001", Reason::malformed_packet},
      {3, "23 0000", Reason::topic_alias_invalid},
      {0, "08 <a/#>", Reason::protocol_error},
      {3, "08 <+>", Reason::protocol_error},
      {1, "16 <d>", Reason::protocol_error},
      {2, "16 <d>", Reason::protocol_error},
      {15, "16 <d>", Reason::protocol_error},
      {3, "03 0002 C328", Reason::malformed_packet},
      {3, "08 0001 00", Reason::malformed_packet},
      {2, "12 0003 EDA080", Reason::malformed_packet},
      {1, "15 0001 FF", Reason::malformed_packet},
      {2, "1A 0001 FF", Reason::malformed_packet},
      {14, "1C 0001 FF", Reason::malformed_packet},
      {9, "1F 0001 FF", Reason::malformed_packet},
      {3, "26 0001 FF <v>", Reason::malformed_packet},
      {3, "26 <k> 0002 C080", Reason::malformed_packet},
  };
  for (const auto& one : cases) {
    for (const Place& place : kPlaces) {
      if (place.owner == one.owner) {
        EXPECT_EQ(name(verdict(place, one.items)), name(one.reason)) << one.items;
      }
    }
  }
}

TEST(Property, length_one_too_large_or_too_small_is_malformed) {
  for (const auto* notation : {"30 | <a> 03 01 01", "30 | <a> 01 01 01", "E0 | 00 06 11 00000000",
                               "E0 | 00 04 11 00000000", "82 | 0001 7F 0B 01 <a> 00"}) {
    const auto packet = decode(**frame(bytes(notation), kPacketSizeMax), Version::v5);
    ASSERT_FALSE(packet.has_value()) << notation;
    EXPECT_EQ(packet.error().reason, Reason::malformed_packet);
  }
}

TEST(Properties, are_read_by_id_and_in_order) {
  const ByteView block = bytes("26 <k> <v> 02 0000000A 03 <type> 09 0002 00FF 0B 05 0B 8001 26 <k> <w>");
  const auto decoded = decode_property_items(block, PropertyOwner::publish);
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ(decoded->number(Property::message_expiry_interval), 10u);
  EXPECT_EQ(decoded->text(Property::content_type), "type");
  EXPECT_EQ(as_text(*decoded->data(Property::correlation_data)), std::string_view("\0\xFF", 2));
  EXPECT_EQ(decoded->number(Property::subscription_identifier), 5u);
  EXPECT_EQ(decoded->number(Property::topic_alias), std::nullopt);
  EXPECT_EQ(decoded->text(Property::response_topic), std::nullopt);
  EXPECT_TRUE(decoded->has(Property::user_property));
  EXPECT_FALSE(decoded->has(Property::topic_alias));

  std::string order, raw;
  for (const PropertyItem& item : *decoded) {
    order += std::to_string(static_cast<int>(item.id)) + "=" + std::string(as_text(item.second)) + " ";
    raw += as_text(item.raw);
  }
  EXPECT_EQ(order, "38=v 2= 3= 9= 11= 11= 38=w ");
  EXPECT_EQ(raw, as_text(block));
}

TEST(Properties, may_be_none) {
  Reader reader(bytes("00 FF"));
  const auto decoded = decode_properties(reader, PropertyOwner::pubcomp);
  ASSERT_TRUE(decoded.has_value());
  EXPECT_TRUE(decoded->empty());
  EXPECT_TRUE(decoded->begin() == decoded->end());
  EXPECT_EQ(reader.left(), 1u);
}

TEST(Properties, written_are_the_ones_read) {
  Buffer to;
  PropertyWriter writer(to);
  writer.number(Property::payload_format_indicator, 1);
  writer.number(Property::topic_alias, 0x0102);
  writer.number(Property::message_expiry_interval, 0x01020304);
  writer.number(Property::subscription_identifier, 128);
  writer.text(Property::content_type, "text");
  writer.data(Property::correlation_data, bytes("00 FF"));
  writer.user("k", "v");
  EXPECT_EQ(as_text(to.view()),
            as_text(bytes("01 01 23 0102 02 01020304 0B 8001 03 <text> 09 0002 00FF 26 <k> <v>")));
  const Properties properties(to.view());
  EXPECT_EQ(properties.number(Property::topic_alias), 0x0102u);
}

}  // namespace

}  // namespace gaon::mqtt
