# SPDX-License-Identifier: MIT
"""H.265 as PS over TCP, demultiplexed by ffmpeg, is the source byte for byte."""

import identity_h265_udp
import lib

identity_h265_udp.MEDIA = "tcp-passive"

if __name__ == "__main__":
    lib.main(identity_h265_udp.test_large_idr, identity_h265_udp.test_many_slices_and_aud, identity_h265_udp.test_cra,
             identity_h265_udp.test_bla)
