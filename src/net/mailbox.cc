#include "net/mailbox.h"

#include <sys/eventfd.h>

#include "net/system_error.h"

namespace gaon::net {

Result<void> Waker::open() {
  event_ = Descriptor(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (!event_) return failure("cannot make an eventfd: " + system_error(errno));
  return {};
}

void Waker::wake() {
  if (woken_.exchange(true, std::memory_order_acq_rel)) return;
  // The counter was read to zero or stands at one; it cannot overflow.
  if (event_) eventfd_write(event_.get(), 1);
}

bool Waker::settle() {
  // The descriptor first: in the other order a wake() between the two would set the flag,
  // lose its event here, and no later wake() would write one again.
  if (event_) {
    eventfd_t count = 0;
    eventfd_read(event_.get(), &count);
  }
  return woken_.exchange(false, std::memory_order_acq_rel);
}

}  // namespace gaon::net
