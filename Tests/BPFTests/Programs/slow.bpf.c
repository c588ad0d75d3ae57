// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A program that runs for long: it reads the clock in a loop, and calls itself as often as the kernel lets
 * it. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* stage: 0 -> 1 once it has begun, 2 when it ends. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} stage SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} self SEC(".maps");

#define ROUNDS 60000

SEC("tc")
int slow(struct __sk_buff *skb)
{
	__u32 key = 0;
	__u64 *now = bpf_map_lookup_elem(&stage, &key);

	if (!now)
		return 0;
	*(volatile __u64 *)now = 1;
	for (int round = 0; round < ROUNDS; round++)
		bpf_ktime_get_ns();
	bpf_tail_call(skb, &self, 0);
	*(volatile __u64 *)now = 2;
	return 0;
}

char _license[] SEC("license") = "GPL";
