# SPDX-License-Identifier: MIT
"""H.264 as PS over TCP, demultiplexed by ffmpeg, is the source byte for byte."""

import identity_udp
import lib

identity_udp.MEDIA = "tcp-passive"

if __name__ == "__main__":
    lib.main(identity_udp.test_large_idr, identity_udp.test_many_slices, identity_udp.test_aud,
             identity_udp.test_one_slice)
