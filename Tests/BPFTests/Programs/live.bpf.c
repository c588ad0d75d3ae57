// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Frames that a live run makes, counted where they are made and where they arrive. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define MADE	0
#define ARRIVED 1

/* counts: MADE or ARRIVED -> frames, on each CPU. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

static void count(__u32 key)
{
	__u64 *frames = bpf_map_lookup_elem(&counts, &key);

	if (frames)
		(*frames)++;
}

SEC("xdp")
int make(struct xdp_md *ctx)
{
	(void)ctx;
	count(MADE);
	return XDP_PASS;
}

SEC("tc")
int arrive(struct __sk_buff *skb)
{
	if (skb->len == 100)
		count(ARRIVED);
	return -1;
}

char _license[] SEC("license") = "Dual BSD/GPL";
