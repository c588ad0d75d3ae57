#!/usr/bin/env bash
# matrix.sh KERNELS GROUPS: runs test groups on other kernels, two machines at a time, and prints what passed where.
#
# GROUP@KERNEL is run on that kernel alone.
# The kernels are Debian's, fetched once (fetch.sh) and booted under qemu (boot.sh); groups.sh says what a group is.
# build/kernels has what each group said, and the table as kernels.md and kernels.json. The exit status is 1 when a
# test failed somewhere. Not applicable is what a test found missing on the running kernel, by its name.
set -euo pipefail
cd "$(dirname "$0")/../.."
read -ra kernels <<<"$1"
read -ra groups <<<"$2"
# Everything takes longer there: tests wait longer before they give up. A group that hangs is ended inside its machine,
# with its log, and well before the machine itself is.
export MACVTRACE_TEST_PATIENCE=${MACVTRACE_TEST_PATIENCE:-4} GROUP_SECONDS=${GROUP_SECONDS:-900}
machines=${MACHINES:-2}

# run_group VERSION GROUP: on a machine of its own, so that nothing of one group reaches the next; what it leaves is in
# build/kernels/VERSION.
run_group() {
	local results=build/kernels/$1
	bash Tests/VM/boot.sh "$kernels_folder/$1" --seconds $((GROUP_SECONDS + 180)) --writable "$results" \
		bash Tests/VM/groups.sh "$results" "$2" 2>&1 | sed -u "s/^/Linux $1: /"
}

mkdir -p build/kernels
for kernel in "${kernels[@]}"; do
	rm -rf "build/kernels/$kernel" && mkdir -p "build/kernels/$kernel"
	kernels_folder=$(dirname "$(bash Tests/VM/fetch.sh "$kernel")")
	cp "$kernels_folder/$kernel/release" "build/kernels/$kernel/release"
done
# Whether a group, KERNEL being the second word, is meant for it.
is_for() { [ "${1#*@}" = "$1" ] || [ "${1#*@}" = "$2" ]; }

for group in "${groups[@]}"; do
	for kernel in "${kernels[@]}"; do
		is_for "$group" "$kernel" || continue
		while [ "$(jobs -rp | wc -l)" -ge "$machines" ]; do wait -n || true; done
		run_group "$kernel" "${group%@*}" &
	done
done
while [ -n "$(jobs -rp)" ]; do wait -n || true; done

# One record for each kernel and group, whatever became of it.
for kernel in "${kernels[@]}"; do
	results=build/kernels/$kernel
	for name in "${groups[@]}"; do
		is_for "$name" "$kernel" || continue
		group=${name%@*}
		read -r status seconds <"$results/$group.status" 2>/dev/null || status=125 seconds=0
		events=$results/$group.events isSwift=true
		[ -e "$events" ] || events=/dev/null isSwift=false
		jq -n --arg kernel "$kernel" --arg release "$(cat "$results/release" 2>/dev/null)" --arg group "$group" \
			--argjson status "$status" --argjson seconds "$seconds" \
			--argjson isSwift "$isSwift" \
			--rawfile log <(cat "$results/$group.log" 2>/dev/null) -f Tests/VM/summary.jq "$events"
	done
done | jq -s . >build/kernels.json
jq -r -f Tests/VM/table.jq build/kernels.json >build/kernels.md

# What failed, with all that it said.
failed=0
while read -r kernel group; do
	failed=1
	printf '\n== Linux %s, %s, as it went:\n' "$kernel" "$group"
	cat "build/kernels/$kernel/$group.log" 2>/dev/null || echo "it did not run: the machine ended before"
	[ ! -s "build/kernels/$kernel/$group.kernel" ] || cat "build/kernels/$kernel/$group.kernel"
done < <(jq -r '.[] | select(.failed > 0) | "\(.kernel) \(.group)"' build/kernels.json)
printf '\n'
cat build/kernels.md
exit "$failed"
