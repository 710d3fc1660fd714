// The payloads of SUBSCRIBE and UNSUBSCRIBE, read where they lie.
//   subscription = filter:string options:u8      filter = string
//   options, bit 7 to 0: reserved (2), retain handling (2), retain as published,
//   no local, QoS (2); before MQTT 5 only the QoS
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string_view>

#include "base/buffer.h"
#include "base/bytes.h"
#include "mqtt/version.h"

namespace gaon::mqtt {

enum class RetainHandling : std::uint8_t { send, send_if_new, do_not_send };

struct Subscription {
  std::string_view filter{};
  QoS qos = QoS::at_most_once;
  bool no_local = false;
  bool retain_as_published = false;
  RetainHandling retain_handling = RetainHandling::send;

  bool operator==(const Subscription&) const = default;
};

std::uint8_t options_of(const Subscription& subscription);

// The next entry; reader fails if it is cut off.
void read_entry(Reader& reader, Subscription& entry);
void read_entry(Reader& reader, std::string_view& filter);

// Entries of a payload that is known to be well-formed. A view: valid as long as the
// bytes are.
template <class Entry>
class Entries {
 public:
  class Iterator {
   public:
    using value_type = Entry;
    using difference_type = std::ptrdiff_t;

    explicit Iterator(ByteView bytes) : rest_(bytes) { ++*this; }

    const Entry& operator*() const { return entry_; }
    const Entry* operator->() const { return &entry_; }
    Iterator& operator++() {
      Reader reader(rest_);
      done_ = reader.at_end();
      if (!done_) read_entry(reader, entry_);
      rest_ = reader.rest();
      return *this;
    }
    void operator++(int) { ++*this; }
    bool operator==(std::default_sentinel_t) const { return done_; }

   private:
    ByteView rest_;
    Entry entry_{};
    bool done_ = false;
  };

  Entries() = default;
  // Of bytes that were checked or that we made ourselves; ill-formed ones end the process.
  explicit Entries(ByteView bytes);

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  ByteView bytes() const { return bytes_; }
  Iterator begin() const { return Iterator(bytes_); }
  std::default_sentinel_t end() const { return {}; }

 private:
  ByteView bytes_;
  std::size_t size_ = 0;
};

using SubscriptionList = Entries<Subscription>;
using FilterList = Entries<std::string_view>;

// Appends an entry to bytes that will make a SubscriptionList or a FilterList.
void append_subscription(Buffer& to, const Subscription& subscription);
void append_filter(Buffer& to, std::string_view filter);

}  // namespace gaon::mqtt
