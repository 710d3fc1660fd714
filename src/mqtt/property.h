// A block of MQTT 5 properties: checked once, then read where it lies.
//   block = length:varint item*      item = id:u8 value, by the type of the id
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>

#include "base/buffer.h"
#include "base/bytes.h"
#include "mqtt/property_table.h"
#include "mqtt/reason.h"

namespace gaon::mqtt {

struct PropertyItem {
  Property id{};
  std::uint32_t number = 0;  // byte, u16, u32, varint
  ByteView value{};          // text, binary; of a user property the name
  ByteView second{};         // of a user property the value
  ByteView raw{};            // the whole item, id included
};

class PropertyIterator {
 public:
  using value_type = PropertyItem;
  using difference_type = std::ptrdiff_t;

  explicit PropertyIterator(ByteView bytes) : rest_(bytes) { ++*this; }

  const PropertyItem& operator*() const { return item_; }
  const PropertyItem* operator->() const { return &item_; }
  PropertyIterator& operator++();
  void operator++(int) { ++*this; }
  bool operator==(std::default_sentinel_t) const { return done_; }

 private:
  ByteView rest_;
  PropertyItem item_{};
  bool done_ = false;
};

// The items of a block that is known to be well-formed, without their length. A view:
// valid as long as the bytes are. Asking for what is absent costs one test of a bit.
class Properties {
 public:
  Properties() = default;
  // Of bytes we made ourselves; ill-formed ones end the process.
  explicit Properties(ByteView bytes);

  bool empty() const { return bytes_.empty(); }
  ByteView bytes() const { return bytes_; }
  bool has(Property id) const { return (present_ >> static_cast<int>(id) & 1) != 0; }

  // The first property of that id. Each is for its own kinds of value only.
  std::optional<std::uint32_t> number(Property id) const;
  std::optional<std::string_view> text(Property id) const;
  std::optional<ByteView> data(Property id) const;

  PropertyIterator begin() const { return PropertyIterator(bytes_); }
  std::default_sentinel_t end() const { return {}; }

 private:
  friend Decoded<Properties> decode_property_items(ByteView bytes, PropertyOwner owner);

  std::optional<PropertyItem> find(Property id) const;

  ByteView bytes_;
  std::uint64_t present_ = 0;  // bit n: property n is there
};

// The items of a block, checked against the table for their owner.
Decoded<Properties> decode_property_items(ByteView bytes, PropertyOwner owner);
// Takes a block with its length from reader. Whether a client may send it is not
// looked at: a server has to refuse Subscription Identifier in PUBLISH itself.
Decoded<Properties> decode_properties(Reader& reader, PropertyOwner owner);

// Appends items to a Buffer, whose bytes then make Properties. Writes what it is
// told: the kind must be that of the table, texts valid, lengths at most 65,535.
class PropertyWriter {
 public:
  explicit PropertyWriter(Buffer& to) : to_(to) {}

  void number(Property id, std::uint32_t value);
  void text(Property id, std::string_view value);
  void data(Property id, ByteView value);
  void user(std::string_view name, std::string_view value);

 private:
  Buffer& to_;
};

}  // namespace gaon::mqtt
