// What somebody meant who wrote a name that does not exist.
#pragma once

#include <span>
#include <string_view>

namespace gaon::app {

// The candidate with the fewest letters to change; empty when more than a third of
// the letters (and more than two) would have to.
std::string_view nearest_name(std::string_view name, std::span<const std::string_view> candidates);

}  // namespace gaon::app
