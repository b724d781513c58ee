# SPDX-License-Identifier: GPL-2.0-only
# Each command is one script; "make" alone lists them.

# As it was typed: "$HOME" in it is for the shell of the guest, not for make.
ifdef CMD
override export CMD := $(value CMD)
endif

.PHONY: help tree export range-diff squash um x86_64 demo test test-debug test-rounds test-x86_64 test-sanitize test-field bench bench-scale check mutants coverage docs monitor install shell clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z0-9_-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

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

demo: ## Show the output and the trace of a sandboxed program (CMD='...', SANDBOX=none)
	@scripts/demo

test: ## Run all tests (ONLY='20 30' picks some)
	@scripts/test

test-debug: ## Run the tests in a kernel that checks itself, and without tracepoints or audit
	@scripts/test-debug

test-rounds: ## Run the kselftests again and again; takes hours (ROUNDS=20)
	@scripts/test-rounds

test-x86_64: ## Run the tests in QEMU on several processors
	@scripts/test-x86_64

test-sanitize: ## Run tests and a stress in QEMU, in kernels that check memory, locks and races (STRESS_SECONDS=60)
	@scripts/test-sanitize

test-field: ## Try landlock-monitor with the launchers of Debian testing, on the series and on Debian's Linux 7.3
	@scripts/test-field

bench: ## Count what the series costs, in instructions and bytes; takes long (QUICK=1 takes fewer cases)
	@scripts/bench

bench-scale: ## Count what open() shares with other processors, and measure throughput with four (ROUNDS=5)
	@scripts/bench-scale

check: ## Check each patch alone; takes long (PATCHES='3 4' picks some)
	@scripts/check

mutants: ## Break the kernel in many ways: a test must see each; takes over an hour (ONLY='sun-*')
	@scripts/mutants

coverage: ## Measure which lines of security/landlock the tests run
	@scripts/coverage

docs: ## Build the documents of the series; check their commands and sample lines in both kernels
	@scripts/docs

monitor: ## Build landlock-monitor, which explains denials: build/landlock-monitor
	@tools/landlock-monitor/build

install: monitor ## Install landlock-monitor (DESTDIR=, PREFIX=/usr/local)
	@cmake --install "$(or $(BUILD),build)/landlock-monitor" --prefix "$(or $(PREFIX),/usr/local)"

shell: ## Open a shell in the patched kernel
	@scripts/shell

clean: ## Remove build/; linux/, patches/ and the cache stay
	@scripts/clean
