#include "topic/texts.h"

#include <cstring>
#include <utility>

#include "base/check.h"

namespace gaon::topic {

std::uint32_t Texts::add(std::size_t size) {
  if (size > kShortMax) {
    const std::uint32_t number = new_page(size);
    pages_[number].long_size = static_cast<std::uint32_t>(size);
    return number * kUnits;
  }
  const auto units = static_cast<std::uint32_t>(size / kUnit + 1);
  if (open_[units] == kNone) {
    const std::uint32_t number = new_page(kUnits * kUnit);
    pages_[number].units = units;
    open(number);
  }
  const std::uint32_t number = open_[units];
  Page& page = pages_[number];
  std::uint32_t unit = page.fresh;
  if (page.free != kNone) {
    unit = page.free;
    std::memcpy(&page.free, page.memory.get() + unit * kUnit, sizeof page.free);
  } else {
    page.fresh += units;
  }
  ++page.used;
  if (full(page)) close(number);
  page.memory[unit * kUnit] = static_cast<char>(size);
  return number * kUnits + unit;
}

void Texts::remove(std::uint32_t text) {
  const std::uint32_t number = text / kUnits;
  const std::uint32_t unit = text % kUnits;
  Page& page = pages_[number];
  if (page.long_size != 0) {
    drop_page(number, page.long_size);
    return;
  }
  CHECK(page.used > 0);
  if (full(page)) open(number);
  std::memcpy(page.memory.get() + unit * kUnit, &page.free, sizeof page.free);
  page.free = unit;
  if (--page.used > 0) return;
  close(number);
  drop_page(number, kUnits * kUnit);
}

std::uint32_t Texts::new_page(std::size_t bytes) {
  std::uint32_t number = unused_;
  if (number == kNone) {
    CHECK(pages_.size() < kNone / kUnits);
    number = static_cast<std::uint32_t>(pages_.size());
    pages_.emplace_back();
  } else {
    unused_ = std::exchange(pages_[number].next, kNone);
  }
  pages_[number].memory = std::make_unique_for_overwrite<char[]>(bytes);
  bytes_ += bytes;
  return number;
}

void Texts::drop_page(std::uint32_t number, std::size_t bytes) {
  pages_[number] = Page{};
  pages_[number].next = std::exchange(unused_, number);
  bytes_ -= bytes;
}

void Texts::open(std::uint32_t number) {
  Page& page = pages_[number];
  page.next = std::exchange(open_[page.units], number);
  if (page.next != kNone) pages_[page.next].prev = number;
}

void Texts::close(std::uint32_t number) {
  Page& page = pages_[number];
  const std::uint32_t next = std::exchange(page.next, kNone);
  const std::uint32_t prev = std::exchange(page.prev, kNone);
  (prev == kNone ? open_[page.units] : pages_[prev].next) = next;
  if (next != kNone) pages_[next].prev = prev;
}

}  // namespace gaon::topic
