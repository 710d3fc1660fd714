#include "app/journal_records.h"

#include <algorithm>

#include "mqtt/property.h"
#include "topic/name.h"

namespace gaon::app {
namespace {

using broker::RecordKind;

// n u64, w u32, h u16, b u8, f flags or options, s state, t text, i subscription ids,
// c content (to the end), m no bytes: a message must come before it in its batch.
constexpr RecordShape kShapes[] = {
    {RecordKind::session, "session", "nwtt"},
    {RecordKind::anew, "anew", "n"},
    {RecordKind::ended, "ended", "n"},
    {RecordKind::online, "online", "n"},
    {RecordKind::offline, "offline", "nnn"},
    {RecordKind::will, "will", "nwbwc"},
    {RecordKind::no_will, "no_will", "n"},
    {RecordKind::subscribed, "subscribed", "nfwt"},
    {RecordKind::unsubscribed, "unsubscribed", "nt"},
    {RecordKind::message, "message", "nnnc"},
    {RecordKind::queued, "queued", "mnwfshni"},
    {RecordKind::sending, "sending", "nw"},
    {RecordKind::named, "named", "nwh"},
    {RecordKind::received, "received", "nw"},
    {RecordKind::finished, "finished", "nw"},
    {RecordKind::held, "held", "nh"},
    {RecordKind::routing, "routing", "mn"},
    {RecordKind::routed, "routed", "n"},
    {RecordKind::released, "released", "nh"},
    {RecordKind::retained, "retained", "m"},
    {RecordKind::group, "group", "nt"},
    {RecordKind::group_ended, "group_ended", "n"},
    {RecordKind::group_queued, "group_queued", "mn"},
    {RecordKind::group_done, "group_done", "nn"},
};

constexpr std::uint8_t kFlagsMax = 0x1f;

bool good_flags(std::uint8_t flags) { return flags <= kFlagsMax && (flags & 3) != 3; }

bool good_content(Reader& body) {
  if (!good_flags(body.u8())) return false;
  const std::string_view topic = as_text(body.prefixed());
  const ByteView properties = body.take(body.u32());
  if (body.failed() || !topic::valid_name(topic)) return false;
  body.take(body.left());
  return mqtt::decode_property_items(properties, mqtt::PropertyOwner::publish).has_value();
}

// Reads one field; false if it cannot be.
bool good_field(char field, Reader& body, bool message_before) {
  switch (field) {
    case 'n':
      body.u64();
      break;
    case 'w':
      body.u32();
      break;
    case 'h':
      body.u16();
      break;
    case 'b':
      body.u8();
      break;
    case 'f':
      return good_flags(body.u8());
    case 's':
      return body.u8() <= static_cast<std::uint8_t>(broker::CopyState::received);
    case 't':
      body.prefixed();
      break;
    case 'i':
      body.take(std::size_t{4} * body.u16());
      break;
    case 'c':
      return good_content(body);
    default:
      return message_before;
  }
  return !body.failed();
}

std::string fault_of(broker::Record record, bool message_before) {
  const RecordShape* shape = shape_of(record.kind);
  if (shape == nullptr)
    return "a record of kind " + std::to_string(static_cast<int>(record.kind)) + ", which does not exist";
  const std::string what = "a record '" + std::string(shape->name) + "'";
  for (const char field : shape->fields) {
    if (good_field(field, record.body, message_before)) continue;
    return what + (field == 'm' ? ", but no message comes before it" : " that makes no sense");
  }
  if (!record.body.at_end()) return what + " that is too long";
  return {};
}

}  // namespace

std::span<const RecordShape> record_shapes() { return kShapes; }

const RecordShape* shape_of(RecordKind kind) {
  const auto shape = std::ranges::find(kShapes, kind, &RecordShape::kind);
  return shape == std::end(kShapes) ? nullptr : shape;
}

std::vector<RecordFault> record_faults(ByteView batch) {
  std::vector<RecordFault> faults;
  const auto offset_of = [&](const std::uint8_t* at) {
    return static_cast<std::uint32_t>(at - batch.data());
  };
  Reader reader(batch);
  bool message_before = false;
  std::uint32_t end = 0;
  while (const auto record = broker::next_record(reader)) {
    const std::uint32_t offset = offset_of(record->whole.data());
    if (std::string what = fault_of(*record, message_before); !what.empty())
      faults.push_back({offset, std::move(what)});
    message_before = message_before || record->kind == RecordKind::message;
    end = offset + static_cast<std::uint32_t>(record->whole.size());
  }
  if (reader.failed()) faults.push_back({end, "a record that is cut off by the end of its batch"});
  return faults;
}

}  // namespace gaon::app
