// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Counts test packets by their first octet in a map of each type, and in global variables of each section. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

const volatile __u32 step = 1;
__u32 factor = 1;
__u64 packets;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u64);
} hash SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 256);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	/* Not a multiple of 8, to which the kernel rounds values up. */
	__type(value, __u32[3]);
} array SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u32);
} percpu_hash SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 256);
	__type(key, __u32);
	__type(value, __u64);
} percpu_array SEC(".maps");

SEC("tc")
int count(struct __sk_buff *skb)
{
	__u32(*triple)[3], *narrow;
	__u64 *wide, zero = 0;
	__u32 key = 0;

	if (bpf_skb_load_bytes(skb, 0, &key, 1))
		return 2;
	packets++;
	bpf_map_update_elem(&hash, &key, &zero, BPF_NOEXIST);
	wide = bpf_map_lookup_elem(&hash, &key);
	if (wide)
		*wide += step * factor;
	triple = bpf_map_lookup_elem(&array, &key);
	if (triple)
		(*triple)[2] += step * factor;
	bpf_map_update_elem(&percpu_hash, &key, &zero, BPF_NOEXIST);
	narrow = bpf_map_lookup_elem(&percpu_hash, &key);
	if (narrow)
		*narrow += step * factor;
	wide = bpf_map_lookup_elem(&percpu_array, &key);
	if (wide)
		*wide += step * factor;
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
