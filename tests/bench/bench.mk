# SPDX-License-Identifier: MIT
# What sending and answering costs; `make bench` (BENCH_ROUNDS=9).
BENCH_ROUNDS ?= 9
BENCH_ALLOC = -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc

BENCH_MEDIA_OBJ = $(patsubst %,$(O)/obj/tests/bench/%.o,bench_media bench_rig bench_file bench_counts)

$(O)/bench/bench_media: $(BENCH_MEDIA_OBJ) $(O)/libupper.a $(O)/liblower.a
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $^ $(ALL_LDFLAGS) $(BENCH_ALLOC) $(ALL_LIBS)

$(O)/bench/bench_core: $(O)/obj/tests/bench/bench_core.o $(O)/liblower.a
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $^ $(ALL_LDFLAGS) $(ALL_LIBS)

-include $(BENCH_MEDIA_OBJ:.o=.d) $(O)/obj/tests/bench/bench_core.d
.SECONDARY: $(BENCH_MEDIA_OBJ) $(O)/obj/tests/bench/bench_core.o

.PHONY: bench bench-bin
bench-bin: $(O)/bench/bench_media $(O)/bench/bench_core
bench: all bench-bin
	$(Q)$(PYTHON) tests/bench/bench.py $(O) $(BENCH_ROUNDS)
