#include "base/buffer.h"

#include <algorithm>
#include <limits>

#include "base/check.h"

namespace gaon {

void Buffer::grow(std::size_t size) {
  const std::size_t used = this->size();
  if (begin_ > 0 && capacity_ - used >= size && used <= capacity_ / 2) {
    std::memmove(data_, data_ + begin_, used);
  } else {
    const std::size_t wanted = std::max<std::size_t>({used + size, std::size_t{capacity_} * 2, 64});
    CHECK(used + size <= std::numeric_limits<std::uint32_t>::max());
    const std::size_t capacity = std::min<std::size_t>(wanted, std::numeric_limits<std::uint32_t>::max());
    auto* data = static_cast<std::uint8_t*>(std::malloc(capacity));
    CHECK(data != nullptr);
    if (used > 0) std::memcpy(data, data_ + begin_, used);
    std::free(data_);
    data_ = data;
    capacity_ = static_cast<std::uint32_t>(capacity);
  }
  begin_ = 0;
  end_ = static_cast<std::uint32_t>(used);
}

}  // namespace gaon
