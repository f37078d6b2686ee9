/* SPDX-License-Identifier: MIT */
/* A settings file: the input as a complete file, which hardly ever has a valid checksum, and as the lines of one.
 * Accepted values read back the same, and are also parsed as a channel's blocks. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "device/device_state.h"
#include "manscdp/config.h"
#include "store/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct check {
    struct settings *s;
    const char *scope;
};

/* A value accepted as a device's state is written as a text that reads back the same. */
static void as_state(const char *key, const char *value)
{
    char once[DEVICE_STATE_TEXT_MAX], again[DEVICE_STATE_TEXT_MAX];
    struct device_state *d;

    if (device_state_new(&d))
        return;
    if (!device_state_put(d, "1", key, value) && !device_state_get(d, "1", key, once) &&
        (device_state_put(d, "2", key, once) || device_state_get(d, "2", key, again) || strcmp(once, again)))
        abort();
    device_state_free(d);
}

static void see(void *arg, const char *key, const char *value)
{
    const struct check *c = arg;
    struct gb_setting block;
    enum gb_block kind;

    if (settings_get(c->s, c->scope, key) != value || strlen(value) > SETTINGS_VALUE_MAX || strpbrk(value, "\r\n"))
        abort();
    as_state(key, value);
    if (!config_block_find(span_of(key), &kind))
        (void)config_block_read(&block, kind, span_of(value));
}

static void as_lines(const uint8_t *data, size_t size)
{
    struct settings *s;

    if (settings_open("", &s))
        return;
    (void)settings_read_lines(s, (struct span){ (const char *)data, size });
    settings_each(s, "device", see, &(struct check){ s, "device" });
    settings_each(s, "34020000001310000001", see, &(struct check){ s, "34020000001310000001" });
    if (settings_put(s, "device", "name", NULL) || settings_get(s, "device", "name"))
        abort();
    settings_free(s);
}

static void as_file(const uint8_t *data, size_t size)
{
    char path[64];
    struct settings *s;
    int fd = memfd_create("settings", MFD_CLOEXEC);

    if (fd < 0)
        return;
    if (write(fd, data, size) == (ssize_t)size) {
        (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
        if (!settings_open(path, &s))
            settings_free(s);
    }
    close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    as_lines(data, size);
    as_file(data, size);
    return 0;
}
