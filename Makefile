# SPDX-License-Identifier: MIT
# gbagent: a GB/T 28181 agent for IP cameras. `make help` lists the targets; see docs/architecture.md for the tree.
#
# ---- variables for the command line, the environment or config.mk -----------------------------------
-include config.mk

O               ?= build
V               ?= 0
TOOLCHAIN       ?=
ifneq ($(TOOLCHAIN),)
include toolchains/$(TOOLCHAIN).mk
endif
CROSS_COMPILE   ?=
ifeq ($(origin CC),default)
CC              := $(CROSS_COMPILE)gcc
endif
ifeq ($(origin AR),default)
AR              := $(CROSS_COMPILE)ar
endif
STRIP           ?= $(CROSS_COMPILE)strip
NM              ?= $(CROSS_COMPILE)nm
OBJCOPY         ?= $(CROSS_COMPILE)objcopy
PKG_CONFIG      ?= pkg-config
PYTHON          ?= python3
CFLAGS          ?= -O2 -g
CPPFLAGS        ?=
LDFLAGS         ?=
LDLIBS          ?=
BOARDS          ?= sim template
PREFIX          ?= /usr/local
SYSCONFDIR      ?= /etc
RUNDIR          ?= /run
STATEDIR        ?= /var/lib/gbagent
DESTDIR         ?=
# Output of packaging/static-libs.sh; takes precedence over the system's libraries.
STATIC_LIBS     ?=
WITH_LIBICONV   ?=
LIBICONV_PREFIX ?= $(STATIC_LIBS)
WITH_CURL       ?=
WITH_TRACE      ?= 1
WITH_HARDENING  ?= 1
WITH_SYSTEMD    ?= 1
WITH_ZH         ?= 1
STATIC          ?= 0
SANITIZE        ?= 0
WERROR          ?= 0
# ------------------------------------------------------------------------------------------------------

.DEFAULT_GOAL := all
comma := ,
hash := \#
VERSION := $(shell cat VERSION 2>/dev/null || echo 0.0.0)
Q := $(if $(filter 1,$(V)),,@)
silent := $(findstring s,$(firstword -$(MAKEFLAGS)))
say = $(if $(or $(filter 1,$(V)),$(silent)),@:,@printf '  %-7s %s\n' '$(1)' '$(2)')

include sources.mk
include deps.mk

UNKNOWN_BOARDS := $(strip $(foreach b,$(BOARDS),$(if $(wildcard board/$(b)),,$(b))))
ifneq ($(UNKNOWN_BOARDS),)
$(error BOARDS: no such folder in board/: $(UNKNOWN_BOARDS))
endif

# No -Wconversion with sanitizers: gcc rewrites expressions for them and then warns about conversions not in the source.
WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wvla \
            $(if $(filter 0,$(SANITIZE)),-Wconversion) $(if $(filter 1,$(WERROR)),-Werror)

# PIE, full RELRO, stack protector and FORTIFY unless WITH_HARDENING=0. No FORTIFY with a sanitizer, which intercepts
# the plain calls; no PIE for static programs, which keeps them small.
ifeq ($(WITH_HARDENING),1)
HARDEN_CFLAGS  := -fstack-protector-strong $(if $(filter 1,$(STATIC)),-fno-pie,-fPIE)
HARDEN_LDFLAGS := -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack $(if $(filter 1,$(STATIC)),-no-pie,-pie)
ifeq ($(SANITIZE)$(filter -O0,$(CFLAGS)),0)
HARDEN_CFLAGS  += -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
endif
endif

SAN_FLAGS :=
ifeq ($(SANITIZE),1)
SAN_FLAGS := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
else ifeq ($(SANITIZE),fuzz)
SAN_FLAGS := -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
endif

ifeq ($(STATIC),1)
# libosip2's clock shares an object file with other functions, so a static link must wrap it instead of interposing it.
# Wrapping parser_init leaves out the unused parser. No unwind tables, as nothing throws, and no padding to large pages.
LINK_FLAGS    := -static -Wl,--wrap=osip_gettimeofday -Wl,--wrap=parser_init -Wl,-z,max-page-size=4096
STATIC_CFLAGS := -DGBAGENT_STATIC $(if $(filter 0,$(SANITIZE)),-fno-asynchronous-unwind-tables -fno-unwind-tables)
endif

# 64-bit file offsets: 32-bit boards have cards past 2 GB, and directory entries past 32 bits.
BASE_CFLAGS = -std=c11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -DGBAGENT_VERSION='"$(VERSION)"' \
              -DGBAGENT_SYSCONFDIR='"$(SYSCONFDIR)"' -DGBAGENT_RUNDIR='"$(RUNDIR)"' -DGBAGENT_STATEDIR='"$(STATEDIR)"' \
              -DGBAGENT_DATADIR='"$(PREFIX)/share/gbagent"' \
              -Iinclude -Isrc -I. -ffunction-sections -fdata-sections \
              $(WARNINGS) $(HARDEN_CFLAGS) $(SAN_FLAGS) $(STATIC_CFLAGS) $(DEPS_CFLAGS)
ALL_CFLAGS  = $(BASE_CFLAGS) $(CPPFLAGS) $(CFLAGS)
ALL_LDFLAGS = $(HARDEN_LDFLAGS) $(SAN_FLAGS) -Wl,--gc-sections $(LINK_FLAGS) $(LDFLAGS)
ALL_LIBS    = $(DEPS_LIBS) $(LDLIBS)

LOWER_SRC := $(UTIL_SRC) $(TRACE_SRC) $(CODEC_SRC) $(MANSCDP_SRC) $(DEVICE_SRC) $(SIP_SRC) $(UA_SRC) $(AGENT_SRC)
UPPER_SRC := $(SYS_SRC) $(NET_SRC) $(STORE_SRC) $(CONF_SRC) $(MEDIA_SRC) $(CAMERAS_SRC) $(SESSIONS_SRC) $(HTTP_SRC) \
             $(APP_SRC)
BOARD_SRC := $(foreach b,$(BOARDS),$(BOARD_$(b)_SRC))
# The only objects to be rebuilt when WITH_ZH changes.
ZH_OBJ    := $(patsubst %.c,$(O)/obj/%.o,$(CONF_SRC) $(BOARD_SRC) $(TEST_BOARD_SRC) src/gbagentd.c \
               tests/unit/test_conf.c)
ZH_CFLAGS := $(if $(filter 1,$(WITH_ZH)),-DGBAGENT_ZH)
LOWER_OBJ := $(LOWER_SRC:%.c=$(O)/obj/%.o)
UPPER_OBJ := $(UPPER_SRC:%.c=$(O)/obj/%.o) $(BOARD_SRC:%.c=$(O)/obj/%.o) $(O)/obj/board_table.o

.PHONY: all
all: $(O)/gbagentd $(O)/gbagentctl

$(O)/gbagentd: $(O)/obj/src/gbagentd.o $(O)/libupper.a $(O)/liblower.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $^ $(ALL_LDFLAGS) $(if $(filter 1,$(STATIC)),-Wl$(comma)-Map=$@.map) $(ALL_LIBS)

$(O)/gbagentctl: $(O)/obj/src/gbagentctl.o $(O)/liblower.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $^ $(filter-out -Wl$(comma)--wrap=%,$(ALL_LDFLAGS)) $(LDLIBS)

# The clip and snapshots of board sim, found next to the program if not installed.
SIM_FILES := $(if $(filter sim,$(BOARDS)),$(wildcard board/sim/clip.h264 board/sim/*.jpg))
ifneq ($(SIM_FILES),)
all: $(SIM_FILES:board/sim/%=$(O)/%)
$(SIM_FILES:board/sim/%=$(O)/%): $(O)/%: board/sim/%
	$(Q)mkdir -p $(@D)
	$(Q)cp $< $@
endif

$(O)/liblower.a: $(LOWER_OBJ) $(O)/lower.list
	$(call say,AR,$@)
	$(Q)mkdir -p $(@D)
	$(Q)rm -f $@ && $(AR) rcs $@ $(filter %.o,$^)

$(O)/libupper.a: $(UPPER_OBJ) $(O)/upper.list
	$(call say,AR,$@)
	$(Q)mkdir -p $(@D)
	$(Q)rm -f $@ && $(AR) rcs $@ $(filter %.o,$^)

$(O)/obj/%.o: %.c $(O)/flags.stamp
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(if $(filter $@,$(ZH_OBJ)),$(ZH_CFLAGS)) -MMD -MP -c -o $@ $<

$(O)/obj/board_table.o: $(O)/obj/board_table.c
	$(call say,CC,$<)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# $(call board_table,NAMES): a recipe that writes $@.
define board_table
$(Q){ printf '#include "gbagent/board.h"\n'; \
	  for b in $(1); do printf 'extern const struct board_ops board_%s;\n' $$b; done; \
	  printf 'const struct board_ops *const board_table[] = {\n'; \
	  for b in $(1); do printf '    &board_%s,\n' $$b; done; printf '    0,\n};\n'; } > $@
endef

# The table of the selected boards, in the order of BOARDS.
$(O)/obj/board_table.c: $(O)/flags.stamp
	$(call say,GEN,$@)
	$(Q)mkdir -p $(@D)
	$(call board_table,$(BOARDS))

# A change of compiler, flags or boards rebuilds everything; a change of the source lists rebuilds the archives.
FLAGS_NOW = $(CC) $(filter-out -Werror,$(ALL_CFLAGS)) $(ALL_LDFLAGS) $(ALL_LIBS) $(BOARDS)
.PHONY: FORCE
FORCE:
$(O)/flags.stamp: FORCE | deps-check
	$(Q)mkdir -p $(@D)
	$(Q)printf '%s\n' '$(subst ','\'',$(FLAGS_NOW))' | cmp -s - $@ || printf '%s\n' '$(subst ','\'',$(FLAGS_NOW))' > $@

$(ZH_OBJ): $(O)/zh.stamp
$(O)/zh.stamp: FORCE | $(O)/flags.stamp
	$(Q)printf '%s\n' '$(ZH_CFLAGS)' | cmp -s - $@ || printf '%s\n' '$(ZH_CFLAGS)' > $@

$(O)/lower.list: FORCE | $(O)/flags.stamp
	$(Q)printf '%s\n' '$(LOWER_OBJ)' | cmp -s - $@ || printf '%s\n' '$(LOWER_OBJ)' > $@
$(O)/upper.list: FORCE | $(O)/flags.stamp
	$(Q)printf '%s\n' '$(UPPER_OBJ)' | cmp -s - $@ || printf '%s\n' '$(UPPER_OBJ)' > $@

-include $(LOWER_OBJ:.o=.d) $(UPPER_OBJ:.o=.d) $(O)/obj/src/gbagentd.d $(O)/obj/src/gbagentctl.d

include tests/tests.mk
include packaging/install.mk

# Measures stripped copies; build results are not modified. SIZE_MAX=N: limit in bytes, not counting charset tables.
.PHONY: size dist clean help
SIZE_MAX ?=
size: $(O)/gbagentd $(O)/gbagentctl
	$(Q)$(PYTHON) tests/size.py $(if $(SIZE_MAX),-m $(SIZE_MAX)) $(STRIP) $^

dist:
	$(Q)git rev-parse --git-dir > /dev/null 2>&1 || { echo "make dist: not a git checkout" >&2; exit 1; }
	$(Q)mkdir -p $(O)
	$(Q)git ls-files -z | tar --null --no-recursion --transform='s,^,gbagent-$(VERSION)/,S' --owner=0 --group=0 \
	  --sort=name --mtime="@$$(git log -1 --format=%ct)" -T - -cf - | gzip -n9 > $(O)/gbagent-$(VERSION).tar.gz
	@echo $(O)/gbagent-$(VERSION).tar.gz

clean:
	$(Q)rm -rf $(O)

help:
	@cat packaging/help.txt
