# SPDX-License-Identifier: MIT
"""VideoAlarmRecord."""

import _config
import lib


def test(t):
    _config.block(t, "VideoAlarmRecord", "<VideoAlarmRecord><RecordEnable>1</RecordEnable><RecordTime>60</RecordTime>"
                  "<PreRecordTime>10</PreRecordTime><StreamNumber>1</StreamNumber></VideoAlarmRecord>",
                  bad=["<VideoAlarmRecord><RecordEnable>2</RecordEnable><StreamNumber>0</StreamNumber>"
                       "</VideoAlarmRecord>",
                       "<VideoAlarmRecord><StreamNumber>0</StreamNumber></VideoAlarmRecord>",
                       "<VideoAlarmRecord><RecordEnable>1</RecordEnable><RecordTime>-5</RecordTime>"
                       "</VideoAlarmRecord>"])


lib.main(test)
