# SPDX-License-Identifier: MIT
"""Built without libcurl: commands for snapshots and upgrades are answered ERROR, and everything else works."""

import subprocess

import lib
import _config
import _snapshot
import _upgrade
from lib import check, equal


def test(t):
    linked = subprocess.run(["ldd", lib.BIN / "gbagentd"], capture_output=True, text=True).stdout
    lib.need("libcurl" not in linked, "built with libcurl")
    p = t.platform()
    d = t.daemon(_upgrade.config(t, p, "1.0").replace("control_interval = 0",
                                                      "control_interval = 0\nconfig_interval = 0"))
    check(p.wait_online(10 * lib.SLOW), "the device did not come online")
    equal(_snapshot.command(p, lib.CHANNEL, "http://127.0.0.1:1/x"), "ERROR", "SnapShotConfig")
    equal(_config.kinds(_config.ask(p, lib.CHANNEL, "SnapShotConfig", 1)), ["ERROR"],
          "its defaults, which would announce the feature")
    equal(_upgrade.command(p, "http://127.0.0.1:1/x"), "ERROR", "DeviceUpgrade")
    lib.stays(lambda: p.find_notes("UploadSnapShotFinished") + p.find_notes("DeviceUpgradeResult"), [], 0.3, "results")
    check(d.running())


lib.main(test)
