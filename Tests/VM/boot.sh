#!/usr/bin/env bash
# boot.sh KERNEL_FOLDER [--seconds N] [--memory MIB] [--writable FOLDER] COMMAND...: runs a command as root on another
# kernel.
#
# qemu emulates the machine. Its root directory is this machine's, read-only, under an overlay in memory: the command
# finds every program and file, and whatever it writes ends with it, but for what it writes into FOLDER. It runs in the
# current folder, alone in a machine without a network, with MACVTRACE_TEST_PATIENCE and GROUP_SECONDS as they are here.
# The exit status is the command's; 125 when it gave none.
set -euo pipefail
kernel=$(readlink -f "$1") && shift
seconds=600 memory=3072 writable=
while :; do
	case ${1:-} in
	--seconds) seconds=$2 && shift 2 ;;
	--memory) memory=$2 && shift 2 ;;
	--writable) writable=$(readlink -f "$2") && shift 2 ;;
	*) break ;;
	esac
done
release=$(cat "$kernel/release")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/image/{bin,modules,proc,sys,dev,lower,upper,root} "$work/job"

# Enough to mount the root directory: modules in the order in which modprobe would load them.
cp "$(command -v busybox)" "$work/image/bin/busybox"
count=100
for name in virtio_pci 9pnet_virtio 9p overlay; do
	# A module that is built in prints a line without a path.
	while read -r _ path; do
		[ -e "$path" ] || continue
		file=${path##*/}
		compgen -G "$work/image/modules/*-${file%.ko*}.ko" >/dev/null && continue
		target=$work/image/modules/$count-${file%.ko*}.ko
		case $path in
		*.xz) xz -dc "$path" >"$target" ;;
		*.zst) zstd -qdc "$path" >"$target" ;;
		*) cp "$path" "$target" ;;
		esac
		count=$((count + 1))
	done < <(modprobe -d "$kernel" -S "$release" --show-depends "$name" 2>/dev/null)
done

cat >"$work/image/init" <<END
#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc && mount -t sysfs sys /sys && mount -t devtmpfs dev /dev
for module in /modules/*; do insmod \$module; done
share=trans=virtio,version=9p2000.L,msize=262144
mount -t 9p -o ro,\$share,cache=loose root /lower || { dmesg | tail -20; poweroff -f; }
mount -t tmpfs -o size=80% upper /upper && mkdir /upper/files /upper/work
mount -t overlay -o lowerdir=/lower,upperdir=/upper/files,workdir=/upper/work root /root || poweroff -f
mkdir -p /root/lib/modules/$release /root/job
mount -t 9p -o ro,\$share modules /root/lib/modules/$release
mount -t 9p -o \$share job /root/job
[ -z "$writable" ] || mount -t 9p -o \$share writable "/root$writable"
for name in proc sys dev; do mount --move /\$name /root/\$name; done
mount -t tmpfs run /root/run
exec switch_root /root /bin/bash /job/start
END
chmod +x "$work/image/init"

printf -v command '%q ' "$@"
cat >"$work/job/start" <<END
export PATH=$(printf %q "$PATH") HOME=/root TERM=dumb
# Tests may change settings of the whole machine.
export MACVTRACE_TEST_OWN_MACHINE=1
$(for name in MACVTRACE_TEST_PATIENCE GROUP_SECONDS; do [ -z "${!name:-}" ] || printf 'export %s=%q\n' "$name" "${!name}"; done)
mount -t bpf bpf /sys/fs/bpf; mount -t tracefs tracing /sys/kernel/tracing; mount -t cgroup2 cgroup /sys/fs/cgroup
ln -s /proc/self/fd /dev/fd; ln -s fd/0 /dev/stdin; ln -s fd/1 /dev/stdout; ln -s fd/2 /dev/stderr
mkdir -p /dev/pts /dev/shm && mount -t devpts pts /dev/pts && mount -t tmpfs shm /dev/shm
ip link set lo up
echo vm-begin
cd $(printf %q "$PWD") && $command
echo \$? >/job/status
echo vm-end
sync && busybox poweroff -f
END
(cd "$work/image" && find . | cpio -o -H newc 2>/dev/null | gzip -1) >"$work/image.gz"

share=security_model=none,multidevs=remap
# One thread for both processors: with two, one may run into the breakpoint by which the other patches the kernel.
timeout "$seconds" qemu-system-x86_64 -accel tcg,thread=single -smp 2 -cpu max -m "$memory" -nographic -no-reboot -nic none \
	-kernel "$kernel/vmlinuz" -initrd "$work/image.gz" -append "console=ttyS0 panic=-1 quiet loglevel=3" \
	-virtfs "local,path=/,mount_tag=root,$share,readonly=on" \
	-virtfs "local,path=$kernel/lib/modules/$release,mount_tag=modules,$share,readonly=on" \
	-virtfs "local,path=$work/job,mount_tag=job,$share" \
	${writable:+-virtfs "local,path=$writable,mount_tag=writable,$share"} </dev/null 2>&1 |
	sed -u -e 's/\r$//' -e '1,/vm-begin$/d' -e '/^vm-end$/,$d' || true
[ -s "$work/job/status" ] || { echo "boot: no exit status within $seconds s" >&2 && exit 125; }
exit "$(cat "$work/job/status")"
