#include "app/property_option.h"

#include <algorithm>
#include <charconv>
#include <limits>

namespace gaon::app {
namespace {

using enum PropertyPlace;

constexpr std::uint8_t in(auto... places) {
  return static_cast<std::uint8_t>((static_cast<int>(places) | ...));
}

struct PlaceName {
  std::string_view name;
  PropertyPlace place;
};
constexpr PlaceName kPlaces[] = {
    {"connect", connect},         {"will", will},
    {"publish", publish},         {"subscribe", subscribe},
    {"unsubscribe", unsubscribe}, {"disconnect", disconnect},
};

enum class Kind : std::uint8_t { number, text, pair };

struct Property {
  std::string_view name;
  std::uint8_t id;
  Kind kind;
  std::uint32_t least;
  std::uint32_t most;  // of a number; of the bytes of a text
  std::uint8_t places;
};

constexpr std::uint32_t kU16 = 0xFFFF;
constexpr std::uint32_t kU32 = 0xFFFFFFFF;

constexpr Property kProperties[] = {
    {"payload-format-indicator", 0x01, Kind::number, 0, 1, in(publish, will)},
    {"message-expiry-interval", 0x02, Kind::number, 0, kU32, in(publish, will)},
    {"content-type", 0x03, Kind::text, 0, kU16, in(publish, will)},
    {"response-topic", 0x08, Kind::text, 1, kU16, in(publish, will)},
    {"correlation-data", 0x09, Kind::text, 0, kU16, in(publish, will)},
    {"subscription-identifier", 0x0B, Kind::number, 1, 268'435'455, in(subscribe)},
    {"session-expiry-interval", 0x11, Kind::number, 0, kU32, in(connect, disconnect)},
    {"authentication-method", 0x15, Kind::text, 0, kU16, in(connect)},
    {"authentication-data", 0x16, Kind::text, 0, kU16, in(connect)},
    {"request-problem-information", 0x17, Kind::number, 0, 1, in(connect)},
    {"will-delay-interval", 0x18, Kind::number, 0, kU32, in(will)},
    {"request-response-information", 0x19, Kind::number, 0, 1, in(connect)},
    {"reason-string", 0x1F, Kind::text, 0, kU16, in(disconnect)},
    {"receive-maximum", 0x21, Kind::number, 1, kU16, in(connect)},
    {"topic-alias-maximum", 0x22, Kind::number, 0, kU16, in(connect)},
    {"topic-alias", 0x23, Kind::number, 1, kU16, in(publish)},
    {"user-property", 0x26, Kind::pair, 0, kU16,
     in(connect, will, publish, subscribe, unsubscribe, disconnect)},
    {"maximum-packet-size", 0x27, Kind::number, 1, kU32, in(connect)},
};

using Read = std::expected<PropertyOption, std::string>;

std::unexpected<std::string> mistake(std::string what) { return std::unexpected(std::move(what)); }

std::size_t words_after(const Property& property) { return property.kind == Kind::pair ? 2 : 1; }

Read read_value(PropertyOption option, const Property& property, std::span<const std::string> words) {
  const std::string& last = words.back();
  if (property.kind == Kind::number) {
    const auto [end, error] = std::from_chars(last.data(), last.data() + last.size(), option.number);
    const bool whole = error == std::errc{} && end == last.data() + last.size();
    if (!whole || option.number < property.least || option.number > property.most) {
      return mistake("-D: " + std::string(property.name) + " is a number from " +
                     std::to_string(property.least) + " to " + std::to_string(property.most) + ", not '" +
                     last + "'");
    }
    return option;
  }
  if (words.size() == 2) option.key = words.front();
  option.text = last;
  if (option.text.size() < property.least ||
      std::max(option.text.size(), option.key.size()) > property.most) {
    return mistake("-D: " + std::string(property.name) + " is too short or too long");
  }
  return option;
}

// words: what follows -D.
Read read_property(std::span<const std::string> words, std::size_t& taken) {
  if (words.size() < 3) return mistake("-D needs a packet, a property and a value");
  const auto place = std::ranges::find(kPlaces, words[0], &PlaceName::name);
  if (place == std::end(kPlaces)) return mistake("-D: '" + words[0] + "' is no packet that takes properties");
  const auto property = std::ranges::find(kProperties, words[1], &Property::name);
  if (property == std::end(kProperties)) return mistake("-D: there is no property '" + words[1] + "'");
  if ((property->places & in(place->place)) == 0) {
    return mistake("-D: " + words[1] + " does not belong into " + words[0]);
  }
  taken = 2 + words_after(*property);
  if (words.size() < taken) return mistake("-D: " + words[1] + " needs a name and a value");
  return read_value({.place = place->place, .id = property->id}, *property, words.subspan(2, taken - 2));
}

}  // namespace

std::expected<std::vector<PropertyOption>, std::string> take_properties(Arguments& arguments) {
  std::vector<PropertyOption> options;
  Arguments rest;
  const std::span<const std::string> all = arguments;
  for (std::size_t at = 0; at < all.size(); ++at) {
    if (all[at] != "-D" && all[at] != "--property") {
      rest.push_back(all[at]);
      continue;
    }
    if (options.size() == kPropertyOptionsMax) return mistake("-D is given more than 1,000 times");
    std::size_t taken = 0;
    auto option = read_property(all.subspan(at + 1), taken);
    if (!option) return mistake(std::move(option).error());
    options.push_back(std::move(*option));
    at += taken;
  }
  arguments = std::move(rest);
  return options;
}

}  // namespace gaon::app
