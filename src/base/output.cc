#include "base/output.h"

#include <algorithm>

#include "base/check.h"

namespace gaon {
namespace {

iovec piece(const std::uint8_t* data, std::size_t size) {
  return {.iov_base = const_cast<std::uint8_t*>(data), .iov_len = size};
}

}  // namespace

void Output::append(const Shared& block, ByteView part) {
  if (part.size() < kSpliceMin) {
    bytes_.append(part);
    return;
  }
  if (splices_ == nullptr) splices_ = std::make_unique<Splices>();
  splices_->waiting.push_back({splices_->consumed + bytes_.size(), block, part});
  splices_->bytes += part.size();
}

int Output::gather(iovec* pieces, int max) const {
  int count = 0;
  std::size_t copied = 0;
  if (splices_ != nullptr) {
    for (std::size_t i = 0; i < splices_->waiting.size() && count < max; ++i) {
      const Splice& splice = splices_->waiting[i];
      const std::size_t before = splice.at - splices_->consumed - copied;
      if (before > 0) {
        pieces[count++] = piece(bytes_.view().data() + copied, before);
        copied += before;
        if (count == max) return count;
      }
      pieces[count++] = piece(splice.part.data(), splice.part.size());
    }
  }
  if (count < max && bytes_.size() > copied) {
    pieces[count++] = piece(bytes_.view().data() + copied, bytes_.size() - copied);
  }
  return count;
}

void Output::consume(std::size_t size) {
  CHECK(size <= this->size());
  while (splices_ != nullptr && size > 0) {
    Splice& splice = splices_->waiting.front();
    const std::size_t before = std::min(splice.at - splices_->consumed, size);
    bytes_.consume(before);
    splices_->consumed += before;
    size -= before;
    if (splice.at > splices_->consumed) return;
    const std::size_t taken = std::min(splice.part.size(), size);
    splice.part = splice.part.subspan(taken);
    splices_->bytes -= taken;
    size -= taken;
    if (!splice.part.empty()) return;
    splices_->waiting.pop_front();
    if (splices_->waiting.empty()) splices_.reset();
  }
  bytes_.consume(size);
}

void Output::release() {
  CHECK(empty());
  bytes_.release();
}

}  // namespace gaon
