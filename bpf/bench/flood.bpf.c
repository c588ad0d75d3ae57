// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Makes every frame of `make bench`'s flood another one: run by BPF_PROG_TEST_RUN with live frames, which
 * then enter the stack at the interface that the bench names.
 */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

/* Distinct source MACs; set at load. */
const volatile __u32 station_count = 1024;

/* sent: 0 -> frames handed to the stack, on each CPU. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} sent SEC(".maps");

/* Of an Ethernet, IPv4 and UDP header. */
#define SOURCE_MAC_TAIL 8
#define IDENTIFICATION	18
#define SOURCE_PORT	34
#define HEADER_OCTETS	42

/* Every frame is a packet of its own, every 16th from another port. */
SEC("xdp")
int flood(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 key = 0, number;
	__u64 *count = bpf_map_lookup_elem(&sent, &key);

	if (!count || data + HEADER_OCTETS > end)
		return XDP_ABORTED;
	number = (*count)++;
	*(__u32 *)(data + SOURCE_MAC_TAIL) = bpf_htonl(number % station_count);
	*(__u16 *)(data + IDENTIFICATION) = bpf_htons(number);
	*(__u16 *)(data + SOURCE_PORT) = bpf_htons(number >> 4);
	return XDP_PASS;
}

/* Takes the flood's frames at the child as somebody does who wants them: the stack drops none. A tc filter,
 * as TCX programs cannot. */
SEC("tc")
int take(struct __sk_buff *skb)
{
	(void)skb;
	return TC_ACT_STOLEN;
}

char _license[] SEC("license") = "Dual BSD/GPL";
