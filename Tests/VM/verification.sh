#!/usr/bin/env bash
# verification.sh MACVTRACE: how long macvtrace takes to verify every ordered pair of 2, 4 and 16 VLANs, and what it sends.
#
# A host on a trunk has a container's namespace in each VLAN; a router on the other end of the trunk joins them. Every way
# must be routed and no claim may fail. Exit status 77 and the feature's name where something that this takes is missing.
set -euo pipefail
macvtrace=$(readlink -f "${1:?usage: verification.sh MACVTRACE}")
prefix=mvt$$-
work=$(mktemp -d)
all=$(seq 11 26)
cleanup() {
	for name in host router $all; do ip netns delete "$prefix$name" 2>/dev/null || true; done
	rm -rf "$work"
}
trap cleanup EXIT
fail() { echo "verification: $*" >&2; exit 1; }
on() { local name=$1 && shift && nsenter --net="/run/netns/$prefix$name" "$@"; }

for name in host router; do
	ip netns add "$prefix$name"
	ip -n "$prefix$name" link set lo up
done
ip -n "${prefix}host" link add ens33 type veth peer name r0 netns "${prefix}router"
ip -n "${prefix}host" link set ens33 up
ip -n "${prefix}router" link set r0 up
on router sysctl -qw net.ipv4.ip_forward=1
for vlan in $all; do
	for end in host:ens33 router:r0; do
		interface=${end#*:}
		ip -n "$prefix${end%:*}" link add link "$interface" name "$interface.$vlan" type vlan id "$vlan" 2>"$work/said" ||
			{ echo "not applicable: 8021q" && exit 77; }
		ip -n "$prefix${end%:*}" link set "$interface.$vlan" up
	done
	ip -n "${prefix}router" address add "172.16.$vlan.1/24" dev "r0.$vlan"
	ip netns add "$prefix$vlan"
	ip -n "${prefix}host" link add link "ens33.$vlan" name eth0 netns "$prefix$vlan" type macvlan mode bridge
	ip -n "$prefix$vlan" link set eth0 up
	ip -n "$prefix$vlan" address add "172.16.$vlan.10/24" dev eth0
	ip -n "$prefix$vlan" route add default via "172.16.$vlan.1"
done

printf 'VLANs\tpairs\tseconds\tprobes\tstray frames\tclaims that pass\n'
for count in 2 4 16; do
	read -ra vlans <<<"$(echo $all | cut -d' ' -f"1-$count")"
	start=$EPOCHREALTIME
	on host "$macvtrace" verify ens33 "${vlans[@]}" --json >"$work/report.json" 2>"$work/said" ||
		fail "$count VLANs: status $?: $(cat "$work/said") $(jq -c '[.findings[].title]' "$work/report.json")"
	seconds=$(awk "BEGIN { print $EPOCHREALTIME - $start }")
	jq -e --argjson count "$count" '
		(.vlan_paths | length) == $count * ($count - 1) and all(.vlan_paths[]; .verdict == "routed")
		and all(.vlan_paths[].claims[]; .outcome != "fail") and .findings == []' "$work/report.json" >/dev/null ||
		fail "$count VLANs: $(jq -c '[.vlan_paths[] | select(.verdict != "routed")
			| [.from, .to, .verdict]], [.vlan_paths[].claims[] | select(.outcome == "fail")], [.findings[].title]' "$work/report.json")"
	jq -r --arg seconds "$seconds" --argjson count "$count" '[$count, (.vlan_paths | length), ($seconds | tonumber * 10 | round / 10),
		.verification.probes, .verification.stray_frames, ([.vlan_paths[].claims[] | select(.outcome == "pass")] | length)] | @tsv' "$work/report.json"
done
