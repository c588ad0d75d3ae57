// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A program that needs an address from its loader. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* Finds its verdict at an address that the loader writes into it. */
SEC("tc")
int remember(struct __sk_buff *skb)
{
	const __u64 *verdict;

	asm volatile("%0 = 0x7654321 ll" : "=r"(verdict));
	return *verdict;
}

char _license[] SEC("license") = "Dual BSD/GPL";
