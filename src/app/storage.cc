#include "app/storage.h"

#include <signal.h>
#include <unistd.h>

#include <random>

#include "base/log.h"

namespace gaon::app {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kProgressEvery{1000};

}  // namespace

std::uint64_t random_number() {
  std::random_device device;
  return (std::uint64_t{device()} << 32) | device();
}

Result<std::unique_ptr<Storage>> Storage::open(const broker::Config& config, bool salvage) {
  std::unique_ptr<Storage> storage(new Storage);
  if (config.storage.durability != broker::Durability::none) {
    TRY(storage->open_log(config, salvage));
    return storage;
  }
  storage->seed_ = {random_number(), random_number()};
  storage->incarnation_ = static_cast<std::uint16_t>(random_number());
  log(LogLevel::warning, "storage.durability is none: nothing survives a restart");
  return storage;
}

Result<void> Storage::open_log(const broker::Config& config, bool salvage) {
  began_ = Clock::now();
  disk_ = std::make_unique<journal::FileDisk>(config.data_dir);
  image_ = std::make_unique<broker::Image>();
  journal::LogOptions options{.segment_bytes = config.storage.segment_bytes,
                              .durability = config.storage.durability == broker::Durability::synced
                                                ? journal::Durability::synced
                                                : journal::Durability::written,
                              .salvage = salvage,
                              .seed_low = random_number(),
                              .seed_high = random_number(),
                              .on_durable =
                                  [this] {
                                    if (broker::Broker* broker = broker_.load(std::memory_order_acquire))
                                      broker->journal_moved();
                                  },
                              .on_health = [this](journal::Health health) { on_health(health); }};
  auto told = began_;
  const auto apply = [this](ByteView records, journal::Place begin) { return image_->apply(records, begin); };
  const auto progress = [&](std::uint64_t done, std::uint64_t all) {
    if (Clock::now() - told < kProgressEvery) return;
    told = Clock::now();
    log(LogLevel::info,
        "reading the journal: " + std::to_string(done >> 20) + " of " + std::to_string(all >> 20) + " MiB");
  };
  auto opened = journal::Log::open(*disk_, std::move(options), apply, progress);
  if (!opened) return std::unexpected(opened.error());
  log_ = std::move(*opened);
  seed_ = {log_->identity().seed_low, log_->identity().seed_high};
  incarnation_ = log_->identity().incarnation;
  return {};
}

void Storage::restore_into(broker::Broker& broker, Time now) {
  if (!log_) return;
  const broker::Broker::Restored restored = broker.restore(std::move(*image_), now);
  image_.reset();
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - began_);
  log(LogLevel::info, "restored " + std::to_string(restored.sessions) + " sessions, " +
                          std::to_string(restored.messages) + " messages, " +
                          std::to_string(restored.retained) + " retained in " + std::to_string(took.count()) +
                          " ms");
  broker_.store(&broker, std::memory_order_release);
  writer_ = std::make_unique<journal::Writer>(*log_);
}

// On the writer's thread.
void Storage::on_health(journal::Health health) {
  switch (health) {
    case journal::Health::good:
      log(LogLevel::info, "the journal has room again");
      break;
    case journal::Health::full:
      log(LogLevel::error, "no room for the journal: what must be kept is refused until there is");
      break;
    case journal::Health::failed:
      log(LogLevel::error, "the journal failed: " + log_->why_failed());
      kill(getpid(), SIGTERM);  // The same way out as when asked to.
      break;
  }
}

Result<void> Storage::stop() {
  broker_.store(nullptr, std::memory_order_release);
  writer_.reset();
  if (log_ && log_->health() == journal::Health::failed) {
    return std::unexpected(Error{"stopped, because the journal failed: " + log_->why_failed()});
  }
  return {};
}

}  // namespace gaon::app
