# macvtrace: says why macvlan traffic fails. `make` lists what can be made.

# Under sudo the path may have lost the toolchain: look where it is usually installed.
SWIFT := $(firstword $(shell command -v swift 2>/dev/null) $(wildcard /opt/swift/usr/bin/swift \
	/usr/local/swift/usr/bin/swift /usr/bin/swift /root/.local/share/swiftly/bin/swift \
	/home/$(SUDO_USER)/.local/share/swiftly/bin/swift))
TOOLCHAIN := $(dir $(realpath $(SWIFT)))
CLANG := $(TOOLCHAIN)clang
OBJCOPY := $(TOOLCHAIN)llvm-objcopy

PREFIX ?= /usr/local
DESTDIR ?=
# Extra flags for swift build, e.g. SWIFTFLAGS="-Xswiftc -warnings-as-errors".
SWIFTFLAGS ?=

PACKAGES := libbpf-dev libelf-dev zlib1g-dev libyaml-dev pkg-config make git ca-certificates clang-format \
	iproute2 iputils-ping iputils-arping tcpdump tshark ethtool jq bpftool nftables iperf3 procps busybox-static docker.io \
	help2man man-db zsh fish bsdextrautils python3

# What looks at pages, for the tests alone.
TEST_PACKAGES := chromium fonts-dejavu-core
# Whom `make bench` measures macvtrace beside, and with what.
BENCH_PACKAGES := bpftrace pmacct nftables tcpdump tshark iperf3 ethtool bpftool util-linux

# What boots other kernels.
VM_PACKAGES := qemu-system-x86 busybox-static cpio kmod xz-utils zstd
KERNELS ?= 5.10 6.1 6.12 7.2
# What depends on the kernel: test targets, suites of them (KernelTests.FaultTests), and scripts; see Tests/VM/groups.sh.
KERNEL_GROUPS ?= BPFTests BPFProgramTests LinuxNamespacesTests NetlinkTests KernelTests.VLANTests KernelTests.VLANPathTests \
	KernelTests.ChildKindTests KernelTests.ParentKindTests KernelTests.ReceiveHandlerTests KernelTests.LabTests \
	KernelTests.VerifyTests KernelTests.VerifyScenarioTests KernelTests.VerifyNetworkTests KernelTests.VerifyLatencyTests \
	verification demo tutorial

BPF_SOURCES := $(wildcard bpf/*.bpf.c)
BPF_HEADERS := $(wildcard bpf/lib/*.h bpf/include/*.h)
BPF_OBJECTS := $(patsubst bpf/%.bpf.c,build/bpf/%.bpf.o,$(BPF_SOURCES))
TEST_SOURCES := $(wildcard Tests/BPFTests/Programs/*.bpf.c)
TEST_OBJECTS := $(patsubst Tests/BPFTests/Programs/%.bpf.c,build/bpf-tests/%.bpf.o,$(TEST_SOURCES))
BENCH_SOURCES := $(wildcard bpf/bench/*.bpf.c)
BENCH_OBJECTS := $(patsubst bpf/%.bpf.c,build/bpf/%.bpf.o,$(BENCH_SOURCES))
# What is rare stays in its program: libbpf links no function to it that clang would move that to.
BPFFLAGS := -g -O2 -Wall -Wextra -Werror -target bpf -mcpu=v3 -Xclang -fno-split-cold-code -idirafter /usr/include/$(shell uname -m)-linux-gnu

# All that is needed is in the binary: nothing is looked for beside it, and no library of C++'s is bound at each start, which
# takes two milliseconds.
STATIC := --static-swift-stdlib --disable-local-rpath -Xswiftc -L$(CURDIR)/build/static \
	-Xswiftc -Xclang-linker -Xswiftc -static-libgcc
STATIC_CXX := build/static/libstdc++.a
STRICT := --explicit-target-dependency-import-check error
RELEASE := .build/release/macvtrace
# What few machines have is linked statically: one file that needs neither there.
STATIC_PACKAGES := build/pkgconfig/libbpf.pc build/pkgconfig/yaml-0.1.pc
STATIC_LIBRARIES := PKG_CONFIG_PATH=$(CURDIR)/build/pkgconfig

# Installs those of some Debian packages that are missing.
define install-packages
	@missing=; for p in $(1); do \
		dpkg-query -W -f '$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$p"; done; \
	if [ -z "$$missing" ]; then echo "setup: everything is installed"; exit 0; fi; \
	if [ "$$(id -u)" != 0 ]; then echo "setup: run 'sudo make $@' to install:$$missing" >&2; exit 1; fi; \
	echo "setup: installing$$missing"; \
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null
endef

.DEFAULT_GOAL := help
.PHONY: help setup setup-tests setup-vm setup-bench toolchain bpf build debug test test-kernels demo bench lint format install uninstall clean

help: ## list what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: toolchain ## install what the build and the tests need (Debian packages; as root)
	$(call install-packages,$(PACKAGES))

setup-tests: ## install what only the tests need (Debian packages; as root)
	$(call install-packages,$(TEST_PACKAGES))

setup-vm: ## install what boots other kernels (Debian packages; as root)
	$(call install-packages,$(VM_PACKAGES))

toolchain:
	@if [ -z "$(SWIFT)" ]; then \
		echo "setup: Swift 6.3 was not found. Install it as https://www.swift.org/install/linux/ says, then put" >&2; \
		echo "setup: its usr/bin into PATH (sudo env PATH=\$$PATH make ...) or unpack it to /opt/swift." >&2; exit 1; fi
	@$(SWIFT) --version 2>/dev/null | grep -qE 'Swift version (6\.([3-9]|[1-9][0-9])|[7-9])' || { \
		echo "setup: macvtrace needs Swift 6.3 or later; $(SWIFT) is older:" >&2; $(SWIFT) --version >&2; exit 1; }

build/bpf/%.bpf.o: bpf/%.bpf.c $(BPF_HEADERS)
	@mkdir -p $(@D)
	$(CLANG) $(BPFFLAGS) -c $< -o $@
	@$(OBJCOPY) --strip-debug $@

# The same source, with atomic operations.
build/bpf/frames_preemptible.bpf.o: bpf/frames.bpf.c

build/bpf-tests/%.bpf.o: Tests/BPFTests/Programs/%.bpf.c
	@mkdir -p $(@D)
	$(CLANG) $(BPFFLAGS) -Wno-unused-parameter -c $< -o $@
	@$(OBJCOPY) --strip-debug $@

bpf: $(BPF_OBJECTS) $(TEST_OBJECTS) ## compile the BPF programs

build/pkgconfig/libbpf.pc: LIBRARIES := -l:libbpf.a -lelf -lz
build/pkgconfig/yaml-0.1.pc: LIBRARIES := -l:libyaml.a
$(STATIC_PACKAGES):
	@mkdir -p $(@D)
	@printf 'Name: %s\nDescription: linked statically\nVersion: %s\nLibs: $(LIBRARIES)\nCflags:\n' \
		$(basename $(@F)) "$$(pkg-config --modversion $(basename $(@F)))" > $@

# Where the linker finds this one before the shared one.
$(STATIC_CXX):
	@mkdir -p $(@D)
	@ln -sf "$$($(CLANG) -print-file-name=$(@F))" $@

build: toolchain bpf $(STATIC_PACKAGES) $(STATIC_CXX) ## build the release binary
	$(STATIC_LIBRARIES) $(SWIFT) build -c release --product macvtrace $(STATIC) $(STRICT) $(SWIFTFLAGS)
	@strip -o build/macvtrace $(RELEASE) && ls -l build/macvtrace | awk '{print "build/macvtrace: " $$5 " octets"}'

debug: toolchain bpf $(STATIC_PACKAGES)
	$(STATIC_LIBRARIES) $(SWIFT) build --build-tests $(STRICT) $(SWIFTFLAGS)

test: setup setup-tests build debug ## set up, build, and run every test (as root)
	bash Tests/run.sh

test-kernels: setup setup-vm build debug ## run the tests on other kernels under qemu: KERNELS="5.10 6.12" (as root)
	bash Tests/VM/matrix.sh "$(KERNELS)" "$(KERNEL_GROUPS)"

demo: setup build ## the failing ping, the report, the printed fix, the ping that passes (as root)
	bash Tests/demo.sh build/macvtrace

setup-bench: ## install the tools that macvtrace is measured beside (Debian packages; as root)
	$(call install-packages,$(BENCH_PACKAGES))

bench: setup setup-bench build $(BENCH_OBJECTS) ## measure macvtrace beside floors, peers and its goals (as root)
	$(STATIC_LIBRARIES) $(SWIFT) build -c release --product macvtrace-bench $(STATIC) $(STRICT) $(SWIFTFLAGS)
	.build/release/macvtrace-bench $(BENCHFLAGS)

lint: ## check the style of every source
	$(SWIFT) format lint --strict --recursive Package.swift Sources Tests
	clang-format --dry-run -Werror $(BPF_SOURCES) $(BPF_HEADERS) $(BENCH_SOURCES) $(TEST_SOURCES)

format: ## bring every source into style
	$(SWIFT) format --in-place --recursive Package.swift Sources Tests
	clang-format -i $(BPF_SOURCES) $(BPF_HEADERS) $(BENCH_SOURCES) $(TEST_SOURCES)

install: ## install binary, completions and man page (DESTDIR=, PREFIX=)
	@test -x build/macvtrace || { echo "install: run 'make build' first" >&2; exit 1; }
	install -D -m 755 build/macvtrace $(DESTDIR)$(PREFIX)/bin/macvtrace
	install -d $(DESTDIR)$(PREFIX)/share/bash-completion/completions $(DESTDIR)$(PREFIX)/share/zsh/site-functions \
		$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d $(DESTDIR)$(PREFIX)/share/man/man1
	build/macvtrace --generate-completion-script bash > $(DESTDIR)$(PREFIX)/share/bash-completion/completions/macvtrace
	build/macvtrace --generate-completion-script zsh > $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_macvtrace
	build/macvtrace --generate-completion-script fish > $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/macvtrace.fish
	help2man --no-info --name 'says why macvlan traffic fails' build/macvtrace > $(DESTDIR)$(PREFIX)/share/man/man1/macvtrace.1

uninstall: ## remove what install put down (DESTDIR=, PREFIX=)
	rm -f $(DESTDIR)$(PREFIX)/bin/macvtrace $(DESTDIR)$(PREFIX)/share/bash-completion/completions/macvtrace \
		$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_macvtrace \
		$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/macvtrace.fish \
		$(DESTDIR)$(PREFIX)/share/man/man1/macvtrace.1

clean: ## remove everything that was made
	rm -rf build .build dist
