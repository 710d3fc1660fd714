// The header of the PROXY protocol, by which a proxy tells whose connection it passes on.
//
//   v1 = "PROXY " ( "TCP4" | "TCP6" ) " " source " " destination " " port " " port CRLF
//      | "PROXY UNKNOWN" … CRLF                                   at most 107 bytes
//   v2 = signature:12 version_command:8 family:8 size:u16 addresses tlv*
//   tlv = type:8 size:u16 …           0x02 the name asked for (SNI), 0x20 TLS
//   0x20 = client:8 verify:u32 tlv*   0x21 version, 0x22 CN, 0x23 cipher
#pragma once

#include <string_view>

#include "base/bytes.h"
#include "net/filter.h"

namespace gaon::net {

struct ProxyHeader {
  static constexpr std::size_t kSizeMax = 4096;

  enum class Status : std::uint8_t { incomplete, complete, malformed };
  Status status = Status::incomplete;
  std::size_t size = 0;    // of the header, when complete
  PeerFacts facts = {};    // nothing in them if the proxy speaks for itself
  std::string_view why{};  // when malformed
};

// bytes: what came so far, from the start.
ProxyHeader read_proxy_header(ByteView bytes);

}  // namespace gaon::net
