# SPDX-License-Identifier: MIT
# ARMv8 with glibc (Debian arm64): Debian's cross compiler and multi-arch -dev packages.
#   dpkg --add-architecture arm64 && apt-get update
#   apt-get install gcc-aarch64-linux-gnu libc6-dev-arm64-cross \
#     libosip2-dev:arm64 libmxml-dev:arm64 libmbedtls-dev:arm64 libinih-dev:arm64
CROSS_COMPILE ?= aarch64-linux-gnu-
PKG_CONFIG    ?= PKG_CONFIG_PATH= PKG_CONFIG_LIBDIR=/usr/lib/$(TOOLCHAIN)/pkgconfig:/usr/share/pkgconfig pkg-config
LDFLAGS       ?= -Wl,-z,max-page-size=4096
DEB_ARCH      := :arm64
