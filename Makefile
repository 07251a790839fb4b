# Everything starts here: `make demo` and `make test` are all the set-up a fresh machine needs.

CHECKED := --explicit-target-dependency-import-check error

# Debian's Python has its python3-protobuf; another one in PATH may not.
PYTHON ?= /usr/bin/python3
export PYTHON

FUZZ_SECONDS ?= 60
# These wait for programs and block their threads while they do: beside the others, they would keep
# those from the few threads that all tests share.
PROCESS_TESTS := ^CommandLineTests\.
TSAN_SUITES ?= RecommenderRPCTests|RecommenderServiceTests

.PHONY: help demo test build lint format proto proto-check clients clients-test bench fuzz tsan setup clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: ## install the Debian packages that are missing, and say which
	@scripts/install-packages.sh

build: setup ## build the release binary, .build/release/teller
	swift build -c release --static-swift-stdlib $(CHECKED) --product teller

demo: build ## generate a bank, import, train, evaluate, serve, recommend, feed back
	@scripts/demo.sh .build/release/teller

test: setup clients ## build and run every test, and the sample clients against a real server
	swift build --build-tests $(CHECKED)
	swift test --skip-build --skip '$(PROCESS_TESTS)'
	swift test --skip-build --filter '$(PROCESS_TESTS)'
	$(MAKE) clients-test TELLER_BINARY=$(CURDIR)/.build/debug/teller

clients: setup ## build the C client
	$(MAKE) -C clients/c

clients-test: clients ## test the clients in C and Python, and run all samples; needs 'swift build'
	$(MAKE) -C clients/c test sanitize samples
	$(MAKE) -C clients/python test samples
	$(MAKE) -C clients/interop

lint: ## check formatting and documentation
	swift format lint --strict --recursive Package.swift Sources Tests clients/swift

format: ## format the sources in place
	swift format --in-place --recursive Package.swift Sources Tests clients/swift

proto: setup ## generate the messages' code in C and Python from proto/
	proto/generate.sh

proto-check: proto ## fail when the committed generated code is not what proto/ gives
	git diff --exit-code -- Sources/CRecommenderMessages clients/python/teller_client

bench: build ## measure the RPC against a server on a generated bank
	@scripts/bench.sh .build/release/teller

fuzz: setup ## feed mutated bytes to all that reads those of strangers, for FUZZ_SECONDS
	@scripts/fuzz.sh $(FUZZ_SECONDS)

tsan: setup ## run the tests of the RPC and of the service under the thread sanitizer
	swift build --build-tests --sanitize=thread --scratch-path .build/tsan
	TSAN_OPTIONS=suppressions=$(CURDIR)/scripts/tsan-suppressions.txt \
	  swift test --skip-build --sanitize=thread --scratch-path .build/tsan \
	  --filter '$(TSAN_SUITES)'

clean: ## remove what was built
	rm -rf .build clients/c/build
