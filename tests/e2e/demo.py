# SPDX-License-Identifier: MIT
"""The demo run by quickstart.sh."""

import subprocess
import sys

import lib
from lib import check, equal


def test(t):
    lib.need((lib.BIN / "gbagentd").exists() and not lib.RUN, "gbagentd is not built for this machine")
    done = subprocess.run([sys.executable, str(lib.ROOT / "tests" / "platform" / "demo.py"), str(lib.BIN),
                           str(t.folder)],
                          capture_output=True, text=True, timeout=60)
    equal(done.returncode, 0, done.stdout[-3000:] + done.stderr)
    check((t.folder / "demo.ps").stat().st_size > 50000, "demo.ps is too small")
    for text in ("registered", "大门", "alarm from", "live video".capitalize(), "Done."):
        check(text in done.stdout, f"no {text!r} in the demo's output")


lib.main(test)
