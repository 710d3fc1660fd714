// For tests: names and filters over so few levels that they meet all the time.
#pragma once

#include <rapidcheck.h>

#include <algorithm>
#include <string>
#include <vector>

namespace gaon::topic {

// At most five levels and, if not empty, the tail; "/" in place of an empty text.
inline std::string joined(const std::vector<std::string>& levels, const std::string& tail) {
  std::string text;
  for (std::size_t i = 0; i < std::min<std::size_t>(5, levels.size()); ++i) (text += levels[i]) += '/';
  text += tail;
  if (tail.empty() && text.size() > 1) text.pop_back();
  return text.empty() ? "/" : text;
}

inline rc::Gen<std::string> some_text(const rc::Gen<std::string>& level, const rc::Gen<std::string>& tail) {
  return rc::gen::apply(joined, rc::gen::container<std::vector<std::string>>(level), tail);
}

inline rc::Gen<std::string> some_name() {
  return some_text(rc::gen::element<std::string>("a", "b", "", "$x"), rc::gen::just(std::string()));
}

inline rc::Gen<std::string> some_filter() {
  return some_text(rc::gen::element<std::string>("a", "b", "", "+", "+", "$x"),
                   rc::gen::element<std::string>("", "", "#"));
}

}  // namespace gaon::topic
