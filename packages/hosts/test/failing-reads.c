/*
 * Loaded before the system's library: lets reads of files whose name ends in ".failing" fail as READ_FAULT says.
 *   EINTR, EAGAIN   every second read fails so
 *   EIO=OFFSET      what lies at OFFSET and behind it cannot be read
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

typedef ssize_t (*pread_function)(int, void *, size_t, off_t);

static int fails(int fd) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  static const char ending[] = ".failing";
  ssize_t least = sizeof ending - 1;
  return length >= least && memcmp(path + length - least, ending, least) == 0;
}

static ssize_t failing(const char *name, int fd, void *to, size_t count, off_t offset) {
  static _Atomic unsigned reads;
  pread_function system_pread = (pread_function)dlsym(RTLD_NEXT, name);
  const char *fault = getenv("READ_FAULT");
  if (fault == NULL || !fails(fd)) return system_pread(fd, to, count, offset);
  if (strncmp(fault, "EIO=", 4) == 0) {
    off_t first = atoll(fault + 4);
    if (offset >= first) return errno = EIO, -1;
    return system_pread(fd, to, offset + (off_t)count > first ? (size_t)(first - offset) : count, offset);
  }
  if (++reads % 2 == 1) return errno = strcmp(fault, "EINTR") == 0 ? EINTR : EAGAIN, -1;
  return system_pread(fd, to, count, offset);
}

ssize_t pread(int fd, void *to, size_t count, off_t offset) { return failing("pread", fd, to, count, offset); }
ssize_t pread64(int fd, void *to, size_t count, off_t offset) { return failing("pread64", fd, to, count, offset); }
