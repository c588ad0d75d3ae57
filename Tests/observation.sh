# `macvtrace attach` beside a script's own commands, to be sourced; $macvtrace is the binary.
# shellcheck shell=bash
observer=

# await COMMAND...: tries it for at most ten seconds, or as many times that as MACVTRACE_TEST_PATIENCE says.
await() {
	local patience=$((100 * ${MACVTRACE_TEST_PATIENCE:-1}))
	until "$@" >/dev/null 2>&1; do
		patience=$((patience - 1))
		[ "$patience" -gt 0 ] || { echo "in vain: $*" >&2 && return 1; }
		sleep 0.1
	done
}

# begin_observation REPORT COMMAND...: runs the command, a `macvtrace attach --json`, and returns once every hook is
# attached. What it says beside its report is in REPORT.errors.
begin_observation() {
	report=$1 && shift
	"$@" >"$report" 2>"$report.errors" &
	observer=$!
	await grep -q 'attached to' "$report.errors" || { cat "$report.errors" >&2 && return 1; }
}

# end_observation: interrupts it, and waits until its report is written.
end_observation() {
	kill -INT "$observer"
	local ended=$observer && observer=
	wait "$ended" || { echo "the observation ended with $?: $(cat "$report.errors")" >&2 && return 1; }
}

# abort_observation: ends it where a script fails meanwhile.
abort_observation() {
	[ -z "$observer" ] || kill -KILL "$observer" 2>/dev/null || true
}
