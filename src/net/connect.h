// The client's side: opens a connection. Blocks; for tools, the client library and
// tests, never for a worker.
#pragma once

#include "base/result.h"
#include "base/time.h"
#include "net/address.h"

namespace gaon::net {

// A connected, non-blocking descriptor (TCP without delay) that the caller owns. Tries
// all addresses of a name, within timeout in all; looking up the name comes on top. The
// error names the address and the cause.
Result<int> connect_to(const Url& url, Duration timeout);

}  // namespace gaon::net
