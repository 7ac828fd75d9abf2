# Every verb does what it needs first. On a fresh machine: `make scan DIR=…`, `make test`.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# What a build reads: when none of it changed, nothing is built again.
SOURCES := Package.swift $(shell find Sources bridge -type f 2>/dev/null)
PYTHON_SOURCES := $(shell find python scripts -type f -not -path '*/__pycache__/*' 2>/dev/null)
CLI := .build/release/modelshelf

.PHONY: help setup build lib wheel scan test test-swift test-kernels test-abi test-cli test-python bench lint format fuzz clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

setup: .build/setup ## Debian packages and Python tools; tells how to get Swift if it is missing

.build/setup: scripts/setup.sh
	@scripts/setup.sh
	@mkdir -p .build && touch $@

.build/setup-test: scripts/setup.sh
	@scripts/setup.sh test
	@mkdir -p .build && touch $@

build: $(CLI) ## the command line, at .build/release/modelshelf

$(CLI): .build/setup $(SOURCES)
	swift build -c release --product modelshelf --static-swift-stdlib
	@touch $@

lib: dist/lib/libmodelshelf.so.0 ## the C library, in dist/

dist/lib/libmodelshelf.so.0: .build/setup $(SOURCES) scripts/build-lib.sh
	scripts/build-lib.sh
	@touch $@

wheel: .build/wheel.stamp ## the Python wheel, in dist/

.build/wheel.stamp: .build/setup $(SOURCES) $(PYTHON_SOURCES)
	scripts/build-wheel.sh
	@touch $@

scan: build ## scan DIR, or a sample library with a local stand-in of Civitai
	@scripts/scan.sh $(if $(DIR),"$(DIR)")

test: lint test-swift test-kernels test-abi test-cli test-python ## every test

test-swift: .build/setup-test
	swift test --disable-xctest

test-kernels: .build/setup-test
	scripts/test-kernels.sh

test-abi: .build/setup-test lib
	scripts/test-abi.sh

test-cli: .build/setup-test build
	scripts/test-cli.sh

test-python: .build/setup-test wheel
	scripts/test-python.sh

bench: .build/setup-test build wheel ## a table of ratios to real peers; ONLY="digests aio" for some of it
	scripts/bench.sh --only "$(ONLY)"

lint: .build/setup ## formatting and static checks
	swift format lint --strict --recursive --parallel Sources Tests bridge Package.swift
	scripts/lint.sh

format: ## rewrites Swift sources in the project's format
	swift format --in-place --recursive --parallel Sources Tests bridge Package.swift

fuzz: .build/setup-test ## mutates headers and payloads for a minute each
	scripts/fuzz.sh

clean: ## removes what was built
	rm -rf .build dist python/build
