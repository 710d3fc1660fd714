#include "mqtt/entries.h"

#include "base/check.h"

namespace gaon::mqtt {

std::uint8_t options_of(const Subscription& subscription) {
  return static_cast<std::uint8_t>(static_cast<int>(subscription.retain_handling) << 4 |
                                   (subscription.retain_as_published ? 0x08 : 0) |
                                   (subscription.no_local ? 0x04 : 0) | static_cast<int>(subscription.qos));
}

void read_entry(Reader& reader, Subscription& entry) {
  entry.filter = as_text(reader.prefixed());
  const std::uint8_t options = reader.u8();
  entry.qos = static_cast<QoS>(options & 0x03);
  entry.no_local = (options & 0x04) != 0;
  entry.retain_as_published = (options & 0x08) != 0;
  entry.retain_handling = static_cast<RetainHandling>(options >> 4 & 0x03);
}

void read_entry(Reader& reader, std::string_view& filter) { filter = as_text(reader.prefixed()); }

template <class Entry>
Entries<Entry>::Entries(ByteView bytes) : bytes_(bytes) {
  Reader reader(bytes);
  Entry entry;
  for (; !reader.at_end(); ++size_) read_entry(reader, entry);
  CHECK(!reader.failed());
}

template class Entries<Subscription>;
template class Entries<std::string_view>;

void append_subscription(Buffer& to, const Subscription& subscription) {
  append_filter(to, subscription.filter);
  to.u8(options_of(subscription));
}

void append_filter(Buffer& to, std::string_view filter) {
  CHECK(filter.size() <= 0xFFFF);
  to.prefixed(as_bytes(filter));
}

}  // namespace gaon::mqtt
