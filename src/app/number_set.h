// Which of the numbers 0, 1, 2, … occurred: a bit each, so a million cost 122 KiB.
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

namespace gaon::app {

class NumberSet {
 public:
  // False: it was there already.
  bool insert(std::uint64_t number) {
    const std::size_t word = number / 64;
    if (word >= words_.size()) words_.resize(word + 1);
    const std::uint64_t bit = std::uint64_t{1} << (number % 64);
    const bool fresh = (words_[word] & bit) == 0;
    words_[word] |= bit;
    return fresh;
  }
  bool contains(std::uint64_t number) const {
    return number / 64 < words_.size() && (words_[number / 64] >> (number % 64) & 1) != 0;
  }

  // Calls with each number, in order, that is here and not in the other.
  template <class Call>
  void each_not_in(const NumberSet& other, Call call) const {
    for (std::size_t word = 0; word < words_.size(); ++word) {
      for (std::uint64_t left = without(other, word); left != 0; left &= left - 1) {
        call(word * 64 + static_cast<std::uint64_t>(std::countr_zero(left)));
      }
    }
  }
  std::uint64_t count_not_in(const NumberSet& other) const {
    std::uint64_t count = 0;
    for (std::size_t word = 0; word < words_.size(); ++word) {
      count += static_cast<std::uint64_t>(std::popcount(without(other, word)));
    }
    return count;
  }

 private:
  std::uint64_t without(const NumberSet& other, std::size_t word) const {
    return words_[word] & ~(word < other.words_.size() ? other.words_[word] : 0);
  }

  std::vector<std::uint64_t> words_;
};

}  // namespace gaon::app
