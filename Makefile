# The two commands of the README, and what contributors need besides.
GO ?= go

.PHONY: run test generate lint security bench soak lighthouse fuzz kills faults vendor-check clean
run: ## serve http://127.0.0.1:8080 with the shipped register
	$(GO) run ./cmd/cosignatory serve

test: ## everything; the browser tests need chromium and say so where there is none
	$(GO) test -timeout 40m ./...

generate: ## templates to Go
	$(GO) tool templ generate

lint: ## format, vet, generated files up to date
	@test -z "$$(gofmt -l cmd store web seed templates)" || { gofmt -l cmd store web seed templates; exit 1; }
	$(GO) vet ./...
	$(GO) tool templ generate
	git diff --exit-code -- templates

# What gosec is told to pass over, after all it said was read:
# G104 (an error that nobody looks at): files closed or removed after another error, which is the one that is told; writers that keep
# their error until they are flushed.
# G115 (a number made shorter) in store and templates: places in lists that are in memory, parts of dates that have been checked.
# cmd/bench, cmd/madeup and cmd/soak: developers run them on their own machine; they start programs and write files as they are told to.
GOSEC = gosec -quiet -exclude-generated -exclude=G104 -exclude-rules='store/.*:G115;templates/.*:G115' -exclude-dir=cmd/bench -exclude-dir=cmd/madeup -exclude-dir=cmd/soak
TOOLBIN ?= $(CURDIR)/bin
security: ## gosec and staticcheck; built once, into TOOLBIN
	GOBIN=$(TOOLBIN) $(GO) install github.com/securego/gosec/v2/cmd/gosec@v2.30.0
	GOBIN=$(TOOLBIN) $(GO) install honnef.co/go/tools/cmd/staticcheck@v0.7.0
	$(TOOLBIN)/$(GOSEC) ./...
	$(TOOLBIN)/staticcheck ./...

bench: ## measured promises, side by side, on a made-up register of 20,000 declarations; PocketBase's command, if any, in POCKETBASE
	$(GO) run ./cmd/bench -runs 3 -report bench-report.md

SOAK ?= 1h
soak: ## mixed load on a real server: readers, searches, exports, slow and broken clients, editors, backups
	$(GO) run ./cmd/soak -time $(SOAK)

lighthouse: ## the five main pages at mobile settings; needs chromium and npm's lighthouse, its command in LIGHTHOUSE
	$(GO) run ./cmd/bench lighthouse

FUZZTIME ?= 5m
fuzz: ## every fuzz target in full
	@for p in $$($(GO) list ./...); do for f in $$($(GO) test -list '^Fuzz' $$p | grep '^Fuzz'); do \
		$(GO) test -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZTIME) $$p || exit 1; done; done

kills: ## a program killed 200 times while it publishes
	COSIGNATORY_KILLS=200 $(GO) test -run '^TestKilled$$' -count 1 -v ./store

FAULTS ?= 200
faults: ## full and read-only disks, torn copies, two servers, clocks set back, backups and restores at bad times: 200 rounds of each
	COSIGNATORY_FAULTS=$(FAULTS) $(GO) test -run "^TestFault" -count 1 -timeout 0 -v ./store

vendor-check: ## builds and starts from vendored sources alone, as a machine without internet does
	@work=$$(mktemp -d) && trap 'rm -rf "$$work"' EXIT && git archive HEAD | tar -x -C "$$work" && cd "$$work" && $(GO) mod vendor && \
	GOFLAGS=-mod=vendor GOPROXY=off $(GO) build -o "$$work/cosignatory" ./cmd/cosignatory && \
	"$$work/cosignatory" seed --db "$$work/register.db" && "$$work/cosignatory" verify --db "$$work/register.db" && du -sh vendor

clean:
	rm -rf bin
