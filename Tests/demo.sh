#!/usr/bin/env bash
# The main job on a network of its own: a failing ping, the report, the printed fix, the ping that passes.
set -euo pipefail
macvtrace=${1:?usage: demo.sh MACVTRACE}
macvtrace=$(readlink -f "$macvtrace")
source "$(dirname "$0")/observation.sh"
report=$(mktemp)
say() { printf '\n\033[1m== %s\033[0m\n' "$*"; }
trap 'abort_observation; "$macvtrace" lab down >/dev/null 2>&1 || true; rm -f "$report" "$report.errors"' EXIT

say "Build the tutorial's network: docker01 and docker02 on a switch, their containers on macvlan"
"$macvtrace" lab up --fault host-to-child-bridge
ip netns exec docker01 "$macvtrace" list ens33

say "docker01 pings its own container bbox1, while macvtrace observes ens33"
begin_observation "$report" ip netns exec docker01 "$macvtrace" attach ens33 --json
ip netns exec docker01 ping -c 3 -W 1 172.22.16.10 || true
# The kernel gives up after the third request's second.
sleep 2
end_observation
jq -e '.findings[0].id == "host-to-child-bridge" and .findings[0].confidence == "proven"' "$report" >/dev/null ||
	{ echo "demo: the cause was not proven" >&2; jq .findings "$report" >&2; exit 1; }

say "The diagnosis"
jq -r '.findings[0] | .title, "  " + .explanation, (.evidence[] | "  - " + .text)' "$report"

say "The printed fix, applied"
jq -r '.findings[0].fixes[0].commands[]' "$report" | while read -r command; do
	echo "# $command"
	ip netns exec docker01 sh -c "$command"
done

say "The ping that now passes"
ip netns exec docker01 ping -c 3 -i 0.2 -W 1 172.22.16.10

say "Remove the network"
"$macvtrace" lab down
