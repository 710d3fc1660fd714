#include "journal/memory_disk.h"

#include <algorithm>
#include <cerrno>
#include <set>

#include "base/check.h"

namespace gaon::journal {

namespace {

bool chance(MemoryDisk::Random& random) { return (random() & 1) != 0; }

std::size_t below(MemoryDisk::Random& random, std::size_t end) {
  return static_cast<std::size_t>(random() % end);
}

}  // namespace

void MemoryDisk::set_faults(const Faults& faults) {
  const std::lock_guard lock(mutex_);
  faults_ = faults;
  since_ = counts_;
}

MemoryDisk::Counts MemoryDisk::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

std::uint64_t MemoryDisk::used() const {
  const std::lock_guard lock(mutex_);
  return used_locked();
}

std::uint64_t MemoryDisk::used_locked() const {
  std::uint64_t used = 0;
  for (const auto& [name, at] : history_.back()) used += contents_.at(at).now.size();
  return used;
}

int MemoryDisk::change() {
  ++counts_.changes;
  return counts_.changes - since_.changes >= faults_.power_fails_at ? EIO : 0;
}

void MemoryDisk::crash(Random& random) {
  const std::lock_guard lock(mutex_);
  const Names before = history_.front();
  history_.resize(1 + below(random, history_.size()));
  for (const auto& [name, at] : before) {
    const auto has_name = [content = at](const auto& entry) { return entry.second == content; };
    if (std::ranges::none_of(history_.back(), has_name) && chance(random)) history_.back().emplace(name, at);
  }
  history_.erase(history_.begin(), history_.end() - 1);
  for (auto& [at, content] : contents_) lose(content, random);
  open_.clear();
  faults_ = Faults{};
  since_ = counts_;
}

void MemoryDisk::lose(Content& content, Random& random) {
  switch (random() % 4) {
    case 0:  // All that was not synced.
      content.now = content.synced;
      break;
    case 1:  // Nothing.
      break;
    case 2: {  // Some sectors.
      const std::size_t size = chance(random) ? content.now.size() : content.synced.size();
      content.now.resize(std::max(size, content.now.size()));
      content.synced.resize(content.now.size());
      for (std::size_t at = 0; at < content.now.size(); at += kSector) {
        if (chance(random)) continue;
        const std::size_t end = std::min(at + kSector, content.now.size());
        std::copy(content.synced.begin() + static_cast<std::ptrdiff_t>(at),
                  content.synced.begin() + static_cast<std::ptrdiff_t>(end),
                  content.now.begin() + static_cast<std::ptrdiff_t>(at));
      }
      content.now.resize(size);
      break;
    }
    default:  // The end of the disk's last write.
      if (content.last_number == last_write_ && !content.last_before.empty()) {
        const std::size_t kept = below(random, content.last_before.size());
        for (std::size_t i = kept; i < content.last_before.size(); ++i) {
          if (content.last_at + i < content.now.size())
            content.now[content.last_at + i] = content.last_before[i];
        }
      }
      break;
  }
  content.synced = content.now;
  content.last_before.clear();
}

std::vector<std::uint8_t> MemoryDisk::content(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const auto at = history_.back().find(name);
  CHECK(at != history_.back().end());
  return contents_.at(at->second).now;
}

bool MemoryDisk::has(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  return history_.back().contains(name);
}

void MemoryDisk::set_content(const std::string& name, std::vector<std::uint8_t> bytes) {
  const std::lock_guard lock(mutex_);
  Content& content = contents_[next_content_];
  content.now = content.synced = std::move(bytes);
  for (Names& names : history_) names[name] = next_content_;
  ++next_content_;
}

void MemoryDisk::damage(const std::string& name, std::size_t at) {
  const std::lock_guard lock(mutex_);
  contents_.at(history_.back().at(name)).now.at(at) ^= 0x10;
}

Result<void> MemoryDisk::take() { return {}; }

Outcome<std::vector<std::string>> MemoryDisk::list() {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [name, at] : history_.back()) names.push_back(name);
  return names;
}

Outcome<Disk::Handle> MemoryDisk::open(const std::string& name, Access access) {
  const std::lock_guard lock(mutex_);
  if (faults_.open_error != 0) return std::unexpected(faults_.open_error);
  const auto at = history_.back().find(name);
  std::size_t content = 0;
  if (access == Access::create) {
    if (const int error = change()) return std::unexpected(error);
    if (at != history_.back().end()) return std::unexpected(EEXIST);
    content = next_content_++;
    contents_[content];
    Names names = history_.back();
    names[name] = content;
    history_.push_back(std::move(names));
  } else {
    if (at == history_.back().end()) return std::unexpected(ENOENT);
    content = at->second;
  }
  open_[next_handle_] = content;
  return next_handle_++;
}

void MemoryDisk::close(Handle file) {
  const std::lock_guard lock(mutex_);
  open_.erase(file);
}

int MemoryDisk::rename(const std::string& from, const std::string& to) {
  const std::lock_guard lock(mutex_);
  if (const int error = change()) return error;
  Names names = history_.back();
  const auto at = names.find(from);
  if (at == names.end()) return ENOENT;
  names[to] = at->second;
  names.erase(from);
  history_.push_back(std::move(names));
  return 0;
}

int MemoryDisk::remove(const std::string& name) {
  const std::lock_guard lock(mutex_);
  if (const int error = change()) return error;
  Names names = history_.back();
  if (names.erase(name) == 0) return ENOENT;
  history_.push_back(std::move(names));
  return 0;
}

int MemoryDisk::sync_directory() {
  const std::lock_guard lock(mutex_);
  if (const int error = change()) return error;
  ++counts_.directory_syncs;
  history_.erase(history_.begin(), history_.end() - 1);
  forget_removed();
  return 0;
}

void MemoryDisk::forget_removed() {
  std::set<std::size_t> wanted;
  for (const auto& [name, at] : history_.back()) wanted.insert(at);
  for (const auto& [handle, at] : open_) wanted.insert(at);
  std::erase_if(contents_, [&](const auto& entry) { return !wanted.contains(entry.first); });
}

MemoryDisk::Content* MemoryDisk::content_of(Handle file) {
  const auto at = open_.find(file);
  // After a crash an old handle leads nowhere.
  return at == open_.end() ? nullptr : &contents_.at(at->second);
}

Outcome<std::uint64_t> MemoryDisk::size(Handle file) {
  const std::lock_guard lock(mutex_);
  const Content* content = content_of(file);
  if (content == nullptr) return std::unexpected(EBADF);
  return content->now.size();
}

Outcome<std::size_t> MemoryDisk::read_at(Handle file, std::uint64_t at, std::span<std::uint8_t> into) {
  const std::lock_guard lock(mutex_);
  const Content* content = content_of(file);
  if (content == nullptr) return std::unexpected(EBADF);
  if (at >= content->now.size()) return 0;
  const std::size_t size = std::min<std::size_t>(into.size(), content->now.size() - at);
  if (size > 0) std::memcpy(into.data(), content->now.data() + at, size);
  return size;
}

Outcome<std::size_t> MemoryDisk::write_at(Handle file, std::uint64_t at, std::span<const iovec> pieces) {
  const std::lock_guard lock(mutex_);
  Content* content = content_of(file);
  if (content == nullptr) return std::unexpected(EBADF);
  const int error = change();
  ++counts_.writes;
  if (counts_.writes - since_.writes == faults_.write_fails_at) return std::unexpected(EIO);
  if (error != 0) return std::unexpected(error);

  Bytes bytes;
  for (const iovec& piece : pieces) {
    const auto* from = static_cast<const std::uint8_t*>(piece.iov_base);
    bytes.insert(bytes.end(), from, from + piece.iov_len);
  }
  bytes.resize(std::min(bytes.size(), faults_.write_max));
  if (faults_.write_room != kNever) {
    const std::uint64_t taken = counts_.bytes - since_.bytes;
    if (taken >= faults_.write_room) return std::unexpected(ENOSPC);
    bytes.resize(std::min<std::uint64_t>(bytes.size(), faults_.write_room - taken));
  }
  const std::size_t end = at + bytes.size();
  if (end > content->now.size()) {
    if (used_locked() + (end - content->now.size()) > faults_.room) return std::unexpected(ENOSPC);
    content->now.resize(end);
  }
  const auto place = content->now.begin() + static_cast<std::ptrdiff_t>(at);
  content->last_before.assign(place, place + static_cast<std::ptrdiff_t>(bytes.size()));
  content->last_at = at;
  content->last_number = ++last_write_;
  std::copy(bytes.begin(), bytes.end(), place);
  counts_.bytes += bytes.size();
  return bytes.size();
}

int MemoryDisk::preallocate(Handle file, std::uint64_t size) {
  const std::lock_guard lock(mutex_);
  Content* content = content_of(file);
  if (content == nullptr) return EBADF;
  if (const int error = change()) return error;
  if (size <= content->now.size()) return 0;
  if (used_locked() + (size - content->now.size()) > faults_.room) return ENOSPC;
  content->now.resize(size);
  return 0;
}

int MemoryDisk::truncate(Handle file, std::uint64_t size) {
  const std::lock_guard lock(mutex_);
  Content* content = content_of(file);
  if (content == nullptr) return EBADF;
  if (const int error = change()) return error;
  content->now.resize(size);
  return 0;
}

int MemoryDisk::sync(Handle file) {
  const std::lock_guard lock(mutex_);
  Content* content = content_of(file);
  if (content == nullptr) return EBADF;
  const int error = change();
  ++counts_.syncs;
  if (counts_.syncs - since_.syncs == faults_.sync_fails_at) return EIO;
  if (error != 0) return error;
  content->synced = content->now;
  content->last_before.clear();
  return 0;
}

}  // namespace gaon::journal
