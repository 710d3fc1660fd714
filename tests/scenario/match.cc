#include "match.h"

#include <algorithm>

namespace gaon::scenario {
namespace {

using mqtt::PacketType;
using mqtt::Version;

using Values = std::vector<std::string>;

Values values_of(const Fields& fields, std::string_view name) {
  Values values;
  for (const Field& field : fields) {
    if (field.name == name) values.push_back(field.value);
  }
  return values;
}

bool exists_in(std::string_view name, PacketType type, Version version) {
  if (version == Version::v5) return true;
  if (name.starts_with("will.")) name.remove_prefix(5);
  if (find_property(name, false) != nullptr) return false;
  if (name == "no_local" || name == "as_published" || name == "handling") return false;
  if (name == "session") return version == Version::v311;
  return name != "reason" || type == PacketType::connack || type == PacketType::suback;
}

bool has_reason(PacketType type) {
  return find_packet(type)->positions.find_first_of("ra") != std::string_view::npos &&
         type != PacketType::disconnect && type != PacketType::auth;
}

std::string show(const Values& values) {
  std::string shown;
  for (const std::string& value : values) shown += (shown.empty() ? "" : ", ") + quote(value);
  return values.empty() ? "not there" : shown;
}

std::string show_code(const std::string& code, PacketType type, Version version) {
  return show_reason(static_cast<std::uint8_t>(std::stoul(code)), type, version);
}

std::string compare(const Field& field, const Fields& expected, const Packet& packet, Version version,
                    Variables& variables) {
  const Values is = values_of(packet.fields, field.name);
  if (field.any) return is.empty() ? field.name + " is not there" : "";
  if (field.absent) return is.empty() ? "" : field.name + " is " + show(is) + ", and should not be there";
  if (field.variable) {
    if (is.empty()) return field.name + " is not there";
    const auto bound = variables.try_emplace(field.value, is.front()).first;
    if (bound->second == is.front()) return "";
    return field.name + " is " + show(is) + ", but " + field.value + " was " + bound->second;
  }
  const Values wanted = values_of(expected, field.name);
  if (is == wanted) return "";
  if (field.name == "reason" && is.size() == 1 && wanted.size() == 1) {
    return "the reason is " + show_code(is.front(), packet.type, version) + ", not " +
           show_code(wanted.front(), packet.type, version);
  }
  return field.name + " is " + show(is) + ", not " + show(wanted);
}

// A failure where nobody spoke of one.
std::string unexpected_failure(const Packet& packet, Version version) {
  for (const Field& field : packet.fields) {
    if (field.name != "reason") continue;
    const auto code = static_cast<std::uint8_t>(std::stoul(field.value));
    const bool old = version != Version::v5 && packet.type == PacketType::connack;
    if (code >= 0x80 || (old && code != 0)) {
      return "the reason is " + show_reason(code, packet.type, version) + ", a failure";
    }
  }
  return "";
}

std::string unnamed(const Fields& expected, const Packet& packet) {
  constexpr std::string_view kOpen[] = {"id", "topic", "payload", "filter"};
  for (const Field& field : packet.fields) {
    if (field.value == "0" || std::ranges::find(kOpen, field.name) != std::end(kOpen)) continue;
    if (values_of(expected, field.name).empty()) {
      return field.name + " is " + quote(field.value) + ", and should not be there";
    }
  }
  return "";
}

}  // namespace

std::string mismatch(const Expected& expected, const Packet& packet, Version version, Variables& variables) {
  if (expected.what == Expected::What::raw) {
    return packet.bytes == expected.bytes ? "" : "the bytes should be " + hex(expected.bytes);
  }
  if (!packet.fault.empty()) return packet.fault;
  if (packet.type != expected.type) {
    return "it is " + std::string(find_packet(packet.type)->name) + ", not " +
           std::string(find_packet(expected.type)->name);
  }
  bool reason_named = false;
  for (const Field& field : expected.fields) {
    reason_named = reason_named || field.name == "reason";
    if (!exists_in(field.name, packet.type, version)) continue;
    if (std::string wrong = compare(field, expected.fields, packet, version, variables); !wrong.empty())
      return wrong;
  }
  if (!reason_named && has_reason(packet.type)) {
    if (std::string wrong = unexpected_failure(packet, version); !wrong.empty()) return wrong;
  }
  return expected.exact ? unnamed(expected.fields, packet) : "";
}

}  // namespace gaon::scenario
