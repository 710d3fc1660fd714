/* Preloaded into a broker: its clocks are ahead by what the file that GAON_CLOCKS names says,
   seconds of the system's clock, and of the one that only goes on; that stands still at the third
   number if there is one. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static volatile int64_t* numbers;

__attribute__((constructor)) static void open_file(void) {
  const char* path = getenv("GAON_CLOCKS");
  const int file = path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  if (file < 0) abort();
  void* data = mmap(NULL, 3 * sizeof(int64_t), PROT_READ, MAP_SHARED, file, 0);
  if (data == MAP_FAILED) abort();
  numbers = data;
  close(file);
}

int clock_gettime(clockid_t clock, struct timespec* now) {
  const int result = (int)syscall(SYS_clock_gettime, clock, now);
  if (result == 0 && clock == CLOCK_REALTIME) now->tv_sec += numbers[0];
  if (result == 0 && clock == CLOCK_MONOTONIC) {
    now->tv_sec += numbers[1];
    if (numbers[2] != 0) *now = (struct timespec){.tv_sec = numbers[2]};
  }
  return result;
}
