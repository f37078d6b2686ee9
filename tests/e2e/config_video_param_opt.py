# SPDX-License-Identifier: MIT
"""VideoParamOpt: read, and set as one platform does, although it is read-only in the standard."""

import _config
import lib


def test(t):
    _config.block(t, "VideoParamOpt", "<VideoParamOpt><DownloadSpeed>1/2/4/8</DownloadSpeed><Resolution>"
                                      "5/6</Resolution></VideoParamOpt>",
                  bad=[f"<VideoParamOpt><DownloadSpeed>{'1/' * 40}2</DownloadSpeed></VideoParamOpt>"])


lib.main(test)
