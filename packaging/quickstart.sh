#!/bin/sh
# SPDX-License-Identifier: MIT
# From a bare Debian 12 or 13 to a camera on a platform, or to every test passed:
#   sh packaging/quickstart.sh demo          builds, then shows a simulated camera on a bundled platform
#   sh packaging/quickstart.sh check         builds, then runs every test, also under sanitizers
#   sh packaging/quickstart.sh check-cross   armhf and arm64, run under qemu-user
#   sh packaging/quickstart.sh check-trixie  Debian 13's compiler and libraries, in a chroot that is removed again
#   sh packaging/quickstart.sh deps [WHAT]   installs only what demo, another of these, or fuzz (WHAT) needs
# Installs Debian packages that are missing, as root or through sudo; with everything there it touches nothing.
# What cannot run on this machine is skipped, with the reason.
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
# One line a package: name, then why.
packages() {
    case $1 in
    demo | check | check-cross | fuzz | trixie)
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
        ;;
    esac
    case $1 in
    demo)
        echo 'ffmpeg               the JPEG of the last picture'
        ;;
    check)
        cat <<'END'
libcmocka-dev        unit tests
cppcheck             lint
shellcheck           lint
ffmpeg               judges the streams the agent sends
sip-tester           SIPp: judges its SIP
tshark               dissectors: judge what is on the wire
tcpdump              records it for them
iproute2             a shaped link in a network namespace
openssl              a certificate for the HTTPS test
procps               the init script's test
busybox              that with its start-stop-daemon
valgrind             leaks over many calls
strace               counts system calls, and makes a board fail
END
        # Those whose warnings are errors, where the release has them; lint says what it goes without.
        codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release 2> /dev/null)
        case $codename in bookworm | trixie) echo 'gcc-12               warnings as errors' ;; esac
        case $codename in bookworm) echo 'clang-14             warnings as errors' ;; esac
        ;;
    check-cross)
        echo 'qemu-user-static     runs programs for ARM'
        echo 'ffmpeg               judges the streams the agent sends'
        echo 'ca-certificates      libiconv is fetched over HTTPS'
        echo 'xz-utils             unpacks the sources of the static libraries'
        echo 'bzip2                unpacks that of mbedtls'
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
    fuzz)
        echo 'clang                make fuzz'
        echo 'libclang-rt-dev      with its sanitizers and libFuzzer'
        ;;
    check-trixie)
        cat <<'END'
debootstrap            makes a Debian 13
debian-archive-keyring proves that it is Debian's
gpgv                   with this
python3                sums up
END
        ;;
    trixie) # what goes into that
        cat <<'END'
libcmocka-dev        unit tests
iproute2             a shaped link in a network namespace
openssl              keys
procps               processes
xz-utils             unpacks the sources of the static libraries
bzip2                unpacks that of mbedtls
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
        say "nothing here is called $1"
        usage 2
    fi
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
    log=$(mktemp) || return 1
    trap 'rm -f "$log"' EXIT
    for try in 1 2 3; do
        # A suite whose index cannot be fetched just now is no failure while the packages install.
        apt_get update || {
            say "apt-get update did not get everything; going on with what there is:"
            grep -E '^[EW]:' "$log" | head -5 >&2
        }
        # shellcheck disable=SC2086 # a list of names
        apt_get -y --no-install-recommends install $missing && break
        tail -20 "$log" >&2
        [ "$try" -lt 3 ] || { say "apt-get could not install them"; return 1; }
        say "once more"
        sleep 5
    done
    rm -f "$log"        # an exec goes past the trap
    say "installed"
}

# apt_get ARGUMENT...: how far it is, in one line on a terminal and in a line every 20 % elsewhere; the rest is in $log.
apt_get() {
    tty=0
    [ ! -t 2 ] || tty=1
    {
        # Not descriptor 1: dpkg's scripts would be without it. sudo closes those from 3 on, so it is opened behind sudo.
        as_root sh -c 'exec "$@" 3>&1' sh apt-get -qq -o Dpkg::Use-Pty=0 -o Acquire::Retries=3 -o APT::Status-Fd=3 "$@" 2>&1
        echo "status:$?"
    } | awk -v tty="$tty" -v log_file="$log" -v what="$*" '
        BEGIN { printf "" > log_file; if (what == "update") show("reading the lists of packages", "") }
        # dlstatus:N:PERCENT:TEXT and pmstatus:PACKAGE:PERCENT:TEXT; a package of another architecture has a colon.
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

# expect WHAT TEXT: how long it will take, from the last time on this machine or from others'.
expect() {
    took=$(cat "$O/took-$1" 2> /dev/null)
    if [ -n "$took" ]; then
        say "$1 took $(((took + 59) / 60)) minutes here the last time"
    else
        say "$1 takes $2 on two cores, after the packages"
    fi
}

# took WHAT SINCE: for the next time.
took() {
    mkdir -p "$O"
    echo $(($(date +%s) - $2)) > "$O/took-$1"
}

# ---- commands ---------------------------------------------------------------------------------------------
build() {
    say "building into $O/"
    make -j"$jobs" O="$O" "$@"
}

# counted NAME MAKE-ARGUMENT...: a phase that broke before it counted anything is one failure.
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
    # Compiled first, on all cores; tests then have the machine for themselves.
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
        exec sh tests/trixie.sh "$O" # which says what is skipped and why
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
