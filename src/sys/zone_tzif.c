/* SPDX-License-Identifier: MIT */
/* For programs linked statically with glibc, whose localtime pulls in 130 KB of scanf, strtod and strftime. */
#include "sys/zone.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "util/tzif.h"

#define ZONE_BYTES 6144 /* the largest of tzdata has 4 KB including leap seconds */

static int read_offset(const char *path, time_t now, int *offset_s)
{
    char bytes[ZONE_BYTES];
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    size_t have = 0;
    ssize_t n;

    if (fd < 0)
        return -errno;
    do {
        n = read(fd, bytes + have, sizeof(bytes) - have);
        if (n > 0)
            have += (size_t)n;
    } while ((n > 0 && have < sizeof(bytes)) || (n < 0 && errno == EINTR));
    close(fd);
    return tzif_offset((struct span){ bytes, have }, now, offset_s);
}

/* Reads TZ as glibc does: a file, by absolute path or below the zone directory, else a POSIX rule. */
int zone_offset(time_t now)
{
    const char *zone = getenv("TZ"), *folder = getenv("TZDIR");
    char path[512];
    int offset_s = 0;

    if (!zone)
        zone = "/etc/localtime";
    if (zone[0] == ':')
        zone++;
    if (!folder || !folder[0])
        folder = "/usr/share/zoneinfo";
    snprintf(path, sizeof(path), "%s%s%s", zone[0] == '/' ? "" : folder, zone[0] == '/' ? "" : "/", zone);
    if (zone[0] && read_offset(path, now, &offset_s) < 0)
        (void)tzif_rule_offset(span_of(zone), now, &offset_s);
    return offset_s;
}
