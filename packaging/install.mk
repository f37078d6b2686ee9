# SPDX-License-Identifier: MIT
# install and uninstall; included by the Makefile.

INSTALL    ?= install
MANDIR      = $(DESTDIR)$(PREFIX)/share/man
SYSTEMDDIR ?= /lib/systemd/system
# Replaces the default paths in packaged files by those of this build.
SUBST_PATHS = sed -e 's|/usr/local/bin|$(PREFIX)/bin|g' -e 's|/etc/|$(SYSCONFDIR)/|g' -e 's|/run/|$(RUNDIR)/|g' \
              -e 's|\([= ]\)/run\()*\)$$|\1$(RUNDIR)\2|' -e 's| /run）$$| $(RUNDIR)）|' \
              -e 's|/var/lib/gbagent|$(STATEDIR)|g'

# Installs a packaged file with this build's paths: $(call put,FROM,TO,MODE)
put = $(SUBST_PATHS) $(1) > $(2) && chmod $(3) $(2)

MAN_PAGES := gbagentctl.1 gbagent.conf.5 gbagentd.8
MAN_PAGES += $(MAN_PAGES:%=zh_CN/%)
# $(call man_path,PAGE): man5/gbagent.conf.5, zh_CN/man5/gbagent.conf.5
man_path = $(MANDIR)/$(dir $(1))man$(lastword $(subst ., ,$(1)))/$(notdir $(1))

# install-files installs what has been built. It keeps an existing config and installs the new example in share/gbagent.
.PHONY: install install-files uninstall
install: all
	$(Q)$(MAKE) --no-print-directory install-files

install-files:
	$(Q)$(INSTALL) -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/gbagent \
	  $(MANDIR)/man1 $(MANDIR)/man5 $(MANDIR)/man8 \
	  $(MANDIR)/zh_CN/man1 $(MANDIR)/zh_CN/man5 $(MANDIR)/zh_CN/man8 \
	  $(DESTDIR)$(SYSCONFDIR)/init.d
	$(Q)$(INSTALL) -d -m 700 $(DESTDIR)$(STATEDIR)
	$(Q)$(INSTALL) -m 755 $(O)/gbagentd $(O)/gbagentctl $(DESTDIR)$(PREFIX)/bin/
	$(Q)$(INSTALL) -m 644 board/sim/clip.h264 board/sim/*.jpg $(DESTDIR)$(PREFIX)/share/gbagent/
	$(Q)$(call put,packaging/gbagent.conf,$(DESTDIR)$(PREFIX)/share/gbagent/gbagent.conf,644)
	$(Q)test -e $(DESTDIR)$(SYSCONFDIR)/gbagent.conf || \
	  $(INSTALL) -m 600 $(DESTDIR)$(PREFIX)/share/gbagent/gbagent.conf $(DESTDIR)$(SYSCONFDIR)/gbagent.conf
	$(Q)$(foreach p,$(MAN_PAGES),$(call put,packaging/man/$(p),$(call man_path,$(p)),644) && ) true
	$(Q)$(call put,packaging/sysv/S95gbagentd,$(DESTDIR)$(SYSCONFDIR)/init.d/S95gbagentd,755)
ifeq ($(WITH_SYSTEMD),1)
	$(Q)$(INSTALL) -d $(DESTDIR)$(SYSTEMDDIR)
	$(Q)$(call put,packaging/systemd/gbagentd.service,$(DESTDIR)$(SYSTEMDDIR)/gbagentd.service,644)
endif

uninstall:
	$(Q)rm -f $(DESTDIR)$(PREFIX)/bin/gbagentd $(DESTDIR)$(PREFIX)/bin/gbagentctl \
	  $(DESTDIR)$(PREFIX)/share/gbagent/clip.h264 $(DESTDIR)$(PREFIX)/share/gbagent/snapshot[12].jpg \
	  $(DESTDIR)$(PREFIX)/share/gbagent/gbagent.conf \
	  $(foreach p,$(MAN_PAGES),$(call man_path,$(p))) \
	  $(DESTDIR)$(SYSCONFDIR)/init.d/S95gbagentd $(DESTDIR)$(SYSTEMDDIR)/gbagentd.service
	$(Q)rmdir $(DESTDIR)$(PREFIX)/share/gbagent 2>/dev/null || true
	$(Q)test ! -e $(DESTDIR)$(SYSCONFDIR)/gbagent.conf || echo "kept: $(DESTDIR)$(SYSCONFDIR)/gbagent.conf"
