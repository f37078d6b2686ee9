#!/bin/sh
# SPDX-License-Identifier: MIT
# Sets up a bare Debian 12 or 13 and runs a demo or the tests:
#   sh packaging/quickstart.sh demo          build, then run a simulated camera on a bundled platform
#   sh packaging/quickstart.sh check         build, then run all tests, also under sanitizers
#   sh packaging/quickstart.sh check-cross   test for armhf and arm64 under qemu-user
#   sh packaging/quickstart.sh check-trixie  test with Debian 13's compiler and libraries, in a temporary chroot
#   sh packaging/quickstart.sh deps [WHAT]   only install the packages for demo, another command above, or fuzz
# Missing Debian packages are installed as root or through sudo; if none is missing, nothing is changed.
# Tests that cannot run on this machine are skipped, with the reason.
set -u

usage() {
    sed -n '3,10s/^# \{0,1\}//p' "$0"
    exit "$1"
}

cd "$(dirname "$0")/.." || exit 1
command=${1:-}
O=${O:-build}
jobs=$(getconf _NPROCESSORS_ONLN 2> /dev/null || echo 2)

say() { printf 'quickstart: %s\n' "$*" >&2; }

# ---- packages ---------------------------------------------------------------------------------------------
# One package per line: name, purpose.
packages() {
    case $1 in
    demo | check | check-cross | fuzz | trixie)
        cat <<'END'
make                 build
gcc                  compiler
libc6-dev            C library headers
pkg-config           to find the libraries
libosip2-dev         SIP parser and client transactions
libmxml-dev          XML
libmbedtls-dev       MD5 and SHA-256
libinih-dev          config file parser
libcurl4-openssl-dev snapshots and upgrades (optional: make WITH_CURL=0)
python3              bundled platform and tests
END
        ;;
    esac
    case $1 in
    demo)
        echo 'ffmpeg               JPEG of the last frame'
        ;;
    check)
        cat <<'END'
libcmocka-dev        unit tests
cppcheck             lint
shellcheck           lint
ffmpeg               verifies the media streams
sip-tester           SIPp: verifies the SIP flows
tshark               dissects the network traffic
tcpdump              captures it
iproute2             shaped link in a network namespace
openssl              certificate for the HTTPS test
procps               test of the init script
busybox              the same with its start-stop-daemon
valgrind             leaks over many calls
strace               counts system calls, injects failures
END
        # The compilers whose warnings are errors, if the release has them; lint reports the missing ones.
        codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release 2> /dev/null)
        case $codename in bookworm | trixie) echo 'gcc-12               warnings as errors' ;; esac
        case $codename in
        bookworm)
            echo 'clang-14             warnings as errors'
            echo 'clang-format-14      layout of the C sources'
            ;;
        esac
        ;;
    check-cross)
        echo 'qemu-user-static     runs ARM programs'
        echo 'ffmpeg               verifies the media streams'
        echo 'ca-certificates      to download libiconv over HTTPS'
        echo 'xz-utils             to unpack the sources of the static libraries'
        echo 'bzip2                to unpack mbedtls'
        # The cross compilers' own C library headers: libc6-dev:armhf would require kernel headers of exactly the host's
        # version, and mirrors of other architectures lag behind.
        for arch in armhf arm64; do
            case $arch in armhf) triplet=arm-linux-gnueabihf ;; arm64) triplet=aarch64-linux-gnu ;; esac
            [ "$(dpkg --print-architecture)" = "$arch" ] || printf '%s\n' "gcc-$triplet compiler for $arch" \
                "libc6-dev-$arch-cross C library headers for $arch"
            for lib in libosip2-dev libmxml-dev libmbedtls-dev libinih-dev libcmocka-dev; do
                echo "$lib:$arch for $arch"
            done
        done
        ;;
    fuzz)
        echo 'clang                make fuzz'
        echo 'libclang-rt-dev      sanitizers and libFuzzer'
        ;;
    check-trixie)
        cat <<'END'
debootstrap            creates the Debian 13 chroot
debian-archive-keyring to verify its packages
gpgv                   to verify signatures
python3                adds up the results
END
        ;;
    trixie) # packages inside the chroot
        cat <<'END'
libcmocka-dev        unit tests
iproute2             shaped link in a network namespace
openssl              keys
procps               processes
xz-utils             to unpack the sources of the static libraries
bzip2                to unpack mbedtls
END
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
    if [ -z "$(packages "$1")" ]; then
        say "unknown package group $1"
        usage 2
    fi
    if ! command -v dpkg-query > /dev/null; then
        say "not a Debian system: install the libraries listed in README.md, then run: make && make check"
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
        say "root privileges are needed, but there is no sudo. As root: apt-get install$missing"
        return 1
    fi
    case $1 in check-cross)
        for arch in armhf arm64; do
            [ "$(dpkg --print-architecture)" = "$arch" ] || dpkg --print-foreign-architectures | grep -qx "$arch" ||
                { say "dpkg --add-architecture $arch (libraries for $arch)"; as_root dpkg --add-architecture "$arch"; }
        done ;;
    esac
    say "installing them with apt-get"
    log=$(mktemp) || return 1
    trap 'rm -f "$log"' EXIT
    for try in 1 2 3; do
        # Continue if the index of a suite cannot be fetched: the packages may install nevertheless.
        apt_get update || {
            say "apt-get update was incomplete; continuing with the available indexes:"
            grep -E '^[EW]:' "$log" | head -5 >&2
        }
        # shellcheck disable=SC2086 # a list of names
        apt_get -y --no-install-recommends install $missing && break
        tail -20 "$log" >&2
        [ "$try" -lt 3 ] || { say "apt-get could not install them"; return 1; }
        say "retrying"
        sleep 5
    done
    rm -f "$log"        # exec skips the trap
    say "installed"
}

# apt_get ARGUMENT...: shows progress in one line on a terminal, else in a line every 20 %; other output goes to $log.
apt_get() {
    tty=0
    [ ! -t 2 ] || tty=1
    {
        # Not descriptor 1, which dpkg's scripts need. sudo closes descriptors from 3 on, so open it after sudo.
        as_root sh -c 'exec "$@" 3>&1' sh \
            apt-get -qq -o Dpkg::Use-Pty=0 -o Acquire::Retries=3 -o APT::Status-Fd=3 "$@" 2>&1
        echo "status:$?"
    } | awk -v tty="$tty" -v log_file="$log" -v what="$*" '
        BEGIN { printf "" > log_file; if (what == "update") show("reading package lists", "") }
        # dlstatus:N:PERCENT:TEXT and pmstatus:PACKAGE:PERCENT:TEXT; the package may contain a colon (architecture).
        /^pmconffile:/ { next }
        /^(dl|pm)status:/ {
            n = split($0, field, ":")
            for (i = 3; i < n && field[i] !~ /^[0-9.]+$/; i++) ;
            if (what != "update")
                show($0 ~ /^dl/ ? "fetching" : "unpacking and setting up", int(field[i]))
            next
        }
        /^status:/ { status = substr($0, 8); next }
        { print >> log_file; fflush(log_file) }
        function show(text, percent,    line, step) {
            line = "quickstart:   " text (percent == "" ? "" : " " percent " %")
            if (tty) {
                printf "\r%-60s", line > "/dev/stderr"
                shown = 1
            } else {
                step = text int(percent / 20)
                if (step != last)
                    print line > "/dev/stderr"
                last = step
            }
            fflush("/dev/stderr")
        }
        END { if (shown) printf "\r%-60s\r", "" > "/dev/stderr"; exit status }'
}

# expect WHAT TEXT: announces the duration, from the last run on this machine or else TEXT.
expect() {
    took=$(cat "$O/took-$1" 2> /dev/null)
    if [ -n "$took" ]; then
        say "$1 took $(((took + 59) / 60)) minutes on the last run"
    else
        say "$1 takes $2 on two cores, once the packages are installed"
    fi
}

# took WHAT SINCE: records the duration for expect.
took() {
    mkdir -p "$O"
    echo $(($(date +%s) - $2)) > "$O/took-$1"
}

# ---- commands ---------------------------------------------------------------------------------------------
build() {
    say "building into $O/"
    make -j"$jobs" O="$O" "$@"
}

# counted NAME MAKE-ARGUMENT...: a phase that breaks before it counts any test is one failure.
counted() {
    name=$1
    shift
    step=$((step + 1))
    say "$step of 10: $name"
    before=$(wc -l < "$totals")
    make -s TOTALS="$totals" "$@" || [ "$(wc -l < "$totals")" -gt "$before" ] ||
        echo "$(echo "$name" | tr ' ' -) 0 1 0" >> "$totals"
}

do_check() {
    totals=$PWD/$O/totals-quickstart
    case $O in /*) totals=$O/totals-quickstart ;; esac
    mkdir -p "$O"
    : > "$totals"
    step=0
    # Compile first, on all cores; then the tests have the machine to themselves.
    counted "build" -j"$jobs" O="$O" all unit-bin
    counted "build asan" -j"$jobs" O="$O/asan" SANITIZE=1 all unit-bin replay-bin
    for phase in check-layers check-features lint check-unit check-e2e fuzz-replay; do
        counted "$phase" O="$O" "$phase"
    done
    for phase in check-unit check-e2e; do
        counted "$phase asan" O="$O/asan" SANITIZE=1 "$phase"
    done
}

case $command in
demo)
    expect demo "about a minute"
    install_missing demo || exit 1
    build all || exit 1
    shift
    exec python3 tests/platform/demo.py "$O" "$@"
    ;;
check | check-cross | check-trixie)
    case $command in
    check) expect check "about 9 minutes" ;;
    *) expect "$command" "about 5 minutes" ;;
    esac
    mkdir -p "$O"
    if [ "$command" = check-trixie ] && [ "$(id -u)" != 0 ] && ! command -v sudo > /dev/null; then
        exec sh tests/trixie.sh "$O" # reports what is skipped and why
    fi
    if ! install_missing "$command"; then
        echo "0 passed, 1 failed"
        exit 1
    fi
    started=$(date +%s)
    case $command in
    check)
        do_check
        say "took $(($(date +%s) - started)) s"
        python3 tests/run.py --sum "$totals"
        ;;
    check-cross) sh tests/cross.sh "$O" ;;
    check-trixie) as_root sh tests/trixie.sh "$O" ;;
    esac
    status=$?
    took "$command" "$started"
    exit "$status"
    ;;
packages)
    packages "${2:-demo}" | awk '{ print $1 }'
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
