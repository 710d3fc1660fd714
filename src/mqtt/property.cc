#include "mqtt/property.h"

#include "base/check.h"
#include "mqtt/utf8.h"
#include "mqtt/varint.h"

namespace gaon::mqtt {

namespace {

// Takes the value of item.id from reader, its type checked and nothing else. Inlined
// into the loop over the items of every PUBLISH.
inline Decoded<void> read_value(Reader& reader, PropertyType type, PropertyItem& item) {
  switch (type) {
    case PropertyType::byte:
      item.number = reader.u8();
      break;
    case PropertyType::u16:
      item.number = reader.u16();
      break;
    case PropertyType::u32:
      item.number = reader.u32();
      break;
    case PropertyType::varint: {
      const auto number = read_varint(reader);
      if (!number) return std::unexpected(number.error());
      item.number = *number;
      break;
    }
    case PropertyType::text_pair:
      item.value = reader.prefixed();
      item.second = reader.prefixed();
      break;
    case PropertyType::text:
    case PropertyType::binary:
      item.value = reader.prefixed();
      break;
    case PropertyType::none:
      return malformed("there is no such property");
  }
  if (reader.failed()) return malformed("property runs past its block");
  return {};
}

// The next item; its raw bytes are what reader moved over.
inline Decoded<PropertyItem> read_item(Reader& reader) {
  const ByteView from = reader.rest();
  const std::uint8_t id = reader.u8();
  if (id >= kPropertyIds) return malformed("there is no such property");
  PropertyItem item{.id = static_cast<Property>(id)};
  if (auto read = read_value(reader, kPropertyRules[id].type, item); !read) {
    return std::unexpected(read.error());
  }
  item.raw = from.first(from.size() - reader.left());
  return item;
}

bool is_text(PropertyType type) { return type == PropertyType::text || type == PropertyType::text_pair; }

Decoded<void> check_value(const PropertyItem& item, const PropertyRule& rule) {
  // [MQTT-1.5.4-1] [MQTT-1.5.7-1] [MQTT-3.3.2-13] [MQTT-3.3.2-19]
  if (is_text(rule.type) && !(valid_utf8(as_text(item.value)) && valid_utf8(as_text(item.second)))) {
    return malformed("property is not valid UTF-8");
  }
  switch (rule.value) {
    case PropertyValue::any:
      return {};
    case PropertyValue::zero_or_one:
      // U5-3.1.2.11.6-a U5-3.2.2.3.4-b U5-3.3.2.3.2-a
      if (item.number > 1) return violation("property is neither 0 nor 1");
      return {};
    case PropertyValue::not_zero:
      // U5-3.1.2.11.3-a U5-3.1.2.11.4-a U5-3.3.2.3.8-a
      if (item.number == 0) return violation("property is 0");
      return {};
    case PropertyValue::topic_alias:
      // [MQTT-3.3.2-8]
      if (item.number == 0) return fault(Reason::topic_alias_invalid, "topic alias is 0");
      return {};
    case PropertyValue::topic_name:
      // [MQTT-3.3.2-14]
      if (as_text(item.value).find_first_of("+#") != std::string_view::npos) {
        return violation("response topic has wildcards");
      }
      return {};
  }
  return {};
}

constexpr std::uint64_t bit(Property id) { return std::uint64_t{1} << static_cast<int>(id); }

}  // namespace

Decoded<Properties> decode_property_items(ByteView bytes, PropertyOwner owner) {
  Properties properties;
  Reader reader(bytes);
  while (!reader.at_end()) {  // In any order: U5-2.2.2-c
    const auto id = static_cast<Property>(bytes[bytes.size() - reader.left()]);
    if (static_cast<std::size_t>(id) >= kPropertyIds || !rule(id).allowed_in(owner)) {
      return malformed("property is not allowed in its packet");  // U5-2.2.2-a
    }
    // U5-2.2.2-b, for the will too: U5-3.1.3.2-a
    if (properties.has(id) && !rule(id).repeats_in(owner)) return violation("property is repeated");
    const auto item = read_item(reader);
    if (!item) return std::unexpected(item.error());
    if (auto checked = check_value(*item, rule(id)); !checked) return std::unexpected(checked.error());
    properties.present_ |= bit(id);
  }
  if (properties.has(Property::authentication_data) && !properties.has(Property::authentication_method)) {
    return violation("authentication data without authentication method");  // U5-3.1.2.11.10-a
  }
  properties.bytes_ = bytes;
  return properties;
}

Decoded<Properties> decode_properties(Reader& reader, PropertyOwner owner) {
  const auto size = read_varint(reader);
  if (!size) return std::unexpected(size.error());
  if (*size == 0) return Properties();
  if (*size > reader.left()) return malformed("properties run past their packet");  // U5-2.4-a
  return decode_property_items(reader.take(*size), owner);
}

Properties::Properties(ByteView bytes) : bytes_(bytes) {
  for (const PropertyItem& item : *this) present_ |= bit(item.id);
}

std::optional<PropertyItem> Properties::find(Property id) const {
  if (!has(id)) return std::nullopt;
  for (const PropertyItem& item : *this) {
    if (item.id == id) return item;
  }
  return std::nullopt;
}

std::optional<std::uint32_t> Properties::number(Property id) const {
  const auto item = find(id);
  if (!item) return std::nullopt;
  return item->number;
}

std::optional<std::string_view> Properties::text(Property id) const {
  const auto item = find(id);
  if (!item) return std::nullopt;
  return as_text(item->value);
}

std::optional<ByteView> Properties::data(Property id) const {
  const auto item = find(id);
  if (!item) return std::nullopt;
  return item->value;
}

PropertyIterator& PropertyIterator::operator++() {
  done_ = rest_.empty();
  if (done_) return *this;
  Reader reader(rest_);
  const auto item = read_item(reader);
  CHECK(item.has_value());
  item_ = *item;
  rest_ = reader.rest();
  return *this;
}

}  // namespace gaon::mqtt
