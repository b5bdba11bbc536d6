# Two commands matter to a newcomer: `make demo` and `make test`.
# Everything here runs on a plain Debian with Go; what else is needed is
# installed by scripts/needs.sh, which says what it does.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

LISTEN   ?= 127.0.0.1:8080
BENCH    ?= intake
FUZZTIME ?= 20s

.PHONY: help demo dev build check vet test soak fuzz bench clean

help:
	@echo 'make demo    a seeded house on this machine: prints its address and logins'
	@echo 'make test    every test, SQLite and PostgreSQL, in a real browser'
	@echo 'make check   the quick loop: format, vet, tests on SQLite without a browser'
	@echo 'make dev     a seeded house that reloads its pages and words'
	@echo 'make bench   one measured workload on both databases (BENCH=intake)'
	@echo 'make fuzz    every parser of strangers bytes (FUZZTIME=20s each)'
	@echo 'make soak    the long sizes; writes a report under docs/soak/'

build:
	@go build -trimpath -ldflags="-s -w" -o bin/twiza ./cmd/twiza
	@go build -trimpath -ldflags="-s -w" -o bin/twiza-verify ./cmd/twiza-verify

# A night of the Al Haouz earthquake, invented, over real places. Kept in
# .demo; remove the folder to begin again.
demo: build
	@exec bin/twiza serve --demo --listen $(LISTEN) --data .demo

# The same for people who change Twiza: act-as switcher, the clock in hand,
# templates and words read from the source tree at each page.
dev: build
	@TWIZA_DEV=1 exec bin/twiza serve --demo --listen $(LISTEN) --data .dev

vet:
	@unformatted=$$(gofmt -l $$(find . -name '*.go' -not -path './node_modules/*')); \
	if [ -n "$$unformatted" ]; then echo "gofmt would change:"; echo "$$unformatted"; exit 1; fi
	@go vet ./...

# CI and the two test variables are emptied so that the other database and
# the browser are left out here on purpose, with a sentence each.
check: vet
	@CI= TWIZA_TEST_PG= TWIZA_TEST_BROWSER= go test -short -timeout 5m ./...

# One run covers both databases: every test of a house runs on SQLite and on
# the PostgreSQL that with-postgres.sh puts beside it (see testkit.Engines).
# Many tests wait for a browser or for a process of their own: three at once in
# a package keep two cores busy. vet has looked at everything by then.
test: vet
	@scripts/needs.sh
	@TWIZA_TEST_BROWSER=1 TWIZA_PG_FSYNC=off scripts/with-postgres.sh go test -vet=off -count=1 -p 2 -parallel 3 -timeout 40m ./...

soak: vet
	@scripts/needs.sh
	@FUZZTIME=$(if $(filter command line environment,$(origin FUZZTIME)),$(FUZZTIME),2m) scripts/soak.sh

fuzz:
	@FUZZTIME=$(FUZZTIME) scripts/fuzz.sh

bench: build
	@scripts/needs.sh postgres
	@scripts/with-postgres.sh bin/twiza bench $(BENCH)

clean:
	@rm -rf bin .demo .dev
