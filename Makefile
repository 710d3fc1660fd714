# The way in. What is built, and how, is CMake's affair (CMakePresets.json).
PORT ?= 1883
FUZZ_SECONDS ?= 60
JOBS ?= $(shell nproc)

sources = git ls-files -z --cached --others --exclude-standard '*.cc' '*.h' '*.c'

# Configures and builds one preset; of configuring only errors are shown.
define preset
	@cmake --preset $(1) --log-level=NOTICE >/dev/null
	@cmake --build --preset $(1) -j $(JOBS)
endef

help:  ## Show this.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

run: build  ## Build, then run the broker with a simulated factory (PORT=1883).
	@scripts/run $(PORT)

test:  ## Build and run all tests.
	@scripts/setup build test
	$(call preset,release)
	$(call preset,dev)
	@ctest --preset dev -j $(JOBS)

build:  ## Build what is shipped: build/release/gaon.
	@scripts/setup build
	$(call preset,release)

asan:  ## All tests under the address and undefined-behaviour sanitizers.
	@scripts/setup build test
	$(call preset,asan)
	@ctest --preset asan -j $(JOBS)

tsan:  ## All tests under the thread sanitizer.
	@scripts/setup build test
	$(call preset,tsan)
	@ctest --preset tsan -j $(JOBS)

fuzz:  ## Run each fuzzer for a minute (FUZZ_SECONDS=60).
	@scripts/setup build fuzz
	$(call preset,fuzz)
	@scripts/fuzz $(FUZZ_SECONDS)

bench:  ## Run the benchmarks.
	@scripts/setup build bench
	@cmake --preset release -B build/bench -DGAON_BENCHMARKS=ON --log-level=NOTICE >/dev/null
	@cmake --build build/bench -j $(JOBS)
	@scripts/bench

format:  ## Let clang-format have its way.
	@scripts/setup format
	@$(sources) | xargs -0 clang-format -i

check-format:  ## Fail where it would change something.
	@scripts/setup format
	@$(sources) | xargs -0 clang-format --dry-run -Werror

clean:  ## Remove what was built.
	rm -rf build

.DEFAULT_GOAL := help
.PHONY: help run test build asan tsan fuzz bench format check-format clean
