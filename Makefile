# SPDX-License-Identifier: GPL-2.0-only
# Each command is one script; "make" alone lists them.

.PHONY: help tree export um demo test check shell clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

tree: ## Make linux/: the base kernel with patches/ applied
	@scripts/tree

export: ## Write the commits of linux/ to patches/
	@scripts/export

um: ## Build User-Mode Linux from linux/: build/um/linux
	@scripts/um

demo: ## Show a sandboxed program's output and its trace (CMD='...', SANDBOX=none)
	@scripts/demo

test: ## Run all tests (ONLY='20 30' picks some)
	@scripts/test

check: ## Check each patch alone; takes long (PATCHES='3 4' picks some)
	@scripts/check

shell: ## Open a shell in the patched kernel
	@scripts/shell

clean: ## Remove build/; linux/, patches/ and the cache stay
	@scripts/clean
