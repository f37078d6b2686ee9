#!/bin/sh
# SPDX-License-Identifier: MIT
# Prints the mirrors of Debian that apt is configured with on this machine, one URI a line, the likeliest first, and at
# last the one that Debian has for everybody. DEBIAN_MIRROR= names one and is then the only one.
set -u

if [ -n "${DEBIAN_MIRROR:-}" ]; then
    echo "$DEBIAN_MIRROR"
    exit 0
fi
{
    # What apt knows to be Debian's own, once it has fetched an index.
    # shellcheck disable=SC2016 # apt's own $(...)
    apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(REPO_URI)' 'Created-By: Packages' 2> /dev/null |
        sed -n 's/^Debian|Debian|//p'
    # Without an index: sources with a suite of Debian, but not those with updates alone. Whether one of them is
    # somebody else's that only has the same suites shows by its signature.
    apt-get --print-uris update 2> /dev/null |
        sed -nE "s,^'(.*)/dists/(bookworm|trixie|forky|sid|stable|testing|unstable)/InRelease'.*,\1,p"
    echo http://deb.debian.org/debian
} | sed 's,/*$,,' | awk '/^(https?|ftp):/ && !seen[$0]++'
