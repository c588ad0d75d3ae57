#!/usr/bin/env bash
# Runs every test. As root: the tests load BPF programs and make network namespaces of their own.
set -euo pipefail
cd "$(dirname "$0")/.."
swift=$(command -v swift || ls /opt/swift/usr/bin/swift /usr/local/swift/usr/bin/swift 2>/dev/null | head -1)
if [ "$(id -u)" != 0 ]; then echo "test: run it as root (sudo make test)" >&2; exit 1; fi
# What a run that was killed left behind.
for name in $(ip netns list | awk '/^mvt[0-9]+-/{print $1}'); do
	pid=${name#mvt}
	[ -d "/proc/${pid%%-*}" ] || ip netns delete "$name"
done
for state in /run/macvtrace/lab-mvt*-.state; do
	pid=${state##*/lab-mvt}
	[ -d "/proc/${pid%%-*}" ] || rm -f "$state"
done
# What became of each fault and of each healthy network: a table, also of a run that failed.
rm -f build/scenarios.jsonl
trap '[ ! -e build/scenarios.jsonl ] || jq -rsf Tests/scenarios.jq build/scenarios.jsonl | tee build/scenarios.md' EXIT
# It takes some 20 minutes: a test that hangs is to end as a failure.
seconds=${TEST_SECONDS:-3300} status=0
# What is tried is the command as it is released, where the tests leave the choice.
export MACVTRACE_BINARY=$PWD/build/macvtrace
PKG_CONFIG_PATH=$PWD/build/pkgconfig timeout -k 30 "$seconds" "$swift" test --skip-build --no-parallel \
	--explicit-target-dependency-import-check error || status=$?
case $status in 124 | 137) echo "test: swift test was ended after $seconds s: the test begun last hangs" >&2 ;; esac
[ "$status" = 0 ] || exit "$status"
bash Tests/install.sh
bash Tests/docker.sh build/macvtrace
