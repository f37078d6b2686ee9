# SPDX-License-Identifier: MIT
# What is linked, found by pkg-config; a missing one stops make with the name of its Debian package.

NO_DEPS_GOALS := clean help dist uninstall check-cross deps-none
pc        = $(if $(STATIC_LIBS),PKG_CONFIG_PATH= PKG_CONFIG_LIBDIR=$(abspath $(STATIC_LIBS))/lib/pkgconfig pkg-config,$(PKG_CONFIG))
have_pc   = $(shell $(pc) --exists $(1) 2>/dev/null && echo 1)
pc_cflags = $(shell $(pc) --cflags $(1))
pc_libs   = $(shell $(pc) $(if $(filter 1,$(STATIC)),--static) --libs $(1))
# try_link lines-before-main,statements,flags: "1" when such a program links with this compiler.
try_link = $(shell printf '$(1)\nint main(void) { $(2) return 0; }\n' | \
             $(CC) $(CPPFLAGS) $(CFLAGS) $(if $(filter 1,$(STATIC)),-static) -x c - -o /dev/null $(LDFLAGS) $(3) 2>/dev/null && echo 1)

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

# Flags always come from the .pc: a libosip2 built without threads changes its structures by them.
$(eval $(call pc_dep,libosip2,libosip2-dev))
# mxml 4 calls itself mxml4.
$(eval $(call pc_dep,$(or $(firstword $(foreach p,mxml4 mxml,$(if $(call have_pc,$(p)),$(p)))),mxml),libmxml-dev))
$(eval $(call pc_dep,inih,libinih-dev))

# mbedtls 2.28 has no .pc.
ifeq ($(call have_pc,mbedcrypto),1)
DEPS_CFLAGS += $(call pc_cflags,mbedcrypto)
DEPS_FOUND  += $(call pc_libs,mbedcrypto)
else ifeq ($(call try_link,$(hash)include <mbedtls/md5.h>,mbedtls_md5_free(0);,-lmbedcrypto),1)
DEPS_FOUND  += -lmbedcrypto
else
DEPS_MISSING += libmbedtls-dev
endif

# iconv: glibc's own in a dynamic program. libiconv for every other libc (musl decodes GB2312 but cannot encode it) and
# for every static program (a static glibc loads its gconv modules from the target, where there are none). Decided from
# libc and link mode alone, never by running what was built; WITH_LIBICONV=1 forces libiconv.
LIBC_IS_GLIBC := $(shell printf '$(hash)include <features.h>\n$(hash)ifdef __GLIBC__\nglibc\n$(hash)endif\n' | \
                   $(CC) $(CPPFLAGS) $(CFLAGS) -E -P -x c - 2>/dev/null | grep -q glibc && echo 1)
NEED_LIBICONV := $(if $(filter 1,$(WITH_LIBICONV) $(STATIC))$(if $(LIBC_IS_GLIBC),,other),1)
ifeq ($(NEED_LIBICONV),1)
ICONV_CFLAGS := $(if $(LIBICONV_PREFIX),-isystem $(LIBICONV_PREFIX)/include)
ICONV_LIBS   := $(if $(LIBICONV_PREFIX),-L$(LIBICONV_PREFIX)/lib) -liconv
ifeq ($(call try_link,$(hash)include <iconv.h>\n$(hash)ifndef _LIBICONV_VERSION\n$(hash)error\n$(hash)endif,iconv_open("GB18030"$(comma) "UTF-8");,$(ICONV_CFLAGS) $(ICONV_LIBS)),1)
DEPS_CFLAGS += $(ICONV_CFLAGS)
DEPS_FOUND  += $(ICONV_LIBS)
else
DEPS_NOTES  += libiconv
endif
endif

# libcurl is for snapshots and upgrades alone: taken where it is found, unless the program is to be small or for another
# machine. WITH_CURL=1 asks for it there too, WITH_CURL=0 leaves it out.
ifeq ($(WITH_CURL),)
WITH_CURL := $(if $(filter 1,$(STATIC))$(CROSS_COMPILE)$(TOOLCHAIN),0,$(or $(call have_pc,libcurl),0))
endif
ifeq ($(WITH_CURL),1)
$(eval $(call pc_dep,libcurl,libcurl4-openssl-dev))
endif

# libosip2's .pc names its two archives in the order that only a shared link forgives.
DEPS_LIBS := $(if $(filter 1,$(STATIC)),-Wl$(comma)--start-group $(DEPS_FOUND) -Wl$(comma)--end-group,$(DEPS_FOUND))

endif

APP_SRC  += $(if $(filter 0,$(WITH_TRACE)),$(APP_SRC_NO_TRACE),$(APP_SRC_TRACE))
HTTP_SRC += $(if $(filter 1,$(WITH_CURL)),$(HTTP_SRC_CURL),$(HTTP_SRC_NONE))

# A static glibc: its resolver was a library of its own before 2.34 (an empty one is left).
STATIC_GLIBC := $(filter 1,$(STATIC))$(LIBC_IS_GLIBC)
NET_SRC      += $(if $(filter 11,$(STATIC_GLIBC)),$(RESOLVE_SRC_DNS),$(RESOLVE_SRC_GAI))
SYS_SRC      += $(if $(filter 11,$(STATIC_GLIBC)),$(ZONE_SRC_TZIF),$(ZONE_SRC_LIBC))
DEPS_LIBS    += $(if $(filter 11,$(STATIC_GLIBC)),-lresolv)

.PHONY: deps-check
deps-check:
ifneq ($(strip $(DEPS_MISSING)),)
	@echo "gbagent: missing libraries. On Debian: apt-get install $(addsuffix $(DEB_ARCH),$(sort $(DEPS_MISSING)))" >&2
	@echo "gbagent: (looked with '$(pc)' and '$(CC)')" >&2
endif
ifneq ($(strip $(DEPS_NOTES)),)
	@echo "gbagent: this build needs GNU libiconv: static programs and non-glibc" >&2
	@echo "gbagent: systems cannot write GB2312/GB18030 with their libc. 'CC=$(CC) sh packaging/libiconv.sh DIR' builds it;" >&2
	@echo "gbagent: then pass LIBICONV_PREFIX=DIR." >&2
endif
ifneq ($(strip $(DEPS_MISSING) $(DEPS_NOTES)),)
	@false
endif
