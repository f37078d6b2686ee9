#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds with Debian 13's compiler and libraries and runs the unit tests, in a chroot made by debootstrap; then builds
# the static libraries and a static program. Needs root and a Debian mirror.
# Usage: tests/trixie.sh [BUILDDIR]     The chroot is BUILDDIR/trixie; it is removed on exit.
# TRIXIE_UNIT="test_packetizer ..." selects unit tests.
set -u

cd "$(dirname "$0")/.." || exit 1
O=${1:-build}
case $O in /*) ;; *) O=$PWD/$O ;; esac
jobs=$(getconf _NPROCESSORS_ONLN 2> /dev/null || echo 2)
mkdir -p "$O" || exit 1
totals=$O/totals-trixie
root=$O/trixie
log=$O/trixie.log
: > "$totals"
unset MAKEFLAGS MFLAGS MAKELEVEL TOTALS

# Mounts in a private namespace disappear with this process, even if it is killed. If mounting is not permitted, as in
# some containers, nothing is mounted.
if [ -z "${TRIXIE_MOUNTS:-}" ]; then
    if unshare -m mount -t tmpfs none /mnt 2> /dev/null; then
        TRIXIE_MOUNTS=1 exec unshare -m sh tests/trixie.sh "$O"
    fi
    TRIXIE_MOUNTS=0
fi

say() { echo "trixie: $*" >&2; }

# count NAME STATUS: one test of its own.
count() {
    if [ "$2" -eq 0 ]; then
        echo "  ok    trixie: $1"
        echo "$1 1 0 0" >> "$totals"
    else
        echo "  FAIL  trixie: $1"
        echo "$1 0 1 0" >> "$totals"
    fi
}

finish() {
    python3 tests/run.py --sum "$totals"
    exit
}

skip() {
    say "skipped: $*"
    echo "trixie 0 0 1" >> "$totals"
    finish
}

# Unmounts what debootstrap mounted, innermost first; never deletes across mounts.
cleanup() {
    if [ -r /proc/self/mounts ]; then
        awk -v root="$root/" 'index($2, root) == 1 { print $2 }' /proc/self/mounts | sort -r |
            while read -r place; do umount "$place" || umount -l "$place"; done
    fi
    rm -rf --one-file-system "$root"
}

# inside COMMAND: runs it in /gbagent of the chroot, with a clean environment.
inside() {
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
        chroot "$root" sh -c "cd /gbagent && $1"
}

# ---- requirements -----------------------------------------------------------------------------------------
[ "$(id -u)" = 0 ] || skip "chroot needs root"
command -v debootstrap > /dev/null || skip "debootstrap is missing: sh packaging/quickstart.sh deps check-trixie"
cleanup
trap cleanup EXIT
trap 'exit 130' HUP INT TERM
mkdir -p "$root/gbagent" || exit 1
chroot / true 2> /dev/null || skip "chroot is not permitted here"
{ mknod "$root/null" c 1 3 && : > "$root/null"; } 2> /dev/null ||
    skip "no device files possible in $O: mounted with nodev, or mknod is not permitted"
printf '#!/bin/sh\n' > "$root/run" && chmod +x "$root/run"
"$root/run" 2> /dev/null ||
    skip "no programs can run in $O: mounted with noexec"
rm -f "$root/null" "$root/run"

# ---- Debian 13 --------------------------------------------------------------------------------------------
proxy=$(apt-config shell proxy Acquire::http::Proxy 2> /dev/null) && eval "$proxy"
case ${proxy:-DIRECT} in
DIRECT) ;;
*) export http_proxy="${http_proxy:-$proxy}" ;;
esac
made=
for mirror in $(sh packaging/debian-mirror.sh); do
    case $mirror in https:*) certificates=ca-certificates ;; *) certificates='' ;; esac
    say "debootstrap from $mirror"
    mkdir -p "$root/proc"
    # debootstrap does not mount /proc if it is not empty.
    [ "$TRIXIE_MOUNTS" = 1 ] || : > "$root/proc/none"
    debootstrap --variant=minbase ${certificates:+"--include=$certificates"} trixie "$root" "$mirror" > "$log" 2>&1 &&
        made=$mirror && break
    tail -n 5 "$log" >&2
    cleanup
done
if [ -z "$made" ]; then
    count "debootstrap" 1
    finish
fi

echo force-unsafe-io > "$root/etc/dpkg/dpkg.cfg.d/unsafe-io"
echo "deb $made trixie main" > "$root/etc/apt/sources.list"
apt-config dump 2> /dev/null |
    grep -E '^Acquire::(https?::Proxy |Retries |Check-Valid-Until |Check-Date |ForceIPv[46] )' \
        > "$root/etc/apt/apt.conf.d/host"
packages=$(sh packaging/quickstart.sh packages trixie | tr '\n' ' ')
say "apt-get install of $(echo "$packages" | wc -w) packages"
mkdir -p "$root/gbagent"
if ! inside "apt-get -q update && apt-get -q -y --no-install-recommends install $packages" > "$log" 2>&1; then
    tail -n 20 "$log" >&2
    count "packages" 1
    finish
fi
inside 'apt-get clean; gcc --version | head -n 1'

# ---- tests ------------------------------------------------------------------------------------------------
# Without /sys and /etc/hosts, to test that the tests cope with that.
rm -f "$root/etc/hosts"
[ "$TRIXIE_MOUNTS" = 0 ] || [ -e "$root/proc/self" ] || mount -t proc proc "$root/proc" || say "without /proc"
tar --exclude=./.git --exclude='./build' --exclude='./build-*' --exclude="./${O#"$PWD"/}" --exclude=./config.mk \
    -cf - . |
    tar -xf - -C "$root/gbagent"

# Warnings that only this compiler has are shown, but are not errors.
inside "make -s -j$jobs all unit-bin"
status=$?
count "build" "$status"
if [ "$status" -eq 0 ]; then
    inside "python3 tests/run.py --bin build --unit --totals totals --label unit-trixie \
        ${TRIXIE_UNIT:-\$(make -s print-unit)}" ||
        [ -s "$root/gbagent/totals" ] || count "unit" 1
    cat "$root/gbagent/totals" >> "$totals"
fi

if inside "sh packaging/static-libs.sh libs"; then
    count "static libraries, libiconv" 0
    inside "make -s -j$jobs O=build/static STATIC=1 STATIC_LIBS=libs CFLAGS=-Os all && build/static/gbagentd --version"
    count "static program" $?
    inside "mkdir empty &&
        gcc -Os -static -isystem libs/include -o empty/gb18030 tests/cross/gb18030.c -Llibs/lib -liconv &&
        chroot empty /gb18030"
    count "GB18030 without a file of libc's" $?
else
    count "static libraries, libiconv" 1
fi
finish
