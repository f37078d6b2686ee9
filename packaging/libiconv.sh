#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds GNU libiconv as a static library for CC:   CC=arm-linux-gnueabihf-gcc sh packaging/libiconv.sh DIR
# Creates DIR/include/iconv.h and DIR/lib/libiconv.a; pass LIBICONV_PREFIX=DIR to make.
#
# Why: a static glibc loads converters from files on the target, which cameras lack, and musl cannot write GB2312.
# Debian has no libiconv package, but its source package node-iconv contains the sources, as does npm's `iconv`, from
# which it is made (LGPL-2.0-or-later). Version and checksums are pinned; no part of it is in this repository.
# LIBICONV_TARBALL=FILE uses a local copy of either.
#
# The tables for Japanese, Korean, traditional Chinese and single-byte charsets (600 KB) are replaced by converters that
# reject every character, and //TRANSLIT (150 KB) is disabled: GB/T 28181 uses GB2312, GBK, GB18030 and UTF-8, and
# characters that these lack become '?'. LIBICONV_FULL=1 keeps all tables.
set -eu

VERSION=3.0.1
SHA256=19d0c9109234dcf12796915a4a9c9496b8ecf3e0d08e4722f99b56e3d0a3dffb
SHA256_DEBIAN=99792d61b7c97b78ba7488f334c693a65797f8f05b2314404eb968ea3b60a79c
URL=${LIBICONV_URL:-https://registry.npmjs.org/iconv/-/iconv-$VERSION.tgz}
CC=${CC:-gcc}
CFLAGS=${CFLAGS:--Os}
# The archiver of the compiler's toolchain.
if [ -z "${AR:-}" ]; then
    AR=$($CC -print-prog-name=ar 2> /dev/null || echo ar)
    case $CC in *-gcc) command -v "${CC%gcc}ar" > /dev/null && AR=${CC%gcc}ar ;; esac
fi

prefix=${1:?usage: CC=COMPILER sh packaging/libiconv.sh DIR}
mkdir -p "$prefix"
prefix=$(cd "$prefix" && pwd)
stamp="$VERSION $SHA256 $CC $CFLAGS ${LIBICONV_FULL:-0} $(cksum < "$0")"
if [ "$(cat "$prefix/libiconv.stamp" 2> /dev/null)" = "$stamp" ] && [ -f "$prefix/lib/libiconv.a" ]; then
    exit 0
fi

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# pinned FILE: checks that it is the expected file, from npm or Debian.
pinned() {
    case $(sha256sum < "$1" 2> /dev/null) in "$SHA256 "* | "$SHA256_DEBIAN "*) return 0 ;; *) return 1 ;; esac
}

# The download is verified by its checksum, so the last method ignores a proxy's certificate.
fetch() {
    for try in 1 2 3; do
        [ "$try" = 1 ] || sleep 2
        rm -f "$tmp/iconv.tgz"
        if command -v curl > /dev/null; then
            curl -fsSL -m 60 -o "$tmp/iconv.tgz" "$URL" 2> /dev/null && return 0
        fi
        if command -v wget > /dev/null; then
            wget -q -T 60 -O "$tmp/iconv.tgz" "$URL" 2> /dev/null && return 0
        fi
        if command -v python3 > /dev/null; then
            python3 -c 'import ssl, sys, urllib.request as r
data = r.urlopen(sys.argv[1], timeout=60, context=ssl._create_unverified_context()).read()
open(sys.argv[2], "wb").write(data)' "$URL" "$tmp/iconv.tgz" 2> "$tmp/why" && return 0
            tail -n 1 "$tmp/why" >&2
        fi
        if command -v npm > /dev/null; then
            (cd "$tmp" && npm pack --silent "iconv@$VERSION" > /dev/null 2>&1 &&
                mv "iconv-$VERSION.tgz" iconv.tgz) && return 0
        fi
    done
    return 1
}

# Use the sources that static-libs.sh has fetched, if they are of this version.
tarball=${LIBICONV_TARBALL:-}
if [ -z "$tarball" ] && pinned "${LIBICONV_FOUND:-/dev/null}"; then
    tarball=$LIBICONV_FOUND
fi
if [ -z "$tarball" ]; then
    cache=${XDG_CACHE_HOME:-$HOME/.cache}/gbagent
    tarball=$cache/iconv-$VERSION.tgz
    if ! pinned "$tarball"; then
        mkdir -p "$cache"
        echo "libiconv: fetching $URL"
        fetch || { echo "libiconv: cannot fetch $URL; use LIBICONV_TARBALL=FILE or LIBICONV_URL= for a copy" >&2
            exit 1; }
        mv "$tmp/iconv.tgz" "$tarball"
    fi
fi
if ! pinned "$tarball"; then
    echo "libiconv: $tarball is not iconv $VERSION: expected SHA-256 $SHA256 or $SHA256_DEBIAN, got" >&2
    sha256sum "$tarball" >&2
    [ -n "${LIBICONV_TARBALL:-}" ] || rm -f "$tarball"
    exit 1
fi

src=$tmp/package
mkdir "$src"
tar -xzf "$tarball" -C "$src" --strip-components=1
if [ "${LIBICONV_FULL:-0}" != 1 ]; then
    for set in ksc5601 jisx0208 jisx0212 big5 hkscs1999 hkscs2001 hkscs2004 hkscs2008 uhc_1 uhc_2 isoir165ext \
        cns11643_inv cns11643_1 cns11643_2 cns11643_3 cns11643_4 cns11643_5 cns11643_6 cns11643_7 cns11643_15 \
        johab_hangul cp50221_0208_ext cp50221_0212_ext cp950ext \
        $(cd "$src/deps/libiconv/lib" &&
            grep -lE '_page[0-9a-f]+\[|_2uni\[' iso8859_*.h cp[0-9][0-9][0-9].h cp1*.h koi8_*.h mac_*.h hp_roman8.h \
            nextstep.h armscii_8.h georgian_*.h pt154.h rk1048.h mulelao.h tis620.h viscii.h tcvn.h \
            tds565.h riscos1.h atarist.h | grep -vxE 'cp936.h|cp1255.h|cp1258.h|tcvn.h' | sed 's/\.h$//'); do
        awk '/^[a-z0-9_]+_(mbtowc|wctomb) \(.*\)[ ]*$/ { $0 = "static int " $0 }
             /^static int [a-z0-9_]+_(mbtowc|wctomb|decompose) \(.*\)[ ]*$/ {
                 print $0 " { return " (/_mbtowc/ ? "RET_ILSEQ" : "RET_ILUNI") "; }" }' \
            "$src/deps/libiconv/lib/$set.h" > "$tmp/set.h"
        mv "$tmp/set.h" "$src/deps/libiconv/lib/$set.h"
    done
    sed 's/if (cd->transliterate)/if (0)/' "$src/deps/libiconv/lib/loop_unicode.h" > "$tmp/loop.h"
    mv "$tmp/loop.h" "$src/deps/libiconv/lib/loop_unicode.h"
fi
mkdir -p "$prefix/include" "$prefix/lib"

# compile FILE OBJECT. Implicit declarations, which the trimming could cause, are errors for every compiler, not only
# gcc 14 and clang 16. This excludes -w, which would silence them.
compile() {
    # shellcheck disable=SC2086 # CC and CFLAGS are lists
    $CC $CFLAGS -Werror=implicit-function-declaration -ffunction-sections -fdata-sections -DICONV_CONST=const \
        -DLIBDIR='""' -I"$src/support" -I"$src/deps/libiconv/lib" -c "$1" -o "$2" > "$tmp/log" 2>&1 ||
        { cat "$tmp/log" >&2; echo "libiconv: $CC cannot compile $1" >&2; exit 1; }
}

# iconv.h maps the usual names to libiconv_open etc.; localcharset is the only part of gnulib that it needs.
compile "$src/deps/libiconv/lib/iconv.c" "$tmp/iconv.o"
compile "$src/support/localcharset.c" "$tmp/localcharset.o"
rm -f "$prefix/lib/libiconv.a"
"$AR" rcs "$prefix/lib/libiconv.a" "$tmp/iconv.o" "$tmp/localcharset.o"
# char **, as in POSIX and libc's iconv.
sed 's/const char\* \* inbuf/char* * inbuf/' "$src/support/iconv.h" > "$prefix/include/iconv.h"
cp "$src/LICENSE" "$prefix/libiconv.LICENSE"
printf '%s\n' "$stamp" > "$prefix/libiconv.stamp"
echo "libiconv: $prefix/lib/libiconv.a for $CC"
