/* SPDX-License-Identifier: MIT */
/* Keeps presets, cruise tracks, home positions, recordings and guard (device/device_state.h) in the settings: loaded at
 * start, written when they change. */
#ifndef STORE_DEVICE_STORE_H
#define STORE_DEVICE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "device/device.h"
#include "store/settings.h"
#include "sys/loop.h"

#define DEVICE_STORE_FLUSH_MS     1000u  /* minimum time between two writes to disk */
#define DEVICE_STORE_RETRY_MAX_MS 60000u /* failed writes are retried after 1 s, 2 s, 4 s, ... up to this */

struct device_store {
    struct loop *loop;
    struct settings *settings;
    struct device *device;
    struct loop_timer later;
    uint64_t saved;       /* serial of the state in the settings */
    uint64_t flushed_us;  /* last write to disk; 0: none yet */
    uint32_t back_off_ms; /* 0: the last write succeeded */
    bool incomplete;      /* part of the state was rejected by the settings; logged once */
};

/* Borrows all arguments until device_store_close(). */
void device_store_init(struct device_store *st, struct loop *l, struct settings *s, struct device *d);
void device_store_close(struct device_store *st); /* writes pending changes; harmless before init */
/* At start and after a reload: loads the device and those items that have not changed since. */
void device_store_load(struct device_store *st);
/* Call when something may have changed: stores it in the settings immediately, and writes them to disk now or within
 * DEVICE_STORE_FLUSH_MS. Also retries a failed write of the settings, whoever caused it. */
void device_store_save(struct device_store *st);

#endif
