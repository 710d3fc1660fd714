// Every connection is a descriptor, and so is every file: what the system gives is shared out
// at start, so that no crowd of connections takes what the journal needs.
#pragma once

#include <cstdint>

#include "broker/config.h"

namespace gaon::app {

struct DescriptorShares {
  std::uint64_t all = 0;             // RLIMIT_NOFILE
  std::uint32_t connections = 0;     // at one time, at least 1
  std::uint64_t accepted_below = 0;  // A connection whose descriptor is not is dropped.
};

// Takes as many as the system lets us; returns how many that is.
std::uint64_t raise_descriptor_limit();

DescriptorShares share_descriptors(std::uint64_t all, const broker::Config& config, std::size_t workers);

}  // namespace gaon::app
