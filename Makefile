# GNU make; no configure step.  "make" builds build/dsv, "make demo" shows it
# at work, "make check" tests it; both install what is missing first.

VERSION = 0.1.0
PREFIX = /usr/local
DESTDIR =
BINDIR = $(PREFIX)/bin
MANDIR = $(PREFIX)/share/man
BASHDIR = $(PREFIX)/share/bash-completion/completions
ZSHDIR = $(PREFIX)/share/zsh/site-functions
FISHDIR = $(PREFIX)/share/fish/vendor_completions.d

# SAN=address,undefined and COV=1 build beside the ordinary build, not over it.
comma := ,
B := build$(if $(SAN),/san-$(subst $(comma),-,$(SAN)))$(if $(COV),/coverage)
PKGS = sqlite3 libcrypto libzstd jansson libutf8proc
# Only export needs this one; it is opened at run time.
LATE_PKGS = libarchive
PKG_CONFIG ?= pkg-config

ifeq ($(origin CC),default)
CC = gcc
endif
CFLAGS ?= -O2 -g
WARN = -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes \
	-Wmissing-prototypes -Wwrite-strings -Wvla -Wformat=2 -Wconversion \
	$(if $(filter 1,$(WERROR)),-Werror)
# A compiler that knows no third level of fortification takes the second.
HARDEN = $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all \
	-fno-omit-frame-pointer,$(if $(COV),--coverage -O0, \
	-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)) \
	-fstack-protector-strong -fPIE
ALL_CPPFLAGS = -I. -D_POSIX_C_SOURCE=200809L -D_FILE_OFFSET_BITS=64 \
	$(addprefix -include ,$(wildcard lib/base/banned.h)) \
	$(shell $(PKG_CONFIG) --cflags $(PKGS) $(LATE_PKGS) 2>/dev/null) $(CPPFLAGS)
ifeq ($(shell uname),Darwin)
ALL_CPPFLAGS += -DLIBARCHIVE='"$(shell $(PKG_CONFIG) --variable=libdir \
	libarchive)/libarchive.dylib"'
endif
ALL_CFLAGS = -std=c11 $(CFLAGS) $(WARN) $(HARDEN)
ALL_LDFLAGS = -pie $(if $(filter Darwin,$(shell uname)),,-Wl,-z,relro,-z,now) \
	$(LDFLAGS)
LDLIBS = $(shell $(PKG_CONFIG) --libs $(PKGS) 2>/dev/null) -lpthread -ldl
# Once per run of make, not once per object.
ALL_CPPFLAGS := $(ALL_CPPFLAGS)
ALL_LDFLAGS := $(ALL_LDFLAGS)
LDLIBS := $(LDLIBS)
ifdef COV
LDLIBS += -Wl,--wrap=_exit,--wrap=abort,--wrap=execl $(B)/tests/cover.o
endif
# V=1 shows the commands.
say = $(if $(V),,@echo '  $(1) $(2)';)
COMPILE = $(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -MMD -MP

# Each library may call those after it: the order below is the order of
# linking, and tests/meta/layers.sh looks for calls the other way.
objects = $(patsubst %.c,$(B)/%.o,$(sort $(wildcard $(1))))
BASE = $(call objects,lib/base/*.c)
STORE = $(call objects,store/*.c)
CORE = $(call objects,$(foreach d,history table review transfer,lib/$(d)/*.c))
CMD = $(call objects,cmd/*.c)
ARCHIVES = $(B)/libcore.a $(B)/libstore.a $(B)/libbase.a
UNIT = $(patsubst tests/unit/%.c,$(B)/unit/%,$(sort $(wildcard tests/unit/*.c)))

# Programs that the tests run, each made from one file; what dsv itself may
# not call, they may.
HELPERS = $(addprefix $(B)/tests/,gen peak $(if $(SAN),,alloc.so)) $(CRASH) \
	$(INSIDERS)
CRASH = $(patsubst tests/crash/%.c,$(B)/tests/%,$(filter-out %/alloc.c, \
	$(sort $(wildcard tests/crash/*.c))))
# These call what dsv is made of.
INSIDERS = $(addprefix $(B)/tests/,flip mend edit forge record)

# A fuzz target each; clang's libFuzzer calls them, or else driver.c.
FUZZ = $(patsubst tests/fuzz/%.c,$(B)/fuzz/%,$(filter-out %/driver.c, \
	$(sort $(wildcard tests/fuzz/*.c))))
FUZZ_SECONDS ?= 30

LONG = $(sort $(wildcard tests/long/*.sh))
SHORT = $(UNIT) $(sort $(filter-out tests/long/% tests/bench/% tests/demo/%, \
	$(wildcard tests/*/*.sh)))
SCRIPTS = .ci/run .ci/deps tests/run tests/accept tests/uncalled tests/lib.sh \
	tests/meta/example-repo \
	$(wildcard tests/*/*.sh tests/*/*.inc)
PAGES = $(sort $(wildcard man/*.[1-9]))
COMPLETIONS = completions/dsv.bash completions/_dsv completions/dsv.fish

all: $(B)/dsv

$(B)/dsv: $(CMD) $(ARCHIVES) | $(if $(COV),$(B)/tests/cover.o)
	$(call say,LD,$@)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(LDLIBS)

$(B)/libcore.a: $(CORE)
$(B)/libstore.a: $(STORE)
$(B)/libbase.a: $(BASE)
$(ARCHIVES):
	@rm -f $@
	$(call say,AR,$@)ar rcs $@ $^

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$<)$(COMPILE) -c -o $@ $<

# Too late in the file itself: banned.h, in front of it, has system headers.
$(B)/lib/base/file.o: ALL_CPPFLAGS += -D_GNU_SOURCE
$(B)/store/cut.o: CFLAGS += -O3
$(B)/cmd/version.o: ALL_CPPFLAGS += -DDSV_VERSION='"$(VERSION)"'
$(B)/cmd/version.o: Makefile

# A unit test named base_* or store_* cannot call what is above that layer.
$(B)/unit/base_%: $(B)/tests/unit/base_%.o $(B)/libbase.a
	@mkdir -p $(@D)
	$(call say,LD,$@)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(LDLIBS)
$(B)/unit/store_%: $(B)/tests/unit/store_%.o $(B)/libstore.a $(B)/libbase.a
	@mkdir -p $(@D)
	$(call say,LD,$@)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(LDLIBS)
$(B)/unit/%: $(B)/tests/unit/%.o $(ARCHIVES)
	@mkdir -p $(@D)
	$(call say,LD,$@)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(LDLIBS)

$(CRASH): $(B)/tests/%: tests/crash/%.c
$(B)/tests/alloc.so: tests/crash/alloc.c
$(B)/tests/alloc.so: ALL_CFLAGS += -fPIC -shared
$(B)/tests/gen: tests/gen/gen.c
$(B)/tests/peak: tests/long/peak.c
$(filter-out $(INSIDERS),$(HELPERS)):
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) -D_GNU_SOURCE $(ALL_CFLAGS) \
		$(if $(filter %.so,$@),,$(ALL_LDFLAGS)) -o $@ $<

$(B)/tests/corrupt/flip.o: ALL_CPPFLAGS += -D_GNU_SOURCE
$(B)/tests/corrupt/mend.o: ALL_CPPFLAGS += -D_DEFAULT_SOURCE -D_XOPEN_SOURCE=700
$(INSIDERS): $(B)/tests/%: $(B)/tests/corrupt/%.o $(ARCHIVES)
	$(call say,LD,$@)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(LDLIBS)

$(B)/fuzz/%: $(B)/tests/fuzz/%.o $(if $(findstring fuzzer,$(SAN)),, \
		$(B)/tests/fuzz/driver.o) $(ARCHIVES)
	@mkdir -p $(@D)
	$(call say,LD,$@)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) \
		$(if $(findstring fuzzer,$(SAN)),-fsanitize=fuzzer) -o $@ $^ \
		$(LDLIBS)
$(patsubst tests/%.c,$(B)/tests/%.o,$(wildcard tests/fuzz/*.c)): \
	ALL_CPPFLAGS += -D_GNU_SOURCE

-include $(patsubst %.o,%.d,$(BASE) $(STORE) $(CORE) $(CMD) \
	$(call objects,tests/unit/*.c tests/corrupt/*.c tests/fuzz/*.c))

# What needs installed packages is a second make, begun once they are there.
deps:
	@.ci/deps build

demo:
	@.ci/deps build
	@$(MAKE) --no-print-directory all
	@DSV=$(CURDIR)/$(B)/dsv tests/demo/run.sh

check:
	@.ci/deps build test
	@$(MAKE) --no-print-directory WERROR=$(or $(WERROR),1) run-short

check-long:
	@.ci/deps build test
	@$(MAKE) --no-print-directory WERROR=$(or $(WERROR),1) run-long

san:
	@.ci/deps build test
	@$(MAKE) --no-print-directory SAN=$(or $(SAN),address$(comma)undefined) run-short

# The functions of dsv that no test calls.  Failing for want of time, or because
# another user cannot write down what was called, is no matter here.
coverage:
	@.ci/deps build test
	@$(MAKE) --no-print-directory COV=1 clear-counts all
	-@$(MAKE) --no-print-directory COV=1 run-short
	@tests/uncalled $(CURDIR)/build/coverage

clear-counts:
	@[ ! -d $(B) ] || find $(B) -name '*.gcda' -delete

# What a sanitizer finds ends a program as a crash does, whatever it runs in.
run-%: export ASAN_OPTIONS = exitcode=134:detect_stack_use_after_return=1
run-%: export UBSAN_OPTIONS = exitcode=134:print_stacktrace=1
run-%: export LSAN_OPTIONS = exitcode=134

run-short: all $(UNIT) $(FUZZ) $(HELPERS)
	@BUILD=$(CURDIR)/$(B) CC='$(CC)' MAKE='$(MAKE)' tests/run $(SHORT)

run-long: all $(HELPERS)
	@BUILD=$(CURDIR)/$(B) CC='$(CC)' MAKE='$(MAKE)' \
		TEST_TIMEOUT=3600 tests/run $(LONG)

unit: $(UNIT)

# With clang, its libFuzzer (Debian: clang libclang-rt-14-dev); without, the
# driver of the tests.
fuzz:
	@.ci/deps build
	@if command -v clang >/dev/null; then \
		$(MAKE) --no-print-directory CC=clang \
			SAN=address,undefined,fuzzer-no-link run-fuzz; \
	else $(MAKE) --no-print-directory SAN=address,undefined run-fuzz; fi

run-fuzz: $(FUZZ)
	@for t in $(FUZZ); do n=$${t##*/}; d=$(B)/fuzzing/$$n; mkdir -p $$d/new; \
		echo "== $$n"; "$$t" -max_total_time=$(FUZZ_SECONDS) \
		-runs=$(or $(FUZZ_RUNS),1000000000) -max_len=16384 \
		-rss_limit_mb=2048 -timeout=60 -print_final_stats=1 \
		-artifact_prefix=$$d/ $$d/new tests/fuzz/corpus/$$n \
		>$$d/log 2>&1 || { tail -n 40 $$d/log; echo \
		"what ended it is in $$d"; exit 1; }; \
		grep -E 'executed_units|changed' $$d/log; done

bench: all $(HELPERS)
	@for t in $(sort $(wildcard tests/bench/*.sh)); do \
		BUILD=$(CURDIR)/$(B) "$$t" || exit; done

# Every header compiles alone, as the first thing in a file.
headers:
	@for h in $(sort $(wildcard cmd/*.h store/*.h lib/*/*.h)); do \
		printf '#include "%s"\ntypedef int not_empty;\n' "$$h" | \
		$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -Werror -x c \
		-fsyntax-only - || { echo "$$h: does not compile alone"; \
		exit 1; }; done

lint:
	@.ci/deps lint
	shellcheck -e SC1091,SC2016 $(SCRIPTS)
	mandoc -Tlint -Wwarning $(PAGES)

# Files that are made from the tables and kept in the repository.
generate: all
	@mkdir -p completions
	$(B)/dsv meta completion bash >completions/dsv.bash
	$(B)/dsv meta completion zsh >completions/_dsv
	$(B)/dsv meta completion fish >completions/dsv.fish
	{ sed '/^\.\\" commands/q' man/dsv.1; $(B)/dsv meta manual; \
		sed -n '/^\.\\" end of/,$$p' man/dsv.1; } >$(B)/dsv.1
	cp $(B)/dsv.1 man/dsv.1

install: all
	install -d $(addprefix $(DESTDIR),$(BINDIR) $(BASHDIR) $(ZSHDIR) \
		$(FISHDIR) $(sort $(foreach p,$(PAGES), \
		$(MANDIR)/man$(subst .,,$(suffix $(p))))))
	install -m 755 $(B)/dsv $(DESTDIR)$(BINDIR)/dsv
	install -m 644 completions/dsv.bash $(DESTDIR)$(BASHDIR)/dsv
	install -m 644 completions/_dsv $(DESTDIR)$(ZSHDIR)/_dsv
	install -m 644 completions/dsv.fish $(DESTDIR)$(FISHDIR)/dsv.fish
	@set -e; for p in $(PAGES); do \
		install -m 644 $$p $(DESTDIR)$(MANDIR)/man$${p##*.}/; done

uninstall:
	rm -f $(addprefix $(DESTDIR),$(BINDIR)/dsv $(BASHDIR)/dsv \
		$(ZSHDIR)/_dsv $(FISHDIR)/dsv.fish $(foreach p,$(PAGES), \
		$(MANDIR)/man$(subst .,,$(suffix $(p)))/$(notdir $(p))))

dist:
	@mkdir -p build
	git archive --prefix=dsv-$(VERSION)/ HEAD | \
		gzip -n >build/dsv-$(VERSION).tar.gz

clean:
	rm -rf build

.PHONY: all deps demo check check-long san coverage clear-counts run-short \
	run-long unit fuzz run-fuzz bench headers lint generate install uninstall dist clean
.DELETE_ON_ERROR:
.SECONDARY:
