// The records in a journal as a table of their grammar (broker/records.h), to name, count
// and check them. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "broker/records.h"

namespace gaon::app {

struct RecordShape {
  broker::RecordKind kind;
  std::string_view name;
  std::string_view fields;  // a letter each; journal_records.cc says which
};

std::span<const RecordShape> record_shapes();
// Null if there is no such kind.
const RecordShape* shape_of(broker::RecordKind kind);

struct RecordFault {
  std::uint32_t offset = 0;  // of the record in its batch
  std::string what;
};

// What is wrong with a batch: records that are cut off, of a kind that does not exist, not
// shaped as the grammar says, or about a message that is not there.
std::vector<RecordFault> record_faults(ByteView batch);

}  // namespace gaon::app
