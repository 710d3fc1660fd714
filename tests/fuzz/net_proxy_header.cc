// Headers of the PROXY protocol: what is complete was so at no shorter length, and what
// follows it does not matter.
#include <cstdint>

#include "base/check.h"
#include "net/proxy_header.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using gaon::net::ProxyHeader;
  using gaon::net::read_proxy_header;
  const gaon::ByteView bytes{data, size};
  const ProxyHeader header = read_proxy_header(bytes);
  if (header.status == ProxyHeader::Status::malformed) {
    CHECK(!header.why.empty());
    return 0;
  }
  // Nothing that is bounded stays incomplete.
  CHECK(header.status == ProxyHeader::Status::complete || size < ProxyHeader::kSizeMax);
  if (header.status == ProxyHeader::Status::incomplete) return 0;
  CHECK(header.size > 0 && header.size <= size);
  CHECK(read_proxy_header(bytes.first(header.size)).status == ProxyHeader::Status::complete);
  CHECK(read_proxy_header(bytes.first(header.size - 1)).status == ProxyHeader::Status::incomplete);
  return 0;
}
