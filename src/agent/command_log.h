/* SPDX-License-Identifier: MIT */
/* How log lines name a MANSCDP request. */
#ifndef AGENT_COMMAND_LOG_H
#define AGENT_COMMAND_LOG_H

#define COMMAND_LOG_SIZE 320u

/* "DeviceInfo sn=17 channel=34020000001310000001", to follow `command=`. Values that are not plain words are quoted,
 * empty ones are left out. Returns out. */
const char *command_log(char out[COMMAND_LOG_SIZE], const char *command, const char *sn, const char *device_id);

#endif
