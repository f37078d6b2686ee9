#!/bin/sh
# SPDX-License-Identifier: MIT
# From a bare Debian 12 or 13 to a camera on a platform, or to every test passed:
#   sh packaging/quickstart.sh demo          builds, then shows a simulated camera on a bundled platform
#   sh packaging/quickstart.sh check         builds, then runs every test, also under sanitizers
#   sh packaging/quickstart.sh check-cross   armhf and arm64, run under qemu-user
#   sh packaging/quickstart.sh deps [WHAT]   installs only what demo, check or check-cross (WHAT) needs
# Installs Debian packages that are missing, as root or through sudo; with everything there it touches nothing.
set -u

usage() {
    sed -n '3,8s/^# \{0,1\}//p' "$0"
    exit "$1"
}

cd "$(dirname "$0")/.." || exit 1
command=${1:-}
O=${O:-build}
jobs=$(getconf _NPROCESSORS_ONLN 2> /dev/null || echo 2)

say() { printf 'quickstart: %s\n' "$*" >&2; }

# ---- packages ---------------------------------------------------------------------------------------------
# One line a package: name, then why.
packages() {
    cat <<'END'
make                 runs the build
gcc                  compiles
libc6-dev            headers of the C library
pkg-config           finds the libraries
libosip2-dev         SIP parser and client transactions
libmxml-dev          XML
libmbedtls-dev       MD5 and SHA-256
libinih-dev          the config file
libcurl4-openssl-dev snapshots and upgrades (optional: make WITH_CURL=0)
python3              the bundled platform and the tests
END
    case $1 in
    demo)
        echo 'ffmpeg               the JPEG of the last picture'
        ;;
    check)
        cat <<'END'
libcmocka-dev        unit tests
clang                warnings of a second compiler
cppcheck             lint
shellcheck           lint
ffmpeg               judges the streams the agent sends
sip-tester           SIPp: judges its SIP
tshark               dissectors: judge what is on the wire
tcpdump              records it for them
iproute2             a shaped link in a network namespace
openssl              a certificate for the HTTPS test
procps               the init script's test
valgrind             leaks over many calls
strace               counts system calls, and makes a board fail
END
        ;;
    check-cross)
        echo 'qemu-user-static     runs programs for ARM'
        echo 'ffmpeg               judges the streams the agent sends'
        echo 'ca-certificates      libiconv is fetched over HTTPS'
        echo 'xz-utils             unpacks the sources of the static libraries'
        # The C library's headers are those made for cross compilers: libc6-dev:armhf would want kernel headers of exactly
        # the version that the host has, and mirrors of other architectures lag behind.
        for arch in armhf arm64; do
            case $arch in armhf) triplet=arm-linux-gnueabihf ;; arm64) triplet=aarch64-linux-gnu ;; esac
            [ "$(dpkg --print-architecture)" = "$arch" ] || printf '%s\n' "gcc-$triplet compiles for $arch" \
                "libc6-dev-$arch-cross headers of the C library for $arch"
            for lib in libosip2-dev libmxml-dev libmbedtls-dev libinih-dev libcmocka-dev; do
                echo "$lib:$arch for $arch"
            done
        done
        ;;
    esac
}

installed() {
    dpkg-query -W -f '${db:Status-Abbrev}\n' "$1" 2> /dev/null | grep -q '^.i'
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        env DEBIAN_FRONTEND=noninteractive "$@"
    else
        sudo env DEBIAN_FRONTEND=noninteractive "$@"
    fi
}

install_missing() {
    if ! command -v dpkg-query > /dev/null; then
        say "this is no Debian: see the list of libraries in README.md, then: make && make check"
        return 0
    fi
    list=$(packages "$1")
    missing=
    while read -r name why; do
        installed "$name" && continue
        [ -n "$missing" ] || say "missing on this machine:"
        printf '  %-28s %s\n' "$name" "$why" >&2
        missing="$missing $name"
    done <<END
$list
END
    [ -n "$missing" ] || return 0
    if [ "$(id -u)" != 0 ] && ! command -v sudo > /dev/null; then
        say "they need root and there is no sudo. As root: apt-get install$missing"
        return 1
    fi
    case $1 in check-cross)
        for arch in armhf arm64; do
            [ "$(dpkg --print-architecture)" = "$arch" ] || dpkg --print-foreign-architectures | grep -qx "$arch" ||
                { say "dpkg --add-architecture $arch (libraries for $arch)"; as_root dpkg --add-architecture "$arch"; }
        done ;;
    esac
    say "installing them with apt-get"
    # A suite whose index cannot be fetched just now is no failure while the packages install.
    as_root apt-get -q update > "${TMPDIR:-/tmp}/quickstart-apt.$$" 2>&1 || {
        say "apt-get update did not get everything; going on with what there is:"
        grep -E '^[EW]:' "${TMPDIR:-/tmp}/quickstart-apt.$$" | head -5 >&2
    }
    rm -f "${TMPDIR:-/tmp}/quickstart-apt.$$"
    for try in 1 2 3; do
        # shellcheck disable=SC2086 # a list of names
        as_root apt-get -qq -y -o Dpkg::Use-Pty=0 -o Acquire::Retries=3 --no-install-recommends install $missing > \
            "${TMPDIR:-/tmp}/quickstart-apt.$$" 2>&1 && break
        tail -20 "${TMPDIR:-/tmp}/quickstart-apt.$$" >&2
        [ "$try" -lt 3 ] || { say "apt-get could not install them"; rm -f "${TMPDIR:-/tmp}/quickstart-apt.$$"; return 1; }
        say "once more"
        sleep 5
        as_root apt-get -q update > /dev/null 2>&1
    done
    rm -f "${TMPDIR:-/tmp}/quickstart-apt.$$"
    say "installed"
}

# ---- commands ---------------------------------------------------------------------------------------------
build() {
    say "building into $O/"
    make -j"$jobs" O="$O" "$@"
}

do_check() {
    totals=$PWD/$O/totals-quickstart
    case $O in /*) totals=$O/totals-quickstart ;; esac
    mkdir -p "$O"
    : > "$totals"
    started=$(date +%s)
    # Compiled first, on all cores; tests then have the machine for themselves. A broken build is a failed test.
    build WERROR=1 all unit-bin || echo "build 0 1 0" >> "$totals"
    make -s -j"$jobs" O="$O/asan" SANITIZE=1 all unit-bin replay-bin || echo "build-asan 0 1 0" >> "$totals"
    for phase in check-layers check-features lint check-unit check-e2e fuzz-replay; do
        say "make $phase"
        before=$(wc -l < "$totals")
        make -s O="$O" WERROR=1 TOTALS="$totals" "$phase" ||
            [ "$(wc -l < "$totals")" -gt "$before" ] || echo "$phase 0 1 0" >> "$totals"
    done
    for phase in check-unit check-e2e; do
        say "make asan: $phase"
        before=$(wc -l < "$totals")
        make -s O="$O/asan" SANITIZE=1 TOTALS="$totals" "$phase" ||
            [ "$(wc -l < "$totals")" -gt "$before" ] || echo "$phase-asan 0 1 0" >> "$totals"
    done
    say "took $(($(date +%s) - started)) s"
    python3 tests/run.py --sum "$totals"
}

case $command in
demo)
    install_missing demo || exit 1
    build all || exit 1
    shift
    exec python3 tests/platform/demo.py "$O" "$@"
    ;;
check)
    if ! install_missing check; then
        echo "0 passed, 1 failed"
        exit 1
    fi
    do_check
    ;;
check-cross)
    if ! install_missing check-cross; then
        echo "0 passed, 1 failed"
        exit 1
    fi
    sh tests/cross.sh "$O"
    ;;
deps)
    install_missing "${2:-demo}"
    ;;
-h | --help | help)
    usage 0
    ;;
*)
    usage 2
    ;;
esac
