// What it costs to store and to read back: batches of 256 records of 250 bytes, on a real
// directory (TMPDIR). The CPU time is the one to look at; the rest is the disk's.
#include <benchmark/benchmark.h>
#include <stdlib.h>

#include <filesystem>
#include <string>
#include <vector>

#include "journal/crc32c.h"
#include "journal/file_disk.h"
#include "journal/log.h"

namespace {

using namespace gaon;
using namespace gaon::journal;

constexpr std::int64_t kRecords = 256;
constexpr std::size_t kRecordBytes = 250;

class Directory {
 public:
  Directory() {
    path_ = (std::filesystem::temp_directory_path() / "gaon_bench_XXXXXX").string();
    if (mkdtemp(path_.data()) == nullptr) std::abort();
  }
  ~Directory() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

std::unique_ptr<Log> open(Disk& disk, Durability durability, std::size_t& records) {
  auto log = Log::open(disk, {.durability = durability}, [&](ByteView batch, Place) {
    records += batch.size() / kRecordBytes;
    return true;
  });
  if (!log) std::abort();
  return std::move(*log);
}

void append_batch(Log& log, Buffer& buffer) {
  static const std::vector<std::uint8_t> record(kRecordBytes, 'x');
  for (int i = 0; i < kRecords; ++i) buffer.append(record);
  log.append(buffer);
}

void append_and_step(benchmark::State& state) {
  const Directory directory;
  FileDisk disk(directory.path());
  std::size_t records = 0;
  const auto log = open(disk, static_cast<Durability>(state.range(0)), records);
  Buffer buffer;
  for (auto _ : state) {
    append_batch(*log, buffer);
    log->step();
    log->drop_before(log->current_segment());
  }
  state.SetItemsProcessed(state.iterations() * kRecords);
}
BENCHMARK(append_and_step)->ArgName("written")->Arg(0)->Arg(1)->UseRealTime();

void open_a_million_records(benchmark::State& state) {
  const Directory directory;
  {
    FileDisk disk(directory.path());
    std::size_t none = 0;
    const auto log = open(disk, Durability::written, none);
    Buffer buffer;
    for (int i = 0; i < 1'000'000 / kRecords; ++i) {
      append_batch(*log, buffer);
      log->step();
    }
  }
  std::size_t records = 0;
  for (auto _ : state) {
    FileDisk disk(directory.path());
    open(disk, Durability::synced, records);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(records));
  state.SetBytesProcessed(static_cast<std::int64_t>(records * kRecordBytes));
}
BENCHMARK(open_a_million_records)->Unit(benchmark::kMillisecond)->Iterations(10)->UseRealTime();

void checksum(benchmark::State& state) {
  const std::vector<std::uint8_t> bytes(static_cast<std::size_t>(state.range(1)), 'x');
  const auto sum = state.range(0) == 0 ? &crc32c : &crc32c_by_table;
  for (auto _ : state) benchmark::DoNotOptimize(sum(bytes, 0));
  state.SetBytesProcessed(state.iterations() * state.range(1));
}
BENCHMARK(checksum)->ArgNames({"table", "size"})->ArgsProduct({{0, 1}, {250, 64000}});

}  // namespace

BENCHMARK_MAIN();
