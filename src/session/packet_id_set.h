// A set of packet ids: a short list while it is short, a bitmap of 8 KB beyond.
#pragma once

#include <algorithm>
#include <bitset>
#include <cstdint>
#include <memory>
#include <vector>

namespace gaon {

class PacketIdSet {
 public:
  bool contains(std::uint16_t id) const {
    if (bits_) return bits_->test(id);
    return std::find(few_.begin(), few_.end(), id) != few_.end();
  }

  // False if it was there.
  bool insert(std::uint16_t id) {
    if (contains(id)) return false;
    if (!bits_ && few_.size() < kFew) {
      few_.push_back(id);
    } else {
      if (!bits_) spread();
      bits_->set(id);
    }
    ++size_;
    return true;
  }

  // False if it was not there.
  bool erase(std::uint16_t id) {
    if (bits_) {
      if (!bits_->test(id)) return false;
      bits_->reset(id);
    } else {
      const auto at = std::find(few_.begin(), few_.end(), id);
      if (at == few_.end()) return false;
      *at = few_.back();
      few_.pop_back();
    }
    if (--size_ == 0) bits_.reset();
    return true;
  }

  std::size_t size() const { return size_; }

  // f(id) for each, in no order.
  template <class F>
  void for_each(F&& f) const {
    for (const std::uint16_t id : few_) f(id);
    if (!bits_) return;
    for (unsigned id = 0; id < 65'536; ++id) {
      if (bits_->test(id)) f(static_cast<std::uint16_t>(id));
    }
  }

 private:
  static constexpr std::size_t kFew = 32;

  void spread() {
    bits_ = std::make_unique<std::bitset<65'536>>();
    for (const std::uint16_t id : few_) bits_->set(id);
    few_ = {};
  }

  std::vector<std::uint16_t> few_;
  std::unique_ptr<std::bitset<65'536>> bits_;
  std::uint32_t size_ = 0;
};

}  // namespace gaon
