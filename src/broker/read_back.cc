#include "broker/read_back.h"

#include <algorithm>

#include "broker/records.h"

namespace gaon::broker {
namespace {

constexpr std::size_t kLengthBytes = 4;

// Length field and all; 0: not even that is there.
std::size_t record_size(ByteView bytes) {
  return bytes.size() < kLengthBytes ? 0 : kLengthBytes + Reader(bytes).u32();
}

}  // namespace

using journal::NotRead;

std::expected<Message, NotRead> ReadBack::read(journal::Place at) {
  ByteView bytes = from(at);
  std::size_t size = record_size(bytes);
  if (size == 0 || size > bytes.size()) {
    const journal::Place end{begin_.segment, begin_.offset + static_cast<std::uint32_t>(block_.size())};
    const bool goes_on = at.segment == end.segment && at <= end && begin_ <= at && !block_.empty();
    size_ = goes_on ? std::min(size_ * 2, kBlockMax) : kBlockMin;
    auto fetched = fetch(at, size_);
    size = record_size(fetched.value_or(ByteView{}));
    if (fetched && size > fetched->size()) fetched = fetch(at, size);
    if (!fetched) return std::unexpected(fetched.error());
    bytes = *fetched;
  }
  if (size == 0 || size > bytes.size()) return std::unexpected(NotRead::nothing);
  Reader reader(bytes.first(size));
  auto record = next_record(reader);
  if (!record || record->kind != RecordKind::message) return std::unexpected(NotRead::nothing);
  const MessageParts parts = read_message(record->body);
  if (record->body.failed()) return std::unexpected(NotRead::nothing);
  return Message::make(parts);
}

ByteView ReadBack::from(journal::Place at) const {
  if (at.segment != begin_.segment || at < begin_) return {};
  const std::size_t skip = at.offset - begin_.offset;
  return skip < block_.size() ? block_.view().subspan(skip) : ByteView{};
}

std::expected<ByteView, NotRead> ReadBack::fetch(journal::Place at, std::size_t size) {
  block_.clear();
  if (block_.capacity() > 2 * kBlockMax) block_.release();  // It held a large message.
  begin_ = at;
  if (const auto done = journal_.read(at, size, block_); !done) return std::unexpected(done.error());
  return block_.view();
}

}  // namespace gaon::broker
