# SPDX-License-Identifier: MIT
"""AlarmReport: two switches."""

import _config
import lib


def report(motion, field):
    return f"<AlarmReport><MotionDetection>{motion}</MotionDetection><FieldDetection>{field}</FieldDetection></AlarmReport>"


def test(t):
    _config.block(t, "AlarmReport", report(1, 1), default=report(0, 0),
                  bad=[report(2, 0), report("ON", 0), "<AlarmReport><FieldDetection>1</FieldDetection></AlarmReport>"])


lib.main(test)
