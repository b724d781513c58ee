# SPDX-License-Identifier: GPL-2.0-only
# Each command is one script; "make" alone lists them.

# As it was typed: "$HOME" in it is for the shell of the guest, not for make.
ifdef CMD
override export CMD := $(value CMD)
endif

.PHONY: help tree export range-diff squash um x86_64 demo test test-debug test-rounds test-x86_64 test-sanitize test-field test-all bench bench-scale check mutants coverage docs monitor install shell clean

.DEFAULT_GOAL := help
# Each takes all processors.
.NOTPARALLEL:

##@ Start
demo: ## Show the output and the trace of a sandboxed program (CMD='...', SANDBOX=none)
	@scripts/demo

help: ## Show this list
	@awk -F ':.*## ' '/^##@ / { print sep substr($$0, 5); sep = "\n" } /^#: / { print "  " substr($$0, 4) } \
		/^[a-z0-9_-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

shell: ## Open a shell in the patched kernel
	@scripts/shell

##@ Work
tree: ## Make linux/: the base kernel with patches/ applied
	@scripts/tree

export: ## Write the commits of linux/ to patches/
	@scripts/export

range-diff: ## Compare linux/ with the last version of the series, for the cover letter
	@scripts/range-diff

squash: ## Write the series without its selftests as one patch: build/landlock-trace.patch
	@scripts/squash

um: ## Build User-Mode Linux from linux/: build/um/linux
	@scripts/kernel um

x86_64: ## Build an SMP kernel for QEMU from linux/: build/x86_64
	@scripts/kernel x86_64

monitor: ## Build landlock-monitor, which explains denials: build/landlock-monitor
	@tools/landlock-monitor/build

install: monitor ## Install landlock-monitor (DESTDIR=, PREFIX=/usr/local)
	@cmake --install "$(or $(BUILD),build)/landlock-monitor" --prefix "$(or $(PREFIX),/usr/local)"

clean: ## Remove build/; linux/, patches/ and the cache stay
	@scripts/clean

##@ Prove (times: with two processors)
test: ## Run all tests (ONLY='20 30' picks some); 25 min
	@scripts/test

check: ## Check each patch alone (PATCHES='3 4' picks some); over an hour
	@scripts/check

docs: ## Build the documents of the series; check their commands and sample lines in both kernels; takes long
	@scripts/docs

test-debug: ## Run the tests in a kernel that checks itself, and without tracepoints or audit; over an hour
	@scripts/test-debug

test-x86_64: ## Run the tests in QEMU on several processors; takes long
	@scripts/test-x86_64

test-sanitize: ## Run tests and a stress in QEMU, in kernels that check memory, locks and races (STRESS_SECONDS=60); takes long
	@scripts/test-sanitize

test-field: ## Try landlock-monitor with the launchers of Debian testing, on the series and on Debian's Linux 7.3; an hour
	@scripts/test-field

mutants: ## Break the kernel in many ways: a test must see each (ONLY='sun-*'); over an hour
	@scripts/mutants

test-rounds: ## Run the kselftests again and again (ROUNDS=20); hours
	@scripts/test-rounds

test-all: test check docs test-debug test-x86_64 test-sanitize test-field mutants test-rounds ## Run all of these, one after the other

##@ Measure
coverage: ## Measure which lines of security/landlock the tests run
	@scripts/coverage

bench: ## Count what the series costs, in instructions and bytes (QUICK=1 takes fewer cases); takes long
	@scripts/bench

bench-scale: ## Count what open() shares with other processors, and measure throughput with four (ROUNDS=5)
	@scripts/bench-scale

##@ Variables
#: KERNEL_SRC=...     directory or tarball of a pristine Linux 7.2.y; else Debian's, else kernel.org's
#: KERNEL_ORG=...     mirror of kernel.org's linux/kernel/v7.x
#: XDG_CACHE_HOME=... where the cache is (~/.cache)
#: BUILD=... LINUX=...  other places for build/ and linux/
#: RESULTS=...        where tests leave their results (build/results)
#: JOBS=N             parallel jobs (number of processors)
#: ACCEL=tcg|kvm      for QEMU; else KVM where a guest boots with it
#: FORCE=1            export overwrites a patches/ that changed meanwhile
