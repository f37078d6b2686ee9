# SPDX-License-Identifier: MIT
"""What is received over TCP is the source byte for byte, as ffmpeg demultiplexes it."""

import identity_udp
import lib

identity_udp.MEDIA = "tcp-passive"

if __name__ == "__main__":
    lib.main(identity_udp.test_large_idr, identity_udp.test_many_slices, identity_udp.test_aud,
             identity_udp.test_one_slice)
