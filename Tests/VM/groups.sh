#!/usr/bin/env bash
# groups.sh RESULTS GROUP...: runs test groups on the kernel that is running, and leaves in the folder RESULTS what each
# said (GROUP.log, and GROUP.events where it is Swift's) and how it ended (GROUP.status: exit status and seconds).
#
# A group is a test target, one suite of it (KernelTests.FaultTests), or one test of that
# (KernelTests.FaultTests.areFoundAndCuredOnATrunk); or a script: demo, docker, tutorial, verification.
# Nothing is built here: it runs the tests that stand in .build/debug, and the command as it is released, build/macvtrace,
# which emulated machines run twice as fast.
set -euo pipefail
results=$1 && shift
macvtrace=build/macvtrace
# What asks the kernel for nothing is the same on every kernel: `make test` runs it.
pure='MessageReaderTests|MessageBuilderTests|RecordsTests|HookRegistryTests|DockerEngineTests'

run() {
	case $1 in
	demo) bash Tests/demo.sh "$macvtrace" ;;
	docker) bash Tests/docker.sh "$macvtrace" ;;
	tutorial | verification) bash "Tests/VM/$1.sh" "$macvtrace" ;;
	*)
		IFS=. read -r target suite test <<<"$1"
		MACVTRACE_BINARY=$macvtrace MACVTRACE_SCENARIOS=$results/scenarios.jsonl .build/debug/macvtracePackageTests.xctest --testing-library swift-testing --no-parallel \
			--filter "^$target${suite:+\\.$suite}${test:+/$test}[./(]" --skip "$pure" \
			--event-stream-version 0 --event-stream-output-path "$results/$1.events"
		;;
	esac
}
export -f run
export macvtrace results pure

for group in "$@"; do
	start=$SECONDS status=0
	timeout -k 10 "${GROUP_SECONDS:-900}" bash -c 'set -euo pipefail; run "$1"' _ "$group" \
		>"$results/$group.log" 2>&1 || status=$?
	# timeout's own status: 124, or 137 where it had to kill.
	case $status in 124 | 137) echo "groups: $group was ended after ${GROUP_SECONDS:-900} s" >>"$results/$group.log" ;; esac
	echo "$status $((SECONDS - start))" >"$results/$group.status"
	echo "$group: ended with $status after $((SECONDS - start)) s"
	# What the kernel itself complained about.
	dmesg | grep -E 'WARNING: |BUG: |Oops: |general protection|refcount_t|unregister_netdevice' \
		>"$results/$group.kernel" || true
done
