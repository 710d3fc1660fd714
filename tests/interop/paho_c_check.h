/* What both Paho C programs say and do when something is not as it should be. */
#pragma once

#include <stdio.h>
#include <stdlib.h>

#define DEADLINE_MS 20000
#define NAME_MAX_BYTES 128

/* Says where, and gives the test up: one failure is enough to look at. */
#define EXPECT(condition, ...)                                            \
  do {                                                                    \
    if (!(condition)) {                                                   \
      fprintf(stderr, "%s:%d: not %s: ", __FILE__, __LINE__, #condition); \
      fprintf(stderr, __VA_ARGS__);                                       \
      fprintf(stderr, "\n");                                              \
      exit(1);                                                            \
    }                                                                     \
  } while (0)

static inline void broker_uri(char* uri, size_t size) {
  const char* port = getenv("GAON_PORT");
  EXPECT(port != NULL, "GAON_PORT names the broker's port");
  snprintf(uri, size, "tcp://127.0.0.1:%s", port);
}
