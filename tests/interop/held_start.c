/* Preloaded into a broker: when it has read its files, and before it serves, it writes the
   file that GAON_HELD names, and goes on when that is gone. */
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static void hold(void) {
  const char* path = getenv("GAON_HELD");
  if (path == NULL) return;
  close(open(path, O_CREAT | O_WRONLY, 0600));
  while (access(path, F_OK) == 0) usleep(1000);
}

int prctl(int option, ...) {
  va_list list;
  va_start(list, option);
  unsigned long arguments[4];
  for (int i = 0; i < 4; ++i) arguments[i] = va_arg(list, unsigned long);
  va_end(list);
  if (option == PR_SET_NO_NEW_PRIVS) hold();
  return (int)syscall(SYS_prctl, option, arguments[0], arguments[1], arguments[2], arguments[3]);
}
