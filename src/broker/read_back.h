// Reads messages back out of the journal. Those of one queue mostly follow each other
// there, so it is read in blocks, which grow as long as each goes on where the last one
// ended. One per worker; keeps one block.
#pragma once

#include <expected>

#include "base/buffer.h"
#include "journal/journal.h"
#include "session/message.h"

namespace gaon::broker {

class ReadBack {
 public:
  static constexpr std::size_t kBlockMin = std::size_t{8} << 10;
  static constexpr std::size_t kBlockMax = std::size_t{256} << 10;

  // The journal must outlive it.
  explicit ReadBack(journal::Journal& journal) : journal_(journal) {}

  // Of the message record that begins there. Nothing: it is not durable yet, or not what
  // is there.
  std::expected<Message, journal::NotRead> read(journal::Place at);

 private:
  // What the block has from there on; empty if that is not in it.
  ByteView from(journal::Place at) const;
  std::expected<ByteView, journal::NotRead> fetch(journal::Place at, std::size_t size);

  journal::Journal& journal_;
  Buffer block_;
  journal::Place begin_;  // of block_
  std::size_t size_ = kBlockMin;
};

}  // namespace gaon::broker
