#!/bin/sh
# SPDX-License-Identifier: MIT
# Tests cross builds under qemu-user. For each architecture: the unit tests (dynamic), registration, keepalive and
# streaming of a static gbagentd, GB18030 in an empty chroot, and stripped sizes.
# Usage: tests/cross.sh [BUILDDIR]     `packaging/quickstart.sh check-cross` installs the requirements.
# ARCHS="armhf" selects one architecture; CROSS_E2E="register_md5" selects end-to-end tests.
set -u

cd "$(dirname "$0")/.." || exit 1
O=${1:-build}
case $O in /*) ;; *) O=$PWD/$O ;; esac
jobs=$(getconf _NPROCESSORS_ONLN 2> /dev/null || echo 2)
totals=$O/totals-cross
mkdir -p "$O"
: > "$totals"
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
unset MAKEFLAGS MFLAGS MAKELEVEL TOTALS
sizes=''

# count NAME STATUS: one test of its own.
count() {
    if [ "$2" -eq 0 ]; then
        echo "  ok    cross: $1"
        echo "$1 1 0 0" >> "$totals"
    else
        echo "  FAIL  cross: $1"
        echo "$1 0 1 0" >> "$totals"
    fi
}

# emulated DIR EMULATOR: makes scripts in DIR/emu/ that run the programs of DIR, for the tests.
emulated() {
    mkdir -p "$1/emu"
    for program in gbagentd gbagentctl; do
        printf '#!/bin/sh\nexec %s "%s" "$@"\n' "$2" "$1/$program" > "$1/emu/$program"
        chmod +x "$1/emu/$program"
    done
    [ ! -f "$1/clip.h264" ] || cp "$1/clip.h264" "$1/emu/"
}

# The end-to-end tests to run for each architecture.
e2e_names() {
    if [ -n "${CROSS_E2E:-}" ]; then
        echo "$CROSS_E2E"
        return
    fi
    for file in tests/e2e/register_*.py tests/e2e/keepalive*.py tests/e2e/live_*.py; do
        [ ! -f "$file" ] || basename "$file" .py
    done
}

# size_of DIR MAKE-ARGUMENTS...: bytes of the stripped gbagentd without charset tables.
size_of() {
    dir=$1
    shift
    make -s O="$dir" "$@" size | awk 'NR == 2 { print $4 }'
}

# Runs a program in an empty chroot, where it cannot load any file of libc.
in_empty_root() {
    program=$1 emulator=$2
    root=$tmp/root
    rm -rf "$root"
    mkdir -p "$root"
    cp "$program" "$root/program"
    enter=chroot
    [ "$(id -u)" = 0 ] || enter='unshare -r chroot'
    if [ -n "$emulator" ]; then
        cp "$(command -v "$emulator")" "$root/emulator" || return 1
        $enter "$root" /emulator /program
    else
        $enter "$root" /program
    fi
}

for arch in ${ARCHS:-armhf arm64}; do
    case $arch in
    armhf) toolchain=arm-linux-gnueabihf emulator=qemu-arm-static size_max=750000 extras_max=24576 ;;
    arm64) toolchain=aarch64-linux-gnu emulator=qemu-aarch64-static size_max='' extras_max='' ;;
    *) echo "tests/cross.sh: no toolchain for $arch" >&2; exit 2 ;;
    esac
    [ "$(dpkg --print-architecture 2> /dev/null)" != "$arch" ] || emulator=''
    echo "== $arch"
    for tool in "$toolchain-gcc" ${emulator:+"$emulator"}; do
        command -v "$tool" > /dev/null || { echo "  $tool is missing: sh packaging/quickstart.sh deps check-cross"
            count "$tool" 1; continue 2; }
    done

    dynamic=$O/cross-$arch
    if make -s -j"$jobs" O="$dynamic" TOOLCHAIN="$toolchain" all unit-bin; then
        names=$(make -s O="$dynamic" TOOLCHAIN="$toolchain" print-unit)
        # shellcheck disable=SC2086 # a list of names
        python3 tests/run.py --bin "$dynamic" --unit --timeout 300 --exec "$emulator" --totals "$totals" \
            --label "unit-$arch" $names
    else
        count "build-$arch" 1
    fi

    static=$O/static-$arch
    # Small libraries from source. If their sources are not available: Debian's static libraries, and no size limit.
    if CC=$toolchain-gcc sh packaging/static-libs.sh "$static/libs"; then
        libs="STATIC_LIBS=$static/libs"
    else
        CC=$toolchain-gcc sh packaging/libiconv.sh "$static/libs" || { count "libiconv-$arch" 1; continue; }
        libs="LIBICONV_PREFIX=$static/libs"
    fi
    # First without trace and Chinese texts, to measure them; the full build then takes little time.
    small=''
    case $libs$size_max in STATIC_LIBS=*[0-9])
        if make -s -j"$jobs" O="$static" TOOLCHAIN="$toolchain" STATIC=1 CFLAGS=-Os "$libs" WITH_TRACE=0 WITH_ZH=0 \
            all; then
            small=$(size_of "$static" TOOLCHAIN="$toolchain" STATIC=1 CFLAGS=-Os "$libs" WITH_TRACE=0 WITH_ZH=0)
        fi
        [ "${small:-$size_max}" -lt "$size_max" ]
        count "size-$arch: ${small:-?} of $size_max bytes without trace, Chinese and charset tables" $? ;;
    esac
    if ! make -s -j"$jobs" O="$static" TOOLCHAIN="$toolchain" STATIC=1 CFLAGS=-Os "$libs" all; then
        count "build-static-$arch" 1
        continue
    fi
    "$toolchain-readelf" -lW "$static/gbagentd" | grep -E 'INTERP|DYNAMIC' > "$tmp/dynamic"
    if [ -s "$tmp/dynamic" ]; then count "static-$arch" 1; else count "static-$arch" 0; fi

    "$toolchain-gcc" -Os -static -isystem "$static/libs/include" -o "$static/gb18030" tests/cross/gb18030.c \
        -L"$static/libs/lib" -liconv && in_empty_root "$static/gb18030" "$emulator"
    count "gb18030-$arch" $?

    emulated "$static" "$emulator"
    names=$(e2e_names)
    if [ -n "$names" ]; then
        # shellcheck disable=SC2086 # a list of names
        GBAGENT_SLOW=${GBAGENT_SLOW:-4} python3 tests/run.py --bin "$static/emu" --e2e --timeout 300 \
            --totals "$totals" --label "e2e-$arch" $names
    else
        count "e2e-$arch: no tests found" 1
    fi
    if [ -n "$small" ]; then
        extras=$(($(size_of "$static" TOOLCHAIN="$toolchain" STATIC=1 CFLAGS=-Os "$libs") - small))
        [ "$extras" -le "$extras_max" ]
        count "size-$arch: $extras of $extras_max bytes for trace and Chinese" $?
    fi
    sizes="$sizes$(make -s O="$static" TOOLCHAIN="$toolchain" STATIC=1 CFLAGS=-Os "$libs" size |
        sed "s/^/$arch static  /; s|$O/||")
$(make -s O="$dynamic" TOOLCHAIN="$toolchain" size | sed "s/^/$arch dynamic /; s|$O/||")
"
done

printf '\n%s' "$sizes"
python3 tests/run.py --sum "$totals"
