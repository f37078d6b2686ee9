#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds small static libraries for CC from Debian's sources:
#   CC=arm-linux-gnueabihf-gcc sh packaging/static-libs.sh DIR
#   make STATIC=1 CFLAGS=-Os STATIC_LIBS=DIR ...               (with TOOLCHAIN= or CC= as usual)
#
# Debian's own archives are compiled for shared objects, with several functions per section. These have one section per
# function, no threads and no tracing, so that a static program contains only what it calls (60 KB less). For a libc
# without Debian libraries (musl) there is no alternative. GNU libiconv is included, through libiconv.sh.
#
# The sources are fetched by `apt-get source` with its own state (no root, sources.list untouched) and verified by
# Debian's signature; they are not part of this repository. SUITES lists the releases to look in, in that order.
set -eu

SUITES=${SUITES:-trixie bookworm}
CC=${CC:-gcc}
CFLAGS=${CFLAGS:--Os}
if [ -z "${AR:-}" ]; then
    AR=${CC%gcc}ar
    case $CC in *-gcc) command -v "$AR" > /dev/null || AR="ar" ;; *) AR="ar" ;; esac
fi

prefix=${1:?usage: CC=COMPILER sh packaging/static-libs.sh DIR}
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$prefix/include" "$prefix/lib/pkgconfig"
prefix=$(cd "$prefix" && pwd)
stamp="$SUITES $CC $CFLAGS $(cat "$here/static-libs.sh" "$here/libiconv.sh" | cksum)"
if [ "$(cat "$prefix/static-libs.stamp" 2> /dev/null)" != "$stamp" ]; then
    rm -f "$prefix/static-libs.stamp"
else
    exit 0
fi
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
log=$tmp/log

die() {
    tail -n 20 "$log" >&2
    echo "static-libs: $1" >&2
    exit 1
}

fetch() {
    cache=${XDG_CACHE_HOME:-$HOME/.cache}/gbagent/apt
    mkdir -p "$cache/parts" "$cache/lists/partial" "$cache/cache/archives/partial"
    set -- -o Dir::Etc::sourcelist=/dev/null -o "Dir::Etc::sourceparts=$cache/parts" \
        -o "Dir::State::lists=$cache/lists" -o "Dir::Cache=$cache/cache" -o Acquire::Retries=3 -qq
    found=
    for mirror in $(sh "$here/debian-mirror.sh"); do
        cat > "$cache/parts/src.sources" <<END
Types: deb-src
URIs: $mirror
Suites: $SUITES
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
END
        apt-get "$@" update > "$log" 2>&1 && found=$mirror && break
    done
    [ -n "$found" ] || die "apt-get update for the sources failed"
    for package in libosip2 mxml mbedtls libinih; do
        for suite in $SUITES; do
            rm -f "$tmp/$package"_*
            (cd "$tmp" && apt-get "$@" --download-only source "$package/$suite") > "$log" 2>&1 && break
            [ "$suite" != "${SUITES##* }" ] || die "no source of $package"
        done
        for file in "$tmp/$package"_*.orig.tar.*; do
            case $file in *.asc) continue ;; esac
            mkdir -p "$tmp/src/$package"
            tar -xf "$file" -C "$tmp/src/$package" --strip-components=1
        done
    done
    # libiconv.sh verifies this one by its checksum, and has another place to fetch it from.
    (cd "$tmp" && apt-get "$@" --tar-only source node-iconv) > "$log" 2>&1 || :
    for file in "$tmp"/node-iconv_*.orig.tar.gz; do
        [ ! -f "$file" ] || export LIBICONV_FOUND="$file"
    done
}

# The compiler with the common flags, without warnings: these are not our sources.
compile() {
    # shellcheck disable=SC2086 # CC and CFLAGS are lists
    $CC $CFLAGS -w -ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables -fno-unwind-tables "$@" \
        > "$log" 2>&1 ||
        die "$CC $*"
}

# configured FOLDER OPTION...: runs configure and make there, but not autotools, whatever the files' times.
configured() {
    cd "$1"
    shift
    host=$($CC -dumpmachine)
    # shellcheck disable=SC2086 # CC and CFLAGS are lists
    ./configure --host="$host" --prefix="$prefix" "$@" CC="$CC" AR="$AR" \
        CFLAGS="$CFLAGS -w -ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables -fno-unwind-tables" \
        > "$log" 2>&1 || die "configure failed in $PWD"
}

fetch

configured "$tmp/src/libosip2" --disable-shared --enable-static --disable-mt --disable-trace
for target in all install; do
    make ACLOCAL=: AUTOCONF=: AUTOMAKE=: AUTOHEADER=: "$target" > "$log" 2>&1 ||
        die "make $target of libosip2 failed"
done
rm -f "$prefix"/lib/*.la

configured "$tmp/src/mxml" --disable-shared --disable-threads
make libmxml.a > "$log" 2>&1 || die "make of mxml failed"
cp libmxml.a "$prefix/lib/"
cp mxml.h "$prefix/include/"
cp mxml.pc "$prefix/lib/pkgconfig/"

# mbedtls: only the three hashes.
cd "$tmp/src/mbedtls/library"
cat > "$tmp/config.h" <<'END'
#define MBEDTLS_MD5_C
#define MBEDTLS_SHA1_C
#define MBEDTLS_SHA224_C
#define MBEDTLS_SHA256_C
#define MBEDTLS_SHA256_SMALLER
END
for file in md5 sha1 sha256 platform_util; do
    compile -DMBEDTLS_CONFIG_FILE="\"$tmp/config.h\"" -I../include -c "$file.c" -o "$tmp/$file.o"
done
rm -f "$prefix/lib/libmbedcrypto.a"
"$AR" rcs "$prefix/lib/libmbedcrypto.a" "$tmp/md5.o" "$tmp/sha1.o" "$tmp/sha256.o" "$tmp/platform_util.o"
rm -rf "$prefix/include/mbedtls" "$prefix/include/psa"
cp -r ../include/mbedtls ../include/psa "$prefix/include/"

cd "$tmp/src/libinih"
compile -c ini.c -o "$tmp/ini.o"
rm -f "$prefix/lib/libinih.a"
"$AR" rcs "$prefix/lib/libinih.a" "$tmp/ini.o"
cp ini.h "$prefix/include/"

for lib in inih:-linih mbedcrypto:-lmbedcrypto; do
    printf 'Name: %s\nDescription: static\nVersion: 0\nLibs: -L%s %s\nCflags: -I%s\n' "${lib%%:*}" "$prefix/lib" \
        "${lib#*:}" "$prefix/include" > "$prefix/lib/pkgconfig/${lib%%:*}.pc"
done

CC=$CC AR=$AR CFLAGS=$CFLAGS sh "$here/libiconv.sh" "$prefix"
printf '%s\n' "$stamp" > "$prefix/static-libs.stamp"
echo "static-libs: $prefix for $CC"
