// The fields that several packets have, as the decoder takes them from a body.
#pragma once

#include <string_view>

#include "base/bytes.h"
#include "mqtt/reason.h"
#include "mqtt/utf8.h"
#include "mqtt/version.h"

namespace gaon::mqtt {

inline Decoded<std::string_view> read_text(Reader& reader, const char* what_if_invalid) {
  const std::string_view text = as_text(reader.prefixed());
  if (reader.failed()) return malformed("packet ends inside a string");
  if (!valid_utf8(text)) return malformed(what_if_invalid);  // [MQTT-1.5.4-1]
  return text;
}

inline Decoded<ByteView> read_binary(Reader& reader) {
  const ByteView bytes = reader.prefixed();
  if (reader.failed()) return malformed("packet ends inside binary data");
  return bytes;
}

inline Decoded<std::uint16_t> read_packet_id(Reader& reader) {
  const std::uint16_t id = reader.u16();
  if (reader.failed()) return malformed("packet ends inside its packet identifier");
  if (id == 0) return violation("packet identifier is 0");  // [MQTT-2.2.1-3]
  return id;
}

// [MQTT-3.4.2-1] [MQTT-3.5.2-1] [MQTT-3.6.2-1] [MQTT-3.7.2-1]: an unlisted code is a protocol error.
inline Decoded<Reason> read_reason(Reader& reader, PacketType type) {
  const auto reason = static_cast<Reason>(reader.u8());
  if (reader.failed()) return malformed("packet ends before its reason code");
  if (!allowed_in(type, reason)) return violation("reason code is not allowed in its packet");
  return reason;
}

// Nothing may follow the last field. (U5-2.1.4-a, U311-2.2.3-b)
inline Decoded<void> read_end(const Reader& reader) {
  if (!reader.at_end()) return malformed("bytes after the last field");
  return {};
}

inline bool has_wildcards(std::string_view topic) {
  return topic.find('+') != std::string_view::npos || topic.find('#') != std::string_view::npos;
}

}  // namespace gaon::mqtt
