#!/bin/sh
# SPDX-License-Identifier: MIT
# Prints the Debian mirrors configured for apt on this machine, one URI per line, most likely first, then Debian's
# public one. If DEBIAN_MIRROR is set, prints only that.
set -u

if [ -n "${DEBIAN_MIRROR:-}" ]; then
    echo "$DEBIAN_MIRROR"
    exit 0
fi
{
    # Mirrors that apt knows as Debian's, once it has fetched an index.
    # shellcheck disable=SC2016 # apt's own $(...)
    apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(REPO_URI)' 'Created-By: Packages' 2> /dev/null |
        sed -n 's/^Debian|Debian|//p'
    # Without an index: all sources with a Debian suite, except those with updates only. Signatures reveal a foreign
    # repository that uses the same suite names.
    apt-get --print-uris update 2> /dev/null |
        sed -nE "s,^'(.*)/dists/(bookworm|trixie|forky|sid|stable|testing|unstable)/InRelease'.*,\1,p"
    echo http://deb.debian.org/debian
} | sed 's,/*$,,' | awk '/^(https?|ftp):/ && !seen[$0]++'
