# SPDX-License-Identifier: MIT
# The libraries to link, located by pkg-config. If one is missing, make stops with the name of its Debian package.

NO_DEPS_GOALS := clean help dist uninstall check-cross deps-none
pc_static = PKG_CONFIG_PATH= PKG_CONFIG_LIBDIR=$(abspath $(STATIC_LIBS))/lib/pkgconfig pkg-config
pc        = $(if $(STATIC_LIBS),$(pc_static),$(PKG_CONFIG))
have_pc   = $(shell $(pc) --exists $(1) 2>/dev/null && echo 1)
pc_cflags = $(shell $(pc) --cflags $(1))
pc_libs   = $(shell $(pc) $(if $(filter 1,$(STATIC)),--static) --libs $(1))
# try_link lines-before-main,statements,flags: "1" if such a program links with this compiler.
try_link = $(shell printf '$(1)\nint main(void) { $(2) return 0; }\n' | \
             $(CC) $(CPPFLAGS) $(CFLAGS) $(if $(filter 1,$(STATIC)),-static) -x c - -o /dev/null $(LDFLAGS) $(3) \
             2>/dev/null && echo 1)

DEPS_CFLAGS  :=
DEPS_LIBS    :=
DEPS_MISSING :=
DEPS_NOTES   :=

ifneq ($(or $(filter-out $(NO_DEPS_GOALS),$(MAKECMDGOALS)),$(if $(MAKECMDGOALS),,all)),)

# pc_dep name-in-pkg-config,debian-package
define pc_dep
ifeq ($(call have_pc,$(1)),1)
DEPS_CFLAGS += $(call pc_cflags,$(1))
DEPS_FOUND  += $(call pc_libs,$(1))
else
DEPS_MISSING += $(2)
endif
endef

# Always use the flags from the .pc file: those of a libosip2 without threads change its structures.
$(eval $(call pc_dep,libosip2,libosip2-dev))
# mxml 4 is named mxml4.
$(eval $(call pc_dep,$(or $(firstword $(foreach p,mxml4 mxml,$(if $(call have_pc,$(p)),$(p)))),mxml),libmxml-dev))
$(eval $(call pc_dep,inih,libinih-dev))

# mbedtls 2.28 has no .pc file.
ifeq ($(call have_pc,mbedcrypto),1)
DEPS_CFLAGS += $(call pc_cflags,mbedcrypto)
DEPS_FOUND  += $(call pc_libs,mbedcrypto)
else ifeq ($(call try_link,$(hash)include <mbedtls/md5.h>,mbedtls_md5_free(0);,-lmbedcrypto),1)
DEPS_FOUND  += -lmbedcrypto
else
DEPS_MISSING += libmbedtls-dev
endif

# iconv: a dynamic program uses glibc's. Every other libc (musl decodes GB2312 but cannot encode it) and every static
# program (a static glibc loads gconv modules from the target, which has none) use libiconv. This depends only on libc
# and link mode, and never runs a built program. WITH_LIBICONV=1 forces libiconv.
LIBC_IS_GLIBC := $(shell printf '$(hash)include <features.h>\n$(hash)ifdef __GLIBC__\nglibc\n$(hash)endif\n' | \
                   $(CC) $(CPPFLAGS) $(CFLAGS) -E -P -x c - 2>/dev/null | grep -q glibc && echo 1)
NEED_LIBICONV := $(if $(filter 1,$(WITH_LIBICONV) $(STATIC))$(if $(LIBC_IS_GLIBC),,other),1)
ifeq ($(NEED_LIBICONV),1)
ICONV_CFLAGS := $(if $(LIBICONV_PREFIX),-isystem $(LIBICONV_PREFIX)/include)
ICONV_LIBS   := $(if $(LIBICONV_PREFIX),-L$(LIBICONV_PREFIX)/lib) -liconv
ICONV_HEAD   := $(hash)include <iconv.h>\n$(hash)ifndef _LIBICONV_VERSION\n$(hash)error\n$(hash)endif
ifeq ($(call try_link,$(ICONV_HEAD),iconv_open("GB18030"$(comma) "UTF-8");,$(ICONV_CFLAGS) $(ICONV_LIBS)),1)
DEPS_CFLAGS += $(ICONV_CFLAGS)
DEPS_FOUND  += $(ICONV_LIBS)
else
DEPS_NOTES  += libiconv
endif
endif

# libcurl, for snapshots and upgrades: by default used if found, but not in static and cross builds. WITH_CURL=1
# requires it, WITH_CURL=0 leaves it out.
ifeq ($(WITH_CURL),)
WITH_CURL := $(if $(filter 1,$(STATIC))$(CROSS_COMPILE)$(TOOLCHAIN),0,$(or $(call have_pc,libcurl),0))
endif
ifeq ($(WITH_CURL),1)
$(eval $(call pc_dep,libcurl,libcurl4-openssl-dev))
endif

# libosip2's .pc file lists its two archives in an order that only works for shared libraries.
DEPS_LIBS := $(if $(filter 1,$(STATIC)),-Wl$(comma)--start-group $(DEPS_FOUND) -Wl$(comma)--end-group,$(DEPS_FOUND))

endif

APP_SRC  += $(if $(filter 0,$(WITH_TRACE)),$(APP_SRC_NO_TRACE),$(APP_SRC_TRACE))
HTTP_SRC += $(if $(filter 1,$(WITH_CURL)),$(HTTP_SRC_CURL),$(HTTP_SRC_NONE))

# Static glibc: before 2.34 its resolver was a separate library (now empty).
STATIC_GLIBC := $(filter 1,$(STATIC))$(LIBC_IS_GLIBC)
NET_SRC      += $(if $(filter 11,$(STATIC_GLIBC)),$(RESOLVE_SRC_DNS),$(RESOLVE_SRC_GAI))
SYS_SRC      += $(if $(filter 11,$(STATIC_GLIBC)),$(ZONE_SRC_TZIF),$(ZONE_SRC_LIBC))
DEPS_LIBS    += $(if $(filter 11,$(STATIC_GLIBC)),-lresolv)

.PHONY: deps-check
deps-check:
ifneq ($(strip $(DEPS_MISSING)),)
	@echo "gbagent: missing libraries. On Debian: apt-get install $(addsuffix $(DEB_ARCH),$(sort $(DEPS_MISSING)))" >&2
	@echo "gbagent: (searched with '$(pc)' and '$(CC)')" >&2
endif
ifneq ($(strip $(DEPS_NOTES)),)
	@echo "gbagent: this build needs GNU libiconv, because the libc of static programs and of non-glibc systems" >&2
	@echo "gbagent: cannot write GB2312 and GB18030. Build it with 'CC=$(CC) sh packaging/libiconv.sh DIR'," >&2
	@echo "gbagent: then pass LIBICONV_PREFIX=DIR." >&2
endif
ifneq ($(strip $(DEPS_MISSING) $(DEPS_NOTES)),)
	@false
endif
