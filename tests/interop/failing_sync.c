/* Preloaded into a broker: while the file that GAON_SYNC_FAILS names is there, syncing fails
   as on a disk that is broken. */
#include <errno.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static int fails(void) {
  const char* path = getenv("GAON_SYNC_FAILS");
  return path != NULL && access(path, F_OK) == 0;
}

int fdatasync(int file) {
  if (fails()) {
    errno = EIO;
    return -1;
  }
  return (int)syscall(SYS_fdatasync, file);
}

int fsync(int file) {
  if (fails()) {
    errno = EIO;
    return -1;
  }
  return (int)syscall(SYS_fsync, file);
}
