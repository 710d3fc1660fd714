// What waits to be written to one connection: copied bytes in order, with large
// immutable blocks spliced in by reference. Owned by one thread.
#pragma once

#include <sys/uio.h>

#include <memory>

#include "base/buffer.h"
#include "base/ring.h"
#include "base/shared.h"

namespace gaon {

class Output {
 public:
  // Blocks smaller than this are copied: 1 KB costs 10 ns, about what a count costs.
  static constexpr std::size_t kSpliceMin = 2048;

  bool empty() const { return bytes_.empty() && splices_ == nullptr; }
  // All bytes that wait, spliced ones included.
  std::size_t size() const { return bytes_.size() + (splices_ ? splices_->bytes : 0); }

  // Where small things are encoded.
  Buffer& bytes() { return bytes_; }

  // part must lie inside block.
  void append(const Shared& block, ByteView part);

  // The front as at most max pieces for writev; returns how many.
  int gather(iovec* pieces, int max) const;
  // The first size bytes were written.
  void consume(std::size_t size);
  // Gives the memory back when nothing waits.
  void release();

 private:
  struct Splice {
    std::size_t at = 0;  // bytes of bytes_, counted as consumed is, that go before it
    Shared block;
    ByteView part;
  };
  struct Splices {
    Ring<Splice> waiting;
    std::size_t bytes = 0;
    std::size_t consumed = 0;  // bytes taken from bytes_ since this was made
  };

  Buffer bytes_;
  std::unique_ptr<Splices> splices_;
};

}  // namespace gaon
