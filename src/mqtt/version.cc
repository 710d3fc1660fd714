#include "mqtt/version.h"

namespace gaon::mqtt {

namespace {

constexpr std::string_view kPacketNames[kPacketTypes] = {
    "reserved",  "CONNECT", "CONNACK",     "PUBLISH",  "PUBACK",  "PUBREC",   "PUBREL",     "PUBCOMP",
    "SUBSCRIBE", "SUBACK",  "UNSUBSCRIBE", "UNSUBACK", "PINGREQ", "PINGRESP", "DISCONNECT", "AUTH",
};

}  // namespace

std::string_view name(PacketType type) { return kPacketNames[static_cast<std::size_t>(type)]; }

const char* name(Version version) {
  switch (version) {
    case Version::v31:
      return "3.1";
    case Version::v311:
      return "3.1.1";
    case Version::v5:
      return "5.0";
  }
  return "unknown";
}

}  // namespace gaon::mqtt
