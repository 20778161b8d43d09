# What people and the machine that guards main call alike.

.PHONY: build test test-servers generate check tools bench

build: ## one static binary
	CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o lastword ./cmd/lastword

test: tools ## everything but the tests against heavy third-party servers
	go vet ./...
	go test -race -shuffle=on -p 3 -timeout 20m ./...
	go test -timeout 20m ./bench # what takes too long under the race detector
	go test -timeout 20m -run Shipped ./theme ./understand # that what is shipped is what training makes

test-servers: ## the tests against real servers that others wrote
	bash internal/testserver/install
	LASTWORD_TEST_SERVERS=1 go test -count=1 -timeout 15m -run Server ./internal/testserver/... ./listen/... ./app/...

tools: ## PostgreSQL and Chromium from the distribution, if they are missing
	bash internal/testtools/install

generate: ## pages and lists that are made from other files
	go tool templ generate -path web
	go generate ./...

check: ## formatting, and that generated files are what the generators make
	test -z "$$(gofmt -l .)"
	$(MAKE) generate
	git diff --exit-code
