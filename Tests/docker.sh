#!/usr/bin/env bash
# The tutorial's commands with a real Docker engine: the host pings bbox1 on mac_net1, and macvtrace names both.
# The engine is this test's own: its namespace, data, socket and processes go when the test does.
set -euo pipefail
macvtrace=$(readlink -f "${1:?usage: docker.sh MACVTRACE}")
source "$(dirname "$0")/observation.sh"
source "$(dirname "$0")/engine.sh"
host=mvt$$-docker switch=mvt$$-switch
work=$(mktemp -d)
cleanup() {
	abort_observation
	stop_engines
	ip netns delete "$host" 2>/dev/null || true
	ip netns delete "$switch" 2>/dev/null || true
	rm -rf "$work"
}
trap cleanup EXIT
fail() { echo "docker test: $*" >&2; tail -5 "$work/docker.log" >&2 || true; exit 1; }

ip netns add "$switch"; ip netns add "$host"
ip -n "$switch" link add br0 type bridge; ip -n "$switch" link set br0 up
ip -n "$switch" address add 172.22.16.1/24 dev br0
ip -n "$switch" link add port1 type veth peer name ens33 netns "$host"
ip -n "$switch" link set port1 master br0 up
ip -n "$host" link set lo up
ip -n "$host" link set ens33 promisc on up
ip -n "$host" address add 172.22.16.2/24 dev ens33

start_engine docker "$host" || fail "the engine did not start"
engine docker network create -d macvlan --subnet 172.22.16.0/24 --gateway 172.22.16.1 -o parent=ens33 mac_net1 >/dev/null
engine docker run -d --name bbox1 --network mac_net1 --ip 172.22.16.10 busybox:test sleep 600 >/dev/null ||
	fail "the container did not start"

inside=(nsenter --net="/run/netns/$host" env "DOCKER_HOST=unix://$work/docker.sock")
begin_observation "$work/report.json" "${inside[@]}" "$macvtrace" attach ens33 --json
if "${inside[@]}" ping -c 3 -W 1 172.22.16.10 >/dev/null; then fail "the ping of the host's own container must fail"; fi
# The kernel gives up after the third request's second.
sleep 2
end_observation
jq -e '[.interfaces[] | select(.container.name == "bbox1" and .container.network == "mac_net1")] | length == 1' \
	"$report" >/dev/null || fail "bbox1 and mac_net1 are not named: $(jq -c '[.interfaces[].container]' "$report")"
jq -e '.findings | length == 1 and .[0].id == "host-to-child-bridge" and .[0].confidence == "proven"' \
	"$report" >/dev/null || fail "not proven: $(jq -c .findings "$report")"
"${inside[@]}" "$macvtrace" explain --json bbox1 >"$work/explained.json" && fail "explain says that it works"
jq -e '.findings[0].id == "host-to-child-bridge" and .explanation.run.to.address == "172.22.16.10"' \
	"$work/explained.json" >/dev/null || fail "not explained: $(jq -c '[.explanation, .findings]' "$work/explained.json")"
jq -r '.findings[0].fixes[0].commands[]' "$report" | while read -r command; do "${inside[@]}" sh -c "$command"; done
"${inside[@]}" ping -c 1 -W 2 172.22.16.10 >/dev/null || fail "the printed fix does not cure it"
"${inside[@]}" "$macvtrace" explain bbox1 >"$work/explained" || fail "explain: $(cat "$work/explained")"

# A container that comes and goes meanwhile is counted under its name, and stays in the report.
begin_observation "$work/churn.json" "${inside[@]}" "$macvtrace" attach ens33 --json
{
	engine docker run -d --name bbox2 --network mac_net1 --ip 172.22.16.20 busybox:test sleep 600
	engine docker exec bbox2 ping -c 2 -W 2 172.22.16.10
	engine docker rename bbox1 first
	sleep 1
	engine docker rm -f bbox2
} >"$work/churn" 2>&1 || fail "the second container: $(cat "$work/churn")"
end_observation
jq -e '. as $report | [.interfaces[] | select(.container.name == "bbox2" and .container.network == "mac_net1") | .id] as [$id]
	| ([$report.changes[] | select(.interface == $id) | .kind] | index("vanished"))
	and ([$report.counters[] | select(.interface == $id and .direction == "egress") | .frames] | add >= 3)' \
	"$report" >/dev/null || fail "bbox2: $(jq -c "[.interfaces[].container], .changes, [.counters[]|[.interface,.direction,.source,.frames]]" "$report") $(cat "$work/churn")"
jq -e '[.interfaces[] | select(.container.name == "first")] | length == 1' "$report" >/dev/null ||
	fail "the new name is not known: $(jq -c '[.interfaces[].container]' "$report")"
echo "docker: a container that came and went was counted under its name, and a new name is known"
echo "docker: bbox1 on mac_net1 named, host-to-child-bridge proven, the printed fix cures it"
