# SPDX-License-Identifier: MIT
# ARMv7 with glibc (Debian armhf): Debian's cross compiler and multi-arch -dev packages.
#   dpkg --add-architecture armhf && apt-get update
#   apt-get install gcc-arm-linux-gnueabihf libc6-dev-armhf-cross \
#     libosip2-dev:armhf libmxml-dev:armhf libmbedtls-dev:armhf libinih-dev:armhf
CROSS_COMPILE ?= arm-linux-gnueabihf-
PKG_CONFIG    ?= PKG_CONFIG_PATH= PKG_CONFIG_LIBDIR=/usr/lib/$(TOOLCHAIN)/pkgconfig:/usr/share/pkgconfig pkg-config
DEB_ARCH      := :armhf
