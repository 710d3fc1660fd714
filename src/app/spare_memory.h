// Memory that was freed and that the allocator keeps for later. Nobody but a thread that
// allocates would have it looked through, so a process that has become idle keeps it for ever.
#pragma once

namespace gaon::app {

// Gives it back to the system; takes milliseconds where there is much. Any thread.
void give_back_spare_memory();

}  // namespace gaon::app
