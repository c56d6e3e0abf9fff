# blangko. `make help` lists what can be done; the first two are all a newcomer needs.
SHELL := /bin/bash
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
GO ?= go
export CGO_ENABLED ?= 1

# huma's registration is one large generic function, compiled anew for every operation of the API; without inlining
# there, where it gains nothing, that package builds in half the time.
export GOFLAGS := $(GOFLAGS) -gcflags=blangko/api=-l

.DEFAULT_GOAL := help

.PHONY: help
help: ## What can be done
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## (.*)/  make \1\t\2/' | expand -t 22

.PHONY: run
run: postgresql build ## Build and run the synthetic demo on http://127.0.0.1:8080
	@exec bin/blangko serve --demo

.PHONY: test
test: postgresql road-tools ## Every test
	$(GO) build -o /dev/null ./...
	$(GO) vet ./...
	$(GO) test -timeout 20m ./...
	@$(MAKE) --no-print-directory test-web

.PHONY: build
build: web-if-npm ## Build bin/blangko, with the web application where npm is there
	@mkdir -p bin
	$(GO) build -trimpath -ldflags "-X main.version=$(VERSION)" -o bin/blangko ./cmd/blangko

# The web application is made anew only when something in it, or the API it is made for, has changed.
WEB := web/package-lock.json web/index.html web/vite.config.ts web/tsconfig.json api/openapi.yaml $(shell find web/src web/public web/tools -type f ! -name schema.d.ts)

.PHONY: web
web: web/dist/index.html ## Build the web application into web/dist (needs npm)

.PHONY: web-if-npm
web-if-npm:
	@if command -v npm >/dev/null 2>&1; then $(MAKE) --no-print-directory web; else echo "npm is not installed: the API runs without the web application"; fi

web/dist/index.html: $(WEB) web/node_modules/.made
	cd web && npm run --silent build
	@touch $@

web/node_modules/.made: web/package-lock.json
	cd web && npm ci --silent --no-audit --no-fund
	@touch $@

# Without npm these are skipped and say so; the browser is Debian's own, installed where that is allowed.
.PHONY: test-web
test-web: ## The tests of the web application, in Node and in a real browser
	@if ! command -v npm >/dev/null 2>&1; then echo "SKIPPED: the tests of the web application need npm"; exit 0; fi; \
	set -e; $(MAKE) --no-print-directory build; (cd web && npm test --silent); \
	if ! command -v chromium >/dev/null 2>&1 && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
		echo "installing chromium"; apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null; fi; \
	if command -v chromium >/dev/null 2>&1; then cd web && npm run --silent browser; else echo "SKIPPED: the browser tests need chromium"; fi

.PHONY: screenshots
screenshots: build ## Write the pictures that the README shows (needs npm and chromium)
	cd web && node --test --test-reporter=dot browser/screenshots.js

.PHONY: check
check: postgresql ## Format, vet, staticcheck, and the tests with the race detector
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); test -z "$$unformatted" || { echo "gofmt would change:"; echo "$$unformatted"; exit 1; }
	$(GO) vet ./...
	$(GO) tool staticcheck ./...
	$(GO) test -race -timeout 40m ./...

.PHONY: bench
bench: postgresql build ## Measure what docs/benchmarks.md tells
	$(GO) test -run '^$$' -bench . -benchtime 1x -timeout 60m ./...

.PHONY: outcome
outcome: build ## Replay a scarce simulated year under four rules, 20 nations (an hour; make outcome ONLY=82,73,53 for a part of each)
	bin/blangko outcome $(if $(ONLY),--only $(ONLY))

.PHONY: calibration
calibration: build ## Hold stated run-out probabilities against what came, 20 nations
	bin/blangko calibration $(if $(ONLY),--only $(ONLY))

.PHONY: bench-large
bench-large: postgresql ## GET /stock with 20 million ledger entries
	BLANGKO_BENCH_ENTRIES=20000000 $(GO) test -run '^$$' -bench Stock -benchtime 1x -timeout 60m ./cmd/blangko

.PHONY: schema
schema: postgresql ## Write docs/schema.sql from the migrations
	$(GO) test -count=1 -run TestSchemaIsWrittenDown ./migrations -update

.PHONY: openapi
openapi: ## Write api/openapi.yaml from the routes
	$(GO) run ./cmd/blangko openapi > api/openapi.yaml

.PHONY: fuzz
fuzz: ## Fuzz what parses, a minute each
	@set -e; grep -rlE '^func Fuzz' --include='*_test.go' . | while read -r f; do \
		for name in $$(sed -nE 's/^func (Fuzz[A-Za-z0-9_]+).*/\1/p' $$f); do \
			echo "== $$name in $$(dirname $$f)"; $(GO) test -run '^$$' -fuzz "^$$name\$$" -fuzztime 60s -fuzzminimizetime 100x ./$$(dirname $$f); done; done

# PostgreSQL's programs are all that is asked of the machine beside Go. Debian's package is installed where that is
# allowed; elsewhere the program itself says how to get them.
.PHONY: postgresql
postgresql:
	@if ! ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 && ! command -v postgres >/dev/null 2>&1 \
		&& [ -z "$$DATABASE_URL" ] && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
		echo "installing postgresql"; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql >/dev/null; fi

# Debian's osmium-tool makes the tests' .osm.pbf files and its routino is the oracle for roads; without them those tests are skipped and say so.
.PHONY: road-tools
road-tools:
	@if ! { command -v osmium && command -v planetsplitter; } >/dev/null 2>&1 && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
		echo "installing osmium-tool and routino"; \
		{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends osmium-tool routino >/dev/null; } \
			|| echo "they cannot be installed here: the tests that need them are skipped"; fi
