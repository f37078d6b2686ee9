# SPDX-License-Identifier: MIT
# What sending costs; `make bench` (BENCH_ROUNDS=9).
BENCH_ROUNDS ?= 9

$(O)/bench/%: $(O)/obj/tests/bench/%.o $(O)/libupper.a $(O)/liblower.a
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $^ $(ALL_LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc $(ALL_LIBS)

-include $(O)/obj/tests/bench/bench_media.d
.SECONDARY: $(O)/obj/tests/bench/bench_media.o

bench: all $(O)/bench/bench_media
	$(Q)$(PYTHON) tests/bench/bench.py $(O) $(BENCH_ROUNDS)
