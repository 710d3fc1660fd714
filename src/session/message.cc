#include "session/message.h"

#include <algorithm>
#include <limits>
#include <new>

#include "base/check.h"

namespace gaon {
namespace {

std::uint8_t* put(std::uint8_t* to, ByteView bytes) {
  if (!bytes.empty()) std::memcpy(to, bytes.data(), bytes.size());
  return to + bytes.size();
}

}  // namespace

Message Message::make(const MessageParts& parts) {
  CHECK(parts.topic.size() <= std::numeric_limits<std::uint16_t>::max());
  Message message;
  message.block_ =
      Shared::make(sizeof(Head) + parts.topic.size() + parts.properties.size() + parts.payload.size());
  std::uint8_t* at = message.block_.writable();
  new (at) Head{.deadline_ms = parts.deadline.time_since_epoch().count(),
                .id = parts.id,
                .publisher = parts.publisher,
                .properties_size = static_cast<std::uint32_t>(parts.properties.size()),
                .topic_size = static_cast<std::uint16_t>(parts.topic.size()),
                .qos = parts.qos,
                .retain = parts.retain,
                .is_will = parts.is_will};
  at = put(at + sizeof(Head), as_bytes(parts.topic));
  at = put(at, parts.properties);
  put(at, parts.payload);
  return message;
}

std::uint32_t Message::seconds_left(Time now) const {
  const std::int64_t left_ms = (deadline() - now).count();
  const std::int64_t rounded_up = (left_ms + 999) / 1000;
  return static_cast<std::uint32_t>(
      std::clamp<std::int64_t>(rounded_up, 1, std::numeric_limits<std::uint32_t>::max()));
}

}  // namespace gaon
