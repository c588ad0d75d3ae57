#!/usr/bin/env bash
# The tutorial's commands with a real Docker engine: the host pings bbox1 on mac_net1, and macvtrace names both.
# The engine is this test's own: its namespace, data, socket and processes go when the test does.
set -euo pipefail
macvtrace=$(readlink -f "${1:?usage: docker.sh MACVTRACE}")
host=mvt$$-docker switch=mvt$$-switch
work=$(mktemp -d)
export DOCKER_HOST=unix://$work/docker.sock
docker=$(command -v docker)
cleanup() {
	"$docker" rm -f bbox1 >/dev/null 2>&1 || true
	for pid in "$work"/docker.pid; do [ -f "$pid" ] && kill "$(cat "$pid")" 2>/dev/null || true; done
	for _ in $(seq 50); do [ -f "$work/docker.pid" ] && [ -d "/proc/$(cat "$work/docker.pid")" ] && sleep 0.1 || break; done
	umount -R "$work"/exec/netns/* 2>/dev/null || true
	ip netns delete "$host" 2>/dev/null || true
	ip netns delete "$switch" 2>/dev/null || true
	grep -o " $work[^ ]*" /proc/self/mounts | sort -r | xargs -r umount -l 2>/dev/null || true
	rm -rf "$work"
}
trap cleanup EXIT
fail() { echo "docker test: $*" >&2; tail -5 "$work/dockerd.log" >&2 || true; exit 1; }

ip netns add "$switch"; ip netns add "$host"
ip -n "$switch" link add br0 type bridge; ip -n "$switch" link set br0 up
ip -n "$switch" address add 172.22.16.1/24 dev br0
ip -n "$switch" link add port1 type veth peer name ens33 netns "$host"
ip -n "$switch" link set port1 master br0 up
ip -n "$host" link set lo up
ip -n "$host" link set ens33 promisc on up
ip -n "$host" address add 172.22.16.2/24 dev ens33

# nsenter, not ip netns exec: that would hide the cgroups from the engine.
nsenter --net="/run/netns/$host" dockerd --storage-driver vfs --iptables=false --ip6tables=false --bridge=none \
	--data-root "$work/data" --exec-root "$work/exec" --pidfile "$work/docker.pid" -H "$DOCKER_HOST" \
	>"$work/dockerd.log" 2>&1 &
for _ in $(seq 300); do "$docker" version >/dev/null 2>&1 && break; sleep 0.1; done
"$docker" version >/dev/null 2>&1 || fail "the engine did not start"

mkdir -p "$work/root/bin"; cp "$(command -v busybox)" "$work/root/bin/"
for name in sh sleep ping; do ln -s busybox "$work/root/bin/$name"; done
tar -C "$work/root" -c . | "$docker" import - busybox:test >/dev/null
"$docker" network create -d macvlan --subnet 172.22.16.0/24 --gateway 172.22.16.1 -o parent=ens33 mac_net1 >/dev/null
"$docker" run -d --name bbox1 --network mac_net1 --ip 172.22.16.10 busybox:test sleep 600 >/dev/null ||
	fail "the container did not start"

(sleep 1; nsenter --net="/run/netns/$host" ping -c 3 -W 1 172.22.16.10 >/dev/null || touch "$work/failed") &
ping=$!
nsenter --net="/run/netns/$host" "$macvtrace" attach ens33 --duration 6s --json >"$work/report.json"
wait "$ping"
[ -e "$work/failed" ] || fail "the ping of the host's own container must fail"
jq -e '[.interfaces[] | select(.container.name == "bbox1" and .container.network == "mac_net1")] | length == 1' \
	"$work/report.json" >/dev/null || fail "bbox1 and mac_net1 are not named: $(jq -c '[.interfaces[].container]' "$work/report.json")"
jq -e '.findings | length == 1 and .[0].id == "host-to-child-bridge" and .[0].confidence == "proven"' \
	"$work/report.json" >/dev/null || fail "not proven: $(jq -c .findings "$work/report.json")"
jq -r '.findings[0].fixes[0].commands[]' "$work/report.json" |
	while read -r command; do nsenter --net="/run/netns/$host" sh -c "$command"; done
nsenter --net="/run/netns/$host" ping -c 1 -W 2 172.22.16.10 >/dev/null || fail "the printed fix does not cure it"
# A container that comes and goes meanwhile is counted under its name, and stays in the report.
(
	until grep -q "attached to" "$work/attached" 2>/dev/null; do sleep 0.1; done
	"$docker" run -d --name bbox2 --network mac_net1 --ip 172.22.16.20 busybox:test sleep 600
	"$docker" exec bbox2 ping -c 2 -W 2 172.22.16.10
	"$docker" rename bbox1 first
	sleep 1
	"$docker" rm -f bbox2
) >"$work/churn" 2>&1 &
churn=$!
nsenter --net="/run/netns/$host" "$macvtrace" attach ens33 --duration 12s --json >"$work/report.json" 2>"$work/attached"
wait "$churn" || fail "the second container: $(cat "$work/churn")"
jq -e '. as $report | [.interfaces[] | select(.container.name == "bbox2" and .container.network == "mac_net1") | .id] as [$id]
	| ([$report.changes[] | select(.interface == $id) | .kind] | index("vanished"))
	and ([$report.counters[] | select(.interface == $id and .direction == "egress") | .frames] | add >= 3)' \
	"$work/report.json" >/dev/null || fail "bbox2: $(jq -c "[.interfaces[].container], .changes, [.counters[]|[.interface,.direction,.source,.frames]]" "$work/report.json") $(cat "$work/churn")"
jq -e '[.interfaces[] | select(.container.name == "first")] | length == 1' "$work/report.json" >/dev/null ||
	fail "the new name is not known: $(jq -c '[.interfaces[].container]' "$work/report.json")"
"$docker" rename first bbox1
echo "docker: a container that came and went was counted under its name, and a new name is known"

echo "docker: bbox1 on mac_net1 named, host-to-child-bridge proven, the printed fix cures it"
