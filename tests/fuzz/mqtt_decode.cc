// What decodes can be encoded, and decodes to the same again. The first byte of the
// input chooses the version; the rest is one packet.
#include "base/buffer.h"
#include "base/check.h"
#include "mqtt/decode.h"
#include "mqtt/encode.h"
#include "mqtt/same_test.h"

namespace {

using namespace gaon;
using namespace gaon::mqtt;

bool equal(ByteView a, ByteView b) { return as_text(a) == as_text(b); }

// PUBACK and its like, DISCONNECT: the packets that may say the same in more bytes.
bool has_longer_forms(PacketType type) {
  return (type >= PacketType::puback && type <= PacketType::pubcomp) || type == PacketType::disconnect;
}

void check_publish(const Publish& publish, Version version, ByteView wire) {
  const PublishHead head{.dup = publish.dup,
                         .qos = publish.qos,
                         .retain = publish.retain,
                         .topic = publish.topic,
                         .packet_id = publish.packet_id,
                         .properties = publish.properties.bytes(),
                         .payload_size = publish.payload.size()};
  Buffer to;
  encode_head(head, version, to);
  to.append(publish.payload);
  CHECK(equal(to.view(), wire));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  constexpr Version kVersions[] = {Version::v31, Version::v311, Version::v5, Version::v5};
  const Version version = kVersions[data[0] % 4];
  const auto framed = frame(ByteView(data + 1, size - 1), kPacketSizeMax);
  if (!framed || !*framed) return 0;
  const Frame& one = **framed;
  const ByteView wire(data + 1, one.size);

  const auto packet = decode(one, version);
  const auto announced = connect_version(one);
  if (!packet) {
    CHECK(is_error(packet.error().reason));
    return 0;
  }
  CHECK(type_of(*packet) == one.type);
  if (const auto* connect = std::get_if<Connect>(&*packet)) CHECK(announced == connect->version);
  if (const auto* publish = std::get_if<Publish>(&*packet)) check_publish(*publish, version, wire);

  Buffer to;
  encode(*packet, version, to);
  CHECK(encoded_size(*packet, version) == to.size());
  CHECK(to.size() <= wire.size());
  if (!has_longer_forms(one.type)) CHECK(equal(to.view(), wire));

  const auto again = decode(**frame(to.view(), kPacketSizeMax), version);
  CHECK(again && same(*again, *packet));
  return 0;
}
