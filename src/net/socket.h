// One connection as the worker sees it. Made, owned and recycled by the Backend,
// at an address that does not change; used by the worker's thread only.
#pragma once

#include "base/output.h"

namespace gaon::net {

struct Socket {
  Output output;         // What the worker encodes into; see Backend::send().
  void* user = nullptr;  // The worker's connection; the backend never looks at it.
  // Set by the worker: nothing is written until it is cleared and Backend::send() is said
  // again, and what still waits at close() is thrown away.
  bool corked = false;
  // Of a FilteredBackend: the worker's end of a connection with filters, or the one below
  // it, whose user is the worker's end.
  bool filtered = false;
  bool carries = false;
};

}  // namespace gaon::net
