/* SPDX-License-Identifier: MIT */
/* Presets, cruise tracks, home positions, recordings and guard (device/device_state.h) in the settings: taken from there
 * at the start, written when they change. */
#ifndef STORE_DEVICE_STORE_H
#define STORE_DEVICE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "device/device.h"
#include "store/settings.h"
#include "sys/loop.h"

#define DEVICE_STORE_FLUSH_MS 1000u     /* least time between two writes to the disk */
#define DEVICE_STORE_RETRY_MAX_MS 60000u        /* one that failed is repeated after 1 s, 2 s, ... and so often in the end */

struct device_store {
    struct loop *loop;
    struct settings *settings;
    struct device *device;
    struct loop_timer later;
    uint64_t saved;                     /* serial of the state that the settings have */
    uint64_t flushed_us;                /* 0 = never */
    uint32_t back_off_ms;               /* 0: the last write went well */
    bool unkept;                        /* the settings did not take all of it, which was logged */
};

/* Borrows all of them. */
void device_store_init(struct device_store *st, struct loop *l, struct settings *s, struct device *d);
void device_store_close(struct device_store *st);       /* writes what waits; harmless before init */
/* What is kept of the device and of items that nobody has changed yet: at the start and after a reload. */
void device_store_load(struct device_store *st);
/* After something may have changed: to the settings at once, to the disk now or within DEVICE_STORE_FLUSH_MS. Also
 * after anybody else's write of the settings may have failed: it is repeated until it goes well. */
void device_store_save(struct device_store *st);

#endif
