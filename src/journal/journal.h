// The seam to the durable log. A worker hands over the records of its tick and asks
// how far the log is safe; what it owes to peers is released in that order.
// One for the process; append() and durable() may be called from every worker.
#pragma once

#include <cstdint>

#include "base/buffer.h"

namespace gaon::journal {

// A place in the log: everything up to it was appended before.
using Position = std::uint64_t;

class Journal {
 public:
  virtual ~Journal() = default;

  // Whether records are wanted at all; if not, nobody needs to write them.
  virtual bool keeps_records() const = 0;
  // Takes the records of one tick (whole records, left empty) and says where they end.
  virtual Position append(Buffer& records) = 0;
  // Up to where the log would survive whatever its durability promises.
  virtual Position durable() const = 0;
};

}  // namespace gaon::journal
