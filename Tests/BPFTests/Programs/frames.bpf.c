// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What a test run can show: what came in, and what the program made of it. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* Swaps the addresses of an Ethernet frame, adds 1 to the mark and returns the frame's length. */
SEC("tc")
int turn_around(struct __sk_buff *skb)
{
	__u8 addresses[12], swapped[12];

	if (bpf_skb_load_bytes(skb, 0, addresses, sizeof(addresses)))
		return -1;
	__builtin_memcpy(swapped, addresses + 6, 6);
	__builtin_memcpy(swapped + 6, addresses, 6);
	bpf_skb_store_bytes(skb, 0, swapped, sizeof(swapped), 0);
	skb->mark++;
	return skb->len;
}

/* Appends 300 octets, more than a test run has room for. */
SEC("tc")
int grow(struct __sk_buff *skb)
{
	return bpf_skb_change_tail(skb, skb->len + 300, 0);
}

char _license[] SEC("license") = "Dual BSD/GPL";
