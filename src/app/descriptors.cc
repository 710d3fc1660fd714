#include "app/descriptors.h"

#include <sys/resource.h>

#include <algorithm>
#include <limits>

namespace gaon::app {
namespace {

// The journal reads from 32 segments at a time and has some files more; a reload reads others.
constexpr std::uint64_t kFiles = 64;
constexpr std::uint64_t kOfWorker = 16;
constexpr std::uint64_t kOfListener = 2;
constexpr std::uint64_t kOfRequest = 2;

std::uint64_t wanted_by_the_rest(const broker::Config& config, std::size_t workers) {
  const std::uint64_t requests = config.auth.http_url.empty() ? 1 : 1 + config.auth.http_threads;
  return kFiles + kOfWorker * workers + kOfListener * config.listeners.size() + kOfRequest * requests;
}

}  // namespace

std::uint64_t raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return std::numeric_limits<std::int32_t>::max();
  const rlimit wanted{.rlim_cur = limit.rlim_max, .rlim_max = limit.rlim_max};
  if (setrlimit(RLIMIT_NOFILE, &wanted) == 0) limit = wanted;
  return std::min<std::uint64_t>(limit.rlim_cur, std::numeric_limits<std::int32_t>::max());
}

// Connections are counted until MQTT is done with them, and keep their descriptors a little
// longer: half of what is for the rest is out of the reach of all of them.
DescriptorShares share_descriptors(std::uint64_t all, const broker::Config& config, std::size_t workers) {
  const std::uint64_t rest = std::min(wanted_by_the_rest(config, workers), all / 4 * 3);
  return {.all = all,
          .connections = static_cast<std::uint32_t>(std::max<std::uint64_t>(all - rest, 1)),
          .accepted_below = all - rest / 2};
}

}  // namespace gaon::app
