# SPDX-License-Identifier: Apache-2.0
# The front door. CMake and its presets do the building (CMakePresets.json); every goal here is
# what one types. `make` alone, or `make help`, lists them.
#
#   PREFIX=/usr/local   where install puts things (DESTDIR is honoured)
#   T=60                seconds for each fuzz target
#   OTARY_SETUP=no      never call apt: use what is installed

PREFIX ?= /usr/local
T ?= 60
# tools/setup.sh needs no network and says nothing when everything is there.
SETUP := tools/setup.sh

.DEFAULT_GOAL := help
.PHONY: help setup build release demo test lint format size coverage bench fuzz install uninstall \
    clean

help: ## This list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: ## Install everything that any goal needs (apt; asks for sudo where not root)
	@$(SETUP) build lint rv32 coverage fuzz

build: ## Build with AddressSanitizer and UBSan: build/debug/otary
	@$(SETUP) build
	@tools/build.sh debug

release: ## Build optimised: build/release/otary
	@$(SETUP) build
	@tools/build.sh release

demo: ## Install what is missing, build, and show an update from start to end
	@$(SETUP) build
	@tools/build.sh release otary
	@build/release/otary demo
	@echo 'The command is build/release/otary; `make install` puts it into $(PREFIX).'

test: build ## Install what is missing, build, run every test
	@tools/test.sh debug

lint: ## Every check that reads the source: format, layers, style, clang-tidy, cppcheck, -fanalyzer
	@$(SETUP) build lint rv32
	@tools/lint.sh

format: ## Rewrite the sources with clang-format
	@$(SETUP) lint
	@tools/format.sh --write

size: ## Text, state and stack on a RISC-V chip; fails above the limits
	@$(SETUP) rv32
	@tools/rv32.sh
	@tools/size.py

coverage: ## Line and branch coverage of core/ and boot/; fails under 95 %
	@$(SETUP) build coverage
	@tools/coverage.sh

bench: release ## Measure speed on this machine
	@$(SETUP) bench
	@tools/bench.sh

fuzz: ## Run each libFuzzer target for T seconds
	@$(SETUP) build fuzz
	@tools/fuzz.sh $(T)

# `sudo make install` leaves root's files in build/; the next install may be without sudo.
install: release ## Install the command, its manual, the headers and libraries under PREFIX
	@rm -f build/release/install_manifest.txt build/release/*.pc
	cmake --install build/release --prefix $(PREFIX)

uninstall: ## Remove what install put there
	sed 's|^|$(DESTDIR)|' build/release/install_manifest.txt | xargs -d '\n' rm -f --

clean: ## Remove build/
	rm -rf build
