# SPDX-License-Identifier: MIT
"""An encoder that is open but stops delivering: after `picture_timeout` the channel's source is lost, the platform is
notified, the source is reopened, and the session goes on. As the simulated camera never hangs, a preloaded library
blocks its timers while a file exists."""

import lib
from _keepalive import last, report
from lib import check, equal

SHIM = r"""
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

int timerfd_settime(int fd, int flags, const struct itimerspec *when, struct itimerspec *before)
{
    struct itimerspec never = { { 0, 0 }, { 0, 0 } };

    return (int)syscall(SYS_timerfd_settime, fd, flags, access(getenv("SILENT"), F_OK) == 0 ? &never : when, before);
}
"""


def silenced(t):
    """The command prefix, and the file that makes the cameras silent."""
    flag = t.folder / "silent"
    return lib.preload(t, SHIM, SILENT=flag), flag


def state(s):
    return s["channels"][0]["state"]


def test(t):
    run, flag = silenced(t)
    p = t.platform()
    d = t.daemon(t.config(p, channel={"picture_timeout": 1}, platform={"keepalive_interval": 2}), run=run)
    check(p.wait_online(10), "the device did not come online")
    call = p.invite(lib.CHANNEL, media="tcp-passive")
    check(call.media.wait_units(30, 10), "no media")
    flag.touch()
    check(d.wait_status(lambda s: state(s) == "vlost", 6), "silent, but the channel is on")
    check(p.wait(lambda: last(p) == report(lib.CHANNEL), 5 * lib.SLOW), f"the platform is not notified: {last(p)}")
    check(d.wait_log("picture-timeout") and "after_s=1" in d.log(), "no reason in the log")
    flag.unlink()
    check(d.wait_status(lambda s: state(s) == "on", 40), "the source is back, but the channel is lost")
    check(p.wait(lambda: last(p) == report(), 5 * lib.SLOW), "the platform is not notified that the source is back")
    before = len(call.media.units)
    check(call.media.wait_units(before + 30, 10), "the session does not go on")
    equal(call.close().status, 200, "BYE")
    check(d.status()["channels"][0]["source_losses"] >= 1, "no loss is counted")


def test_off(t):
    """0: never."""
    run, flag = silenced(t)
    p = t.platform()
    d = t.daemon(t.config(p, channel={"picture_timeout": 0}), run=run)
    check(p.wait_online(10), "the device did not come online")
    call = p.invite(lib.CHANNEL)
    check(call.media.wait_units(10, 10), "no media")
    flag.touch()
    check(not d.wait_status(lambda s: state(s) != "on", 3 / lib.SLOW), "lost, although it is off")
    call.close()


lib.main(test, test_off)
