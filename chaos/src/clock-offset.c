/* Gives a process another wall clock: so many milliseconds (CLOCK_OFFSET_MS) ahead of the machine's, or behind it. Its
   monotonic clock
   stays. By system calls alone: whatever looks other libraries up, as libfaketime does, meets jemalloc before either is
   ready. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000LL
#define MILLISECOND 1000000LL

int clock_gettime(clockid_t id, struct timespec *now) {
  int failed = (int)syscall(SYS_clock_gettime, id, now);
  if (failed || id != CLOCK_REALTIME) return failed;
  const char *offset = getenv("CLOCK_OFFSET_MS");
  long long at = now->tv_sec * SECOND + now->tv_nsec + (offset ? atoll(offset) : 0) * MILLISECOND;
  now->tv_sec = at / SECOND;
  now->tv_nsec = at % SECOND;
  return 0;
}

int gettimeofday(struct timeval *now, void *zone) {
  (void)zone;
  struct timespec precise;
  int failed = clock_gettime(CLOCK_REALTIME, &precise);
  now->tv_sec = precise.tv_sec;
  now->tv_usec = precise.tv_nsec / 1000;
  return failed;
}

time_t time(time_t *now) {
  struct timespec precise;
  clock_gettime(CLOCK_REALTIME, &precise);
  if (now) *now = precise.tv_sec;
  return precise.tv_sec;
}
