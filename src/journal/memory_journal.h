// Keeps nothing: sessions live as long as the process. Safe on any thread.
#pragma once

#include "journal/journal.h"

namespace gaon::journal {

class MemoryJournal final : public Journal {
 public:
  bool keeps_records() const override { return false; }
  Position append(Buffer& records) override {
    records.clear();
    return 0;
  }
  Position durable() const override { return 0; }
};

}  // namespace gaon::journal
