// Topic names and topic filters: which are valid, and which filter matches which name.
// All functions are pure. They do not look at UTF-8, which mqtt/ checks for every string.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace gaon::topic {

inline constexpr std::size_t kNameMax = 65535;  // bytes, for names and filters

bool valid_name(std::string_view name);
// Says nothing about "$share/"; parse_shared does.
bool valid_filter(std::string_view filter);
bool has_wildcard(std::string_view filter);
// Number of levels: one more than there are slashes.
std::size_t levels(std::string_view text);

// Whether a valid filter matches a valid name, in the plainest way; what is faster is
// tested against this.
bool matches(std::string_view filter, std::string_view name);

// Views into the text it was parsed from.
struct SharedFilter {
  std::string_view share_name;
  std::string_view filter;
};

// Whether it asks for a shared subscription, well-formed or not.
bool is_shared(std::string_view filter);
// Nothing if it is no well-formed "$share/<name>/<filter>".
std::optional<SharedFilter> parse_shared(std::string_view filter);

// Takes a name or filter apart, level by level. "a/" has the levels "a" and "".
class Levels {
 public:
  explicit Levels(std::string_view text) : rest_(text) {}

  bool done() const { return done_; }

  // Not after done().
  std::string_view next() {
    const std::size_t slash = rest_.find('/');
    const std::string_view level = rest_.substr(0, slash);
    if (slash == std::string_view::npos) {
      done_ = true;
    } else {
      rest_.remove_prefix(slash + 1);
    }
    return level;
  }

 private:
  std::string_view rest_;
  bool done_ = false;
};

}  // namespace gaon::topic
