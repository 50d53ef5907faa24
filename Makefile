# SPDX-License-Identifier: Apache-2.0
# The front door. CMake and its presets do the building (CMakePresets.json); every goal here is
# what one types. `make` alone, or `make help`, lists them.
#
#   PREFIX=/usr/local   where install puts things (DESTDIR is honoured)
#   T=60                seconds for each fuzz target
#   TEAR=all            kinds of damage for cuts: names with commas, solid, marginal, edges
#   OTARY_SETUP=no      never call apt: use what is installed

PREFIX ?= /usr/local
T ?= 60
# tools/setup.sh needs no network and says nothing when everything is there.
SETUP := tools/setup.sh

.DEFAULT_GOAL := help
.PHONY: help setup build release demo test lint format size coverage bench fuzz install uninstall \
    cuts closure storm otadata-compare bitflip faults net scoreboard fuzz-scenario clean mutate mcdc model prove

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: ## Install everything that any goal needs (apt; asks for sudo where not root)
	@$(SETUP) build lint rv32 coverage fuzz prove

build: ## Build with AddressSanitizer and UBSan: build/debug/otary
	@$(SETUP) build
	@tools/build.sh debug

release: ## Build optimised: build/release/otary
	@$(SETUP) build
	@tools/build.sh release

demo: ## Install what is missing, build, and show an update over the air from start to end
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

mutate: ## Change core/ and boot/ in thousands of ways; fails when no test notices one (minutes)
	@$(SETUP) build prove
	@tools/mutate.py

mcdc: ## MC/DC of core/ and boot/; fails on a condition that no test shows to decide
	@$(SETUP) build prove
	@tools/mcdc.sh

model: ## Verify the model of the record with Spin, and that it can be refuted (minutes)
	@$(SETUP) prove
	@tools/model.sh

prove: ## All that takes long: mutate, mcdc, model, coverage; ends in a table
	@$(SETUP) build coverage prove
	@tools/prove.sh

bench: release ## Measure speed on this machine
	@$(SETUP) bench
	@tools/bench.sh

cuts: release ## The fault laboratory: cut every operation of every scenario (TEAR=kinds)
	@build/release/bin/lab_runner cuts $(if $(TEAR),--tear $(TEAR))

closure: release ## Any number of cuts in a row, on metadata
	@build/release/bin/lab_runner closure --rows

storm: release ## A thousand random cuts in a row, many times over
	@build/release/bin/lab_runner storm

otadata-compare: release ## Every torn write to otadata, Espressif's rules beside ours
	@build/release/otary lab otadata

bitflip: release ## Every bit of what decides turned over, and a million bits of image
	@build/release/otary lab rot

faults: release ## Every call of the flash port fails, in every scenario
	@build/release/otary lab faults

net: release ## The network cut at every byte, misbehaving servers, a fleet in bad weather
	@build/release/otary lab net

scoreboard: release ## All the laboratory can show, in one table (minutes)
	@tools/scoreboard.sh

fuzz: ## Run each libFuzzer target for T seconds
	@$(SETUP) build fuzz
	@tools/fuzz.sh $(T)

fuzz-scenario: ## Of these the one that fuzzes whole scenarios: operations and faults
	@$(SETUP) build fuzz
	@tools/fuzz.sh $(T) scenario

# `sudo make install` leaves root's files in build/; the next install may be without sudo.
install: release ## Install the command, its manual, the headers and libraries under PREFIX
	@rm -f build/release/install_manifest.txt build/release/*.pc
	cmake --install build/release --prefix $(PREFIX)

uninstall: ## Remove what install put there
	sed 's|^|$(DESTDIR)|' build/release/install_manifest.txt | xargs -d '\n' rm -f --

clean: ## Remove build/
	rm -rf build
