// What a broker has on disk, opened: its journal with the thread that writes it, and
// what the records of earlier lives come to. One for the process.
#pragma once

#include <atomic>
#include <memory>

#include "base/hash.h"
#include "base/result.h"
#include "broker/broker.h"
#include "broker/config.h"
#include "broker/image.h"
#include "journal/file_disk.h"
#include "journal/log.h"
#include "journal/memory_journal.h"
#include "journal/writer.h"

namespace gaon::app {

std::uint64_t random_number();

class Storage {
 public:
  // Errors name the directory or file, and what to do.
  static Result<std::unique_ptr<Storage>> open(const broker::Config& config, bool salvage);
  ~Storage() { writer_.reset(); }

  journal::Journal& journal() { return log_ ? static_cast<journal::Journal&>(*log_) : memory_; }
  HashSeed seed() const { return seed_; }
  std::uint16_t incarnation() const { return incarnation_; }

  // Gives the broker, which must outlive stop(), what was there, and begins to write.
  void restore_into(broker::Broker& broker, Time now);
  // Writes what is left; an error if the journal failed at some time.
  Result<void> stop();

 private:
  Storage() = default;
  Result<void> open_log(const broker::Config& config, bool salvage);
  void on_health(journal::Health health);

  journal::MemoryJournal memory_;
  std::unique_ptr<journal::FileDisk> disk_;
  std::unique_ptr<journal::Log> log_;
  std::unique_ptr<journal::Writer> writer_;
  std::unique_ptr<broker::Image> image_;
  std::atomic<broker::Broker*> broker_{nullptr};
  std::chrono::steady_clock::time_point began_;
  HashSeed seed_;
  std::uint16_t incarnation_ = 0;
};

}  // namespace gaon::app
