# SPDX-License-Identifier: MIT
# Test targets, included by the Makefile. The tests are listed in sources.mk.

RUN_PY     := $(PYTHON) tests/run.py
# Every phase appends "name passed failed skipped" here for check to add up.
TOTALS     ?= $(O)/totals
JOBS       ?=
RUN_FLAGS   = --bin $(O) --totals $(TOTALS) $(if $(JOBS),--jobs $(JOBS)) $(if $(EMULATOR),--exec '$(EMULATOR)')
E2E        ?=
UNIT       ?=
FUZZ_SECONDS ?= 60
export TOTALS

# ---- unit: linked with the lower half only, or with both halves for UPPER_UNIT_TESTS ------------------
ALL_UNIT  := $(UNIT_TESTS) $(UPPER_UNIT_TESTS)
UNIT_BIN  := $(ALL_UNIT:%=$(O)/tests/%)
# tests/unit/support.c makes every allocation fail in turn.
WRAP      := -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=strdup
TEST_OBJ  := $(ALL_UNIT:%=$(O)/obj/tests/unit/%.o) $(O)/obj/tests/unit/support.o

$(UPPER_UNIT_TESTS:%=$(O)/tests/%): $(O)/tests/%: $(O)/obj/tests/unit/%.o $(O)/obj/tests/unit/support.o \
                                    $(O)/libupper.a $(O)/liblower.a
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $^ $(ALL_LDFLAGS) $(WRAP) $(ALL_LIBS) -lcmocka

$(O)/tests/%: $(O)/obj/tests/unit/%.o $(O)/obj/tests/unit/support.o $(O)/liblower.a
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $^ $(ALL_LDFLAGS) $(WRAP) $(ALL_LIBS) -lcmocka

# test_settings makes each of these calls fail or end the process.
$(O)/tests/test_settings: WRAP += -Wl,--wrap=open,--wrap=open64,--wrap=write,--wrap=fsync,--wrap=rename,--wrap=close

-include $(TEST_OBJ:.o=.d)
.SECONDARY: $(TEST_OBJ)

.PHONY: unit-bin check-unit print-unit
print-unit:
	@echo $(ALL_UNIT)
unit-bin: $(UNIT_BIN)
check-unit: all unit-bin
	$(Q)$(RUN_PY) $(RUN_FLAGS) --unit $(or $(UNIT),$(ALL_UNIT))

# ---- end to end: the real daemon against tests/platform -------------------------------------------------
# The daemon with the boards of the build and a test board.
TEST_BOARD_OBJ := $(TEST_BOARD_SRC:%.c=$(O)/obj/%.o) $(O)/obj/tests/board/table.o

$(O)/obj/tests/board/table.c: $(O)/flags.stamp
	$(call say,GEN,$@)
	$(Q)mkdir -p $(@D)
	$(call board_table,probe $(BOARDS))

$(O)/obj/tests/board/table.o: $(O)/obj/tests/board/table.c
	$(call say,CC,$<)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(O)/tests/gbagentd.probe: $(O)/obj/src/gbagentd.o $(TEST_BOARD_OBJ) $(O)/libupper.a $(O)/liblower.a
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -pthread -o $@ $^ $(ALL_LDFLAGS) $(ALL_LIBS)

-include $(TEST_BOARD_OBJ:.o=.d)

.PHONY: check-e2e
check-e2e: all $(O)/tests/gbagentd.probe
	$(Q)$(RUN_PY) $(RUN_FLAGS) --e2e $(E2E)

# ---- layers, lint ---------------------------------------------------------------------------------------
.PHONY: check-layers check-features lint

# Checks the feature table in the READMEs against sources and tests, and the log lines against the man page.
check-features:
	$(Q)mkdir -p $(O); $(PYTHON) tests/features.py
	$(Q)$(PYTHON) tests/log_events.py

LAYERS_UPPER := $(UPPER_OBJ) $(O)/obj/src/gbagentd.o $(O)/obj/src/gbagentctl.o

# The rules, and a test that each of them can fail.
check-layers: $(LOWER_OBJ) $(LAYERS_UPPER)
	$(Q)NM='$(NM)' $(PYTHON) tests/layers.py --lower $(LOWER_OBJ) --upper $(LAYERS_UPPER)
	$(Q)NM='$(NM)' CC='$(CC)' $(PYTHON) tests/layers_test.py --lower $(LOWER_OBJ) --upper $(LAYERS_UPPER)

lint: all
	$(Q)CFLAGS_BASE='$(subst ','\'',$(filter-out $(HARDEN_CFLAGS) $(SAN_FLAGS),$(BASE_CFLAGS)) $(ZH_CFLAGS))' \
	  VERSION='$(VERSION)' PYTHON='$(PYTHON)' sh tests/lint.sh $(O)

# ---- fuzzing: libFuzzer builds, and the same targets replaying their corpus -------------------------------
REPLAY_BIN := $(FUZZ_TARGETS:%=$(O)/replay/%)
FUZZ_BIN   := $(FUZZ_TARGETS:%=$(O)/fuzz/%)
FUZZ_OBJ   := $(FUZZ_TARGETS:%=$(O)/obj/tests/fuzz/%.o) $(O)/obj/tests/fuzz/replay_main.o

# Support code of fuzz_agent, linked into one object that exports only its own symbols, and is not slowed down by
# sanitizers and coverage.
RIG_OBJ  := $(FUZZ_RIG_SRC:%.c=$(O)/rig/%.o)
RIG_API  := judge_sip judge_answer snapshot_record snapshot_keep snapshot_restore snapshot_check \
            __wrap_malloc __wrap_calloc __wrap_realloc __wrap_strdup __wrap_free

$(O)/rig/%.o: %.c $(O)/flags.stamp
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(filter-out $(SAN_FLAGS),$(ALL_CFLAGS)) -O2 -MMD -MP -c -o $@ $<

$(O)/rig.o: $(RIG_OBJ)
	$(call say,LINK,$@)
	$(Q)$(CC) -nostdlib -r -o $@ $^
	$(Q)$(OBJCOPY) $(RIG_API:%=--keep-global-symbol=%) $@

$(O)/replay/fuzz_agent $(O)/fuzz/fuzz_agent: $(O)/rig.o
$(O)/replay/fuzz_agent $(O)/fuzz/fuzz_agent: ALL_LDFLAGS += $(WRAP),--wrap=free
-include $(RIG_OBJ:.o=.d)

$(O)/replay/%: $(O)/obj/tests/fuzz/%.o $(O)/obj/tests/fuzz/replay_main.o $(O)/libupper.a $(O)/liblower.a
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $^ $(ALL_LDFLAGS) $(ALL_LIBS)

$(O)/fuzz/%: $(O)/obj/tests/fuzz/%.o $(O)/libupper.a $(O)/liblower.a
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $^ $(ALL_LDFLAGS) -fsanitize=fuzzer $(ALL_LIBS)

-include $(FUZZ_OBJ:.o=.d)
.SECONDARY: $(FUZZ_OBJ)

.PHONY: fuzz fuzz-bin fuzz-replay replay-bin
fuzz-bin: $(FUZZ_BIN)
replay-bin: $(REPLAY_BIN)

# One target after the other, FUZZ_SECONDS each; FUZZ=name selects one. New inputs are kept in $(O)/fuzz-build/corpus.
# The agent is slow with trace-cmp; the words in tests/fuzz/agent.dict replace it.
FUZZ_LIST := $(or $(FUZZ),$(FUZZ_TARGETS))
FUZZ_FAST := fuzz_agent
fuzz_make  = $(if $(3),$(MAKE) --no-print-directory O=$(O)/$(1) CC=clang SANITIZE=fuzz CFLAGS='$(2)' \
               $(3:%=$(O)/$(1)/fuzz/%))
fuzz:
	$(Q)$(call fuzz_make,fuzz-build,-O1 -g,$(filter-out $(FUZZ_FAST),$(FUZZ_LIST)))
	$(Q)$(call fuzz_make,fuzz-fast,-O2 -g -fno-sanitize-coverage=trace-cmp,$(filter $(FUZZ_FAST),$(FUZZ_LIST)))
	$(Q)set -e; for t in $(FUZZ_LIST); do \
	  c=$(O)/fuzz-build/corpus/$$t; mkdir -p $$c tests/fuzz/corpus/$$t; echo "== $$t, $(FUZZ_SECONDS) s"; \
	  b=fuzz-build; case " $(FUZZ_FAST) " in *" $$t "*) b=fuzz-fast ;; esac; \
	  d=tests/fuzz/$${t#fuzz_}.dict; [ -f $$d ] && d=-dict=$$d || d=; \
	  $(O)/$$b/fuzz/$$t -max_total_time=$(FUZZ_SECONDS) -timeout=5 -rss_limit_mb=1024 -print_final_stats=1 $$d \
	    -artifact_prefix=$(O)/fuzz-build/$$t- $$c tests/fuzz/corpus/$$t > $$c.log 2>&1 \
	    || { tail -40 $$c.log; exit 1; }; \
	  grep -E 'number_of_executed|new_units' $$c.log; done; echo "$(words $(FUZZ_LIST)) fuzz targets clean"

# With gcc's sanitizers, using the objects of `make asan`.
fuzz-replay:
	$(Q)$(MAKE) --no-print-directory O=$(O)/asan SANITIZE=1 replay-bin
	$(Q)$(RUN_PY) --bin $(O)/asan --totals $(TOTALS) --replay $(FUZZ_TARGETS)

# ---- all of it ------------------------------------------------------------------------------------------
# Runs all phases in turn, even after failures; a phase that does not build counts as one failure.
define phases
rc=0; for t in $(2); do n=$$(cat $(TOTALS) 2>/dev/null | wc -l); \
  $(MAKE) --no-print-directory O=$(1) $(3) TOTALS=$(TOTALS) $$t || { rc=1; \
  [ $$(cat $(TOTALS) 2>/dev/null | wc -l) -gt $$n ] || echo "$$t 0 1 0" >> $(TOTALS); }; done
endef

.PHONY: check asan check-cross bench
check:
	$(Q)mkdir -p $(O); rm -f $(TOTALS); \
	  $(call phases,$(O),check-layers check-features lint check-unit check-e2e fuzz-replay); \
	  $(RUN_PY) --sum $(TOTALS); exit $$rc

# The unit and end-to-end tests under AddressSanitizer, including leaks, and UndefinedBehaviorSanitizer.
asan:
	$(Q)mkdir -p $(O); $(if $(filter file,$(origin TOTALS)),rm -f $(TOTALS);) \
	  $(call phases,$(O)/asan,check-unit check-e2e,SANITIZE=1); \
	  $(RUN_PY) --sum $(TOTALS); exit $$rc

# Cross builds, run under qemu-user; packaging/quickstart.sh check-cross installs the requirements.
check-cross:
	$(Q)sh tests/cross.sh $(O)

# Debian 13's compiler and libraries in a chroot; needs root and debootstrap.
.PHONY: check-trixie
check-trixie:
	$(Q)sh tests/trixie.sh $(O)

include tests/bench/bench.mk
