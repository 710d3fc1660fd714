#include "net/acceptor.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <utility>

#include "net/system_error.h"

namespace gaon::net {
namespace {

Descriptor open_reserve() { return Descriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC)); }

int accept_one(int descriptor) {
  return ::accept4(descriptor, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

}  // namespace

Acceptor::Trouble Acceptor::trouble(int error) {
  switch (error) {
    case EAGAIN:
      return Trouble::none_waiting;
    case EMFILE:
    case ENFILE:
      return Trouble::no_descriptor;
    case ENOBUFS:
    case ENOMEM:
      return Trouble::no_memory;
    default:
      // Linux reports here what befell the connection before it was accepted.
      return Trouble::with_the_connection;
  }
}

Acceptor::Acceptor(int epoll, const Ticker& ticker)
    : epoll_(epoll), ticker_(ticker), reserve_(open_reserve()) {}

Result<void> Acceptor::add(int descriptor, std::uint32_t id) {
  doors_.push_back({.descriptor = descriptor, .id = id, .left = kTurn});
  if (resume_at_ != kNever || watch(doors_.size() - 1)) return {};
  const int error = errno;
  doors_.pop_back();
  return failure("cannot watch a listener: " + system_error(error));
}

void Acceptor::remove_all() {
  if (resume_at_ == kNever) {
    for (const Door& door : doors_) unwatch(door);
  }
  resume_at_ = kNever;
  doors_.clear();
}

void Acceptor::pause(std::uint32_t id) {
  for (Door& door : doors_) {
    if (door.id != id || door.paused) continue;
    if (resume_at_ == kNever) unwatch(door);
    door.paused = true;
  }
}

void Acceptor::unpause(std::uint32_t id) {
  for (std::size_t i = 0; i < doors_.size(); ++i) {
    if (doors_[i].id != id || !std::exchange(doors_[i].paused, false) || resume_at_ != kNever) continue;
    if (watch(i)) continue;
    doors_[i].paused = true;  // It is not watched.
    rest();
    doors_[i].paused = false;
  }
}

void Acceptor::begin_tick() {
  for (Door& door : doors_) door.left = kTurn;
}

int Acceptor::accept(std::size_t index, Metric& refused) {
  // An event may be older than remove_all() or rest().
  if (index >= doors_.size() || resume_at_ != kNever) return -1;
  Door& door = doors_[index];
  if (door.paused) return -1;
  while (door.left > 0) {
    --door.left;
    const int accepted = accept_one(door.descriptor);
    if (accepted >= below_) {
      Descriptor(accepted).close();
      refused.add();
      continue;
    }
    if (accepted >= 0) return accepted;
    Trouble found = trouble(errno);
    if (found == Trouble::no_descriptor) found = drop_one(door.descriptor);
    if (found == Trouble::none_waiting) return -1;
    if (found == Trouble::with_the_connection) continue;
    refused.add();
    if (found == Trouble::dropped) continue;
    rest();
    return -1;
  }
  return -1;
}

// Without descriptors the system does not even say whether somebody waits.
Acceptor::Trouble Acceptor::drop_one(int descriptor) {
  if (!reserve_) return Trouble::no_descriptor;
  reserve_.close();
  const int accepted = accept_one(descriptor);
  const Trouble found = accepted >= 0 ? Trouble::dropped : trouble(errno);
  Descriptor(accepted).close();
  reserve_ = open_reserve();
  return reserve_ ? found : Trouble::no_descriptor;
}

bool Acceptor::watch(std::size_t index) {
  epoll_event event{};
  // Of all workers that wait on one listener only one is woken for a connection.
  event.events = EPOLLIN | EPOLLEXCLUSIVE;
  event.data.u64 = tag_of(index);
  return ::epoll_ctl(epoll_, EPOLL_CTL_ADD, doors_[index].descriptor, &event) == 0;
}

void Acceptor::unwatch(const Door& door) {
  if (!door.paused) ::epoll_ctl(epoll_, EPOLL_CTL_DEL, door.descriptor, nullptr);
}

void Acceptor::rest() {
  for (const Door& door : doors_) unwatch(door);
  resume_at_ = ticker_.now() + kRest;
}

void Acceptor::resume() {
  if (!reserve_) reserve_ = open_reserve();
  resume_at_ = kNever;
  for (std::size_t i = 0; i < doors_.size(); ++i) {
    if (doors_[i].paused || watch(i)) continue;
    rest();
    return;
  }
}

}  // namespace gaon::net
