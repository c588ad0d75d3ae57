# Docker engines of a test's own, to be sourced behind observation.sh: what is theirs is in $work, and goes with their
# processes by stop_engines.
# shellcheck shell=bash

# engine NAME ARGUMENT...: the docker command for that engine.
engine() {
	local name=$1 && shift
	DOCKER_HOST=unix://$work/$name.sock docker "$@"
}

# start_engine NAME NETNS: an engine in that network namespace, with the image busybox:test.
start_engine() {
	local own=$work/$1 bin=$work/$1.root/bin
	mkdir -p "$own" "$bin"
	# By itself the engine waits no more than 15 s for its containerd, which is too short for an emulated machine.
	echo 'disabled_plugins = ["io.containerd.grpc.v1.cri"]' >"$own/containerd.toml"
	containerd --config "$own/containerd.toml" --root "$own/containerd" --state "$own/state" \
		--address "$own/containerd.sock" >"$own.containerd.log" 2>&1 &
	echo $! >"$own.containerd.pid"
	await ctr --address "$own/containerd.sock" version || { tail -5 "$own.containerd.log" >&2 && return 1; }
	# nsenter, not ip netns exec: that would hide the cgroups from the engine.
	nsenter --net="/run/netns/$2" dockerd --storage-driver vfs --iptables=false --ip6tables=false --bridge=none \
		--containerd "$own/containerd.sock" --data-root "$own/data" --exec-root "$own/exec" \
		--pidfile "$own.docker.pid" -H "unix://$own.sock" >"$own.log" 2>&1 &
	await engine "$1" version || { tail -5 "$own.log" >&2 && return 1; }
	cp "$(command -v busybox)" "$bin/"
	for program in sh sleep ping; do ln -s busybox "$bin/$program"; done
	tar -C "$bin/.." -c . | engine "$1" import - busybox:test >/dev/null
}

# end_process FILE: ends the process whose number is in the file, and waits until it is gone.
end_process() {
	local pid
	pid=$(cat "$1" 2>/dev/null) || return 0
	kill "$pid" 2>/dev/null || return 0
	await test ! -d "/proc/$pid" || true
}

stop_engines() {
	local socket name
	for socket in "$work"/*.sock; do
		[ -S "$socket" ] || continue
		name=$(basename "$socket" .sock)
		engine "$name" ps -aq | xargs -r -n 1 env "DOCKER_HOST=unix://$socket" docker rm -f >/dev/null 2>&1 || true
		end_process "$work/$name.docker.pid"
		end_process "$work/$name.containerd.pid"
		umount -R "$work/$name"/exec/netns/* 2>/dev/null || true
	done
	grep -o " $work[^ ]*" /proc/self/mounts | sort -r | xargs -r umount -l 2>/dev/null || true
}
