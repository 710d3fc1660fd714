// Whether two packets say the same, for tests and fuzzers. Views are compared by what
// they show.
#pragma once

#include <tuple>

#include "mqtt/packet.h"

namespace gaon::mqtt {

namespace same_detail {

inline std::string_view shown(ByteView bytes) { return as_text(bytes); }
inline std::string_view shown(const Properties& properties) { return as_text(properties.bytes()); }

inline auto fields(const Will& p) {
  return std::tuple(p.topic, shown(p.payload), p.qos, p.retain, shown(p.properties));
}
inline auto fields(const Connect& p) {
  const auto will = p.will ? std::optional(fields(*p.will)) : std::nullopt;
  const auto password = p.password ? std::optional(shown(*p.password)) : std::nullopt;
  return std::tuple(p.version, p.clean_start, p.keep_alive_s, p.client_id, will, p.user_name, password,
                    shown(p.properties));
}
inline auto fields(const Connack& p) { return std::tuple(p.session_present, p.reason, shown(p.properties)); }
inline auto fields(const Publish& p) {
  return std::tuple(p.dup, p.qos, p.retain, p.topic, p.packet_id, shown(p.properties), shown(p.payload));
}
inline auto fields(const Subscribe& p) {
  return std::tuple(p.packet_id, shown(p.properties), shown(p.subscriptions.bytes()), p.subscriptions.size());
}
inline auto fields(const Unsubscribe& p) {
  return std::tuple(p.packet_id, shown(p.properties), shown(p.filters.bytes()), p.filters.size());
}
inline auto fields(const Suback& p) { return std::tuple(p.packet_id, shown(p.properties), shown(p.reasons)); }
inline auto fields(const Unsuback& p) {
  return std::tuple(p.packet_id, shown(p.properties), shown(p.reasons));
}
inline auto fields(const Pingreq&) { return std::tuple(); }
inline auto fields(const Pingresp&) { return std::tuple(); }
inline auto fields(const Disconnect& p) { return std::tuple(p.reason, shown(p.properties)); }
inline auto fields(const Auth& p) { return std::tuple(p.reason, shown(p.properties)); }
template <class Ack>
auto fields(const Ack& p) {
  return std::tuple(p.packet_id, p.reason, shown(p.properties));
}

}  // namespace same_detail

inline bool same(const Packet& a, const Packet& b) {
  if (a.index() != b.index()) return false;
  return std::visit(
      [&](const auto& one) {
        using T = std::decay_t<decltype(one)>;
        return same_detail::fields(one) == same_detail::fields(std::get<T>(b));
      },
      a);
}

}  // namespace gaon::mqtt
