#!/usr/bin/env bash
# tutorial.sh MACVTRACE: the tutorial's VLAN half, with real Docker engines.
#
# docker01 and docker02 hang on a trunk with the VLANs 10 and 20; each has mac_net10 on ens33.10 and mac_net20 on
# ens33.20, and a container on each; a router on a stick joins the two. macvtrace observes docker01's ens33: it must
# name everything, count as tcpdump and the kernel do, find nothing where all works, and find why the host cannot reach
# its own container. Exit status 77 and the feature's name where something that this takes is missing.
set -euo pipefail
macvtrace=$(readlink -f "${1:?usage: tutorial.sh MACVTRACE}")
here=$(dirname "$(readlink -f "$0")")
source "$here/../observation.sh"
source "$here/../engine.sh"
prefix=mvt$$-
work=$(mktemp -d)
captures=()
cleanup() {
	abort_observation
	for pid in "${captures[@]}"; do kill "$pid" 2>/dev/null || true; done
	stop_engines
	for name in docker01 docker02 router switch; do ip netns delete "$prefix$name" 2>/dev/null || true; done
	rm -rf "$work"
}
trap cleanup EXIT
fail() { echo "tutorial: $*" >&2; exit 1; }
not_applicable() { echo "not applicable: $*" && exit 77; }
on() { local name=$1 && shift && nsenter --net="/run/netns/$prefix$name" "$@"; }
# The same for what runs in the background: a function's process would be a shell of its own.
on_docker01=(nsenter --net="/run/netns/${prefix}docker01" env "DOCKER_HOST=unix://$work/docker01.sock")
step() { echo "== $* ($SECONDS s)"; }

step "The trunk, the VLANs, the router"
command -v dockerd >/dev/null || not_applicable "Docker"
for name in docker01 docker02 router switch; do
	ip netns add "$prefix$name"
	# What is counted is what is sent here: no neighbor discovery beside it.
	on "$name" sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
	ip -n "$prefix$name" link set lo up
done
ip -n "${prefix}switch" link add br0 type bridge vlan_filtering 1 vlan_default_pvid 0 2>"$work/said" ||
	not_applicable "bridge VLAN filtering"
ip -n "${prefix}switch" link set br0 up
# trunk NAME PORT INTERFACE NETWORK...: a host whose interface is a trunk with both VLANs, and its addresses there.
trunk() {
	local name=$1 port=$2 interface=$3 vlan address && shift 3
	ip -n "${prefix}switch" link add "$port" type veth peer name "$interface" netns "$prefix$name"
	ip -n "${prefix}switch" link set "$port" master br0 up
	ip -n "$prefix$name" link set "$interface" promisc on up
	for vlan in 10 20; do
		bridge -n "${prefix}switch" vlan add dev "$port" vid "$vlan"
		ip -n "$prefix$name" link add link "$interface" name "$interface.$vlan" type vlan id "$vlan" \
			2>"$work/said" || not_applicable "8021q"
		ip -n "$prefix$name" link set "$interface.$vlan" up
		for address in "$@"; do
			ip -n "$prefix$name" address add "${address/VLAN/$vlan}/24" dev "$interface.$vlan"
		done
	done
}
trunk docker01 port1 ens33 192.168.VLAN.2
trunk docker02 port2 ens33 192.168.VLAN.3
trunk router port3 r0 172.16.VLAN.1 192.168.VLAN.1
on router sysctl -qw net.ipv4.ip_forward=1

step "Two Docker engines, with mac_net10 and mac_net20"
last=10
for host in docker01 docker02; do
	start_engine "$host" "$prefix$host" || fail "$host's engine did not start"
	for vlan in 10 20; do
		engine "$host" network create -d macvlan --subnet "172.16.$vlan.0/24" --gateway "172.16.$vlan.1" \
			-o parent="ens33.$vlan" "mac_net$vlan" >/dev/null
		engine "$host" run -d --name "bbox$vlan" --network "mac_net$vlan" --ip "172.16.$vlan.$last" \
			busybox:test sleep 3600 >/dev/null || fail "bbox$vlan did not start on $host"
	done
	last=$((last + 10))
done

# capture NAME OPTION...: what tcpdump sees of docker01's ens33, in NAME.pcap.
capture() {
	local name=$1 && shift
	"${on_docker01[@]}" tcpdump -i ens33 -B 16384 -s 96 --immediate-mode -U -w "$work/$name.pcap" "$@" 2>"$work/$name.errors" &
	captures+=($!)
	await grep -q 'listening on' "$work/$name.errors" || fail "tcpdump: $(cat "$work/$name.errors")"
}
# Waits until no frame came for seven seconds: a neighbor is asked anew five seconds after it was used.
silence() {
	local size last=-1 still=0
	while [ "$still" -lt 7 ]; do
		sleep 1
		size=$(cat "$work"/*gress.pcap | wc -c)
		still=$((size == last ? still + 1 : 0)) last=$size
	done
}
# FRAMES OCTETS that tcpdump saw in a VLAN.
captured() {
	tcpdump -r "$work/$1.pcap" -e -nn -q -t vlan "$2" 2>/dev/null |
		grep -oP 'length \K\d+(?=: vlan)' | awk '{ frames++; octets += $1 } END { print frames + 0, octets + 0 }'
}
# FRAMES OCTETS that macvtrace counted at an interface's hook, in a VLAN.
counted() {
	jq -r --arg name "$1" --arg direction "$2" --argjson vlan "$3" \
		'(.interfaces[] | select(.name == $name) | .id) as $id
		| [.counters[] | select(.interface == $id and .direction == $direction and .vlan == $vlan)]
		| "\(map(.frames) | add // 0) \(map(.bytes) | add // 0)"' "$report"
}
# FRAMES that the kernel's statistics counted at a sub-interface.
statistics() { ip -n "${prefix}docker01" -s -j link show dev "$1" | jq ".[0].stats64.$2.packets"; }
expect() { [ "$2" = "$3" ] || fail "$1: $2, and not $3"; }
passes() { local what=$1 && shift && { "$@" >"$work/ping" || fail "$what does not pass: $(tail -2 "$work/ping")"; }; }

step "What works: within a VLAN, and between the two by the router"
capture ingress -Q in
capture egress -Q out
silence
begin_observation "$work/works.json" "${on_docker01[@]}" "$macvtrace" attach ens33 --json
declare -A before
for vlan in 10 20; do
	before[ingress$vlan]=$(statistics "ens33.$vlan" rx) before[egress$vlan]=$(statistics "ens33.$vlan" tx)
done
for vlan in 10 20; do
	other=$((30 - vlan))
	passes "docker01 to docker02 in VLAN $vlan" on docker01 ping -c 2 -W 2 "192.168.$vlan.3"
	passes "bbox$vlan to docker02's bbox$vlan" engine docker01 exec "bbox$vlan" ping -c 3 -W 2 "172.16.$vlan.20"
	passes "bbox$vlan to docker02's bbox$other" engine docker01 exec "bbox$vlan" ping -c 4 -W 2 "172.16.$other.20"
	passes "bbox$vlan to its own host's bbox$other" engine docker01 exec "bbox$vlan" ping -c 5 -W 2 "172.16.$other.10"
	passes "docker02's bbox$vlan to bbox$vlan" engine docker02 exec "bbox$vlan" ping -c 6 -W 2 "172.16.$vlan.10"
done
silence
end_observation
jq -r '.interfaces[] | [.name, .kind, .vlan // "-", .container.name // "-", .container.network // "-"] | @tsv' "$report"

for vlan in 10 20; do
	jq -e --argjson vlan "$vlan" '
		(.interfaces[] | select(.name == "ens33" and .kind == "parent" and .vlan == null) | .id) as $parent
		| (.interfaces[] | select(.name == "ens33.\($vlan)" and .kind == "vlan" and .vlan == $vlan and .parent == $parent)
			| .id) as $sub
		| [.interfaces[] | select(.parent == $sub and .kind == "macvlan" and .mode == "bridge"
			and .addresses == ["172.16.\($vlan).10/24"] and .container.runtime == "docker"
			and .container.name == "bbox\($vlan)" and .container.network == "mac_net\($vlan)")] | length == 1' \
		"$report" >/dev/null || fail "VLAN $vlan, bbox$vlan and mac_net$vlan are not named: $(jq -c .interfaces "$report")"
	for direction in ingress egress; do
		seen=$(captured "$direction" "$vlan")
		echo "VLAN $vlan, $direction: $seen frames and octets"
		[ "${seen%% *}" -gt 20 ] || fail "tcpdump saw no traffic in VLAN $vlan"
		expect "ens33 $direction in VLAN $vlan, beside tcpdump" "$(counted ens33 "$direction" "$vlan")" "$seen"
		way=$([ "$direction" = ingress ] && echo rx || echo tx)
		frames=$(($(statistics "ens33.$vlan" "$way") - ${before[$direction$vlan]}))
		# The sub-interface has its frames without the tag's four octets.
		expect "ens33.$vlan $direction, beside its statistics and tcpdump on ens33" \
			"$(counted "ens33.$vlan" "$direction" null)" "$frames $((${seen##* } - 4 * frames))"
	done
done
jq -e '.findings == []' "$report" >/dev/null || fail "all works, and yet: $(jq -c .findings "$report")"
jq -e '.loss.sightings_dropped == 0' "$report" >/dev/null || fail "records were lost: $(jq -c .loss "$report")"

# verified STATUS VERDICT CAUSE: what verify says of both ways between the VLANs, and why the claims fail that fail.
verified() {
	local status=0
	"${on_docker01[@]}" "$macvtrace" verify ens33 10 20 --json >"$work/verified.json" 2>"$work/said" || status=$?
	expect "verify's exit status ($(cat "$work/said"))" "$status" "$1"
	expect "the verdicts" "$(jq -c '[.vlan_paths[] | [.from, .to, .verdict]]' "$work/verified.json")" \
		"[[10,20,\"$2\"],[20,10,\"$2\"]]"
	expect "the claims' outcomes" "$(jq '[.vlan_paths[].claims[].outcome == "fail"] | any' "$work/verified.json")" \
		"$([ -n "$3" ] && echo true || echo false)"
	expect "the root cause" "$(jq -r '[.findings[].id] | unique | join(" ")' "$work/verified.json")" "$3"
}
step "What verify proves: each way between the VLANs, from container to container"
verified 0 routed ""
"${on_docker01[@]}" "$macvtrace" verify ens33 10 20 >"$work/verified.txt" 2>/dev/null
cat "$work/verified.txt"
for vlan in 10 20; do
	grep -q "VLAN $vlan: .*bbox$vlan" "$work/verified.txt" || fail "bbox$vlan is not named as the station of VLAN $vlan"
done
step "What verify proves of a router that does not forward"
on router sysctl -qw net.ipv4.ip_forward=0
verified 1 blocked ip-forward-0
on router sysctl -qw net.ipv4.ip_forward=1
step "What verify proves of a filter in the router (iptables)"
on router iptables -P FORWARD DROP
verified 1 blocked fw-forward-drop
on router iptables -P FORWARD ACCEPT
verified 0 routed ""

# What fails is found from the parent, and from the sub-interface alone.
for parent in ens33 ens33.10; do
	step "What fails: docker01 to its own bbox10, observed at $parent"
	on docker01 ip neigh flush all
	begin_observation "$work/fails.json" "${on_docker01[@]}" "$macvtrace" attach "$parent" --json
	if on docker01 ping -I ens33.10 -c 3 -W 1 172.16.10.10 >/dev/null; then fail "it must not pass"; fi
	sleep 2
	end_observation
	jq -e '[.findings[] | [.id, .confidence]] == [["host-to-child-bridge", "proven"]]' "$report" >/dev/null ||
		fail "host-to-child-bridge is not proven at $parent: $(jq -c .findings "$report")"
	jq -r '.findings[0] | .title, (.evidence[] | "  - " + .text), (.fixes[0].commands[] | "  # " + .)' "$report"
done

step "The printed fix"
jq -r '.findings[0].fixes[0].commands[]' "$report" | while read -r command; do on docker01 sh -c "$command"; done
passes "docker01 to its own bbox10, with the fix" on docker01 ping -c 2 -W 2 172.16.10.10
step "done: bbox10 and bbox20 named, counted and explained"
