// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Other people's programs: each decides on every frame in its own way. */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

/* Ends the chain: what stands behind it does not see the frame. */
SEC("tc")
int accept_all(struct __sk_buff *skb)
{
	return TC_ACT_OK;
}

SEC("classifier")
int drop_all(struct __sk_buff *skb)
{
	return TC_ACT_SHOT;
}

SEC("xdp")
int pass_all(struct xdp_md *ctx)
{
	return XDP_PASS;
}

/* Its verdict is a constant, of which each copy has another. */
SEC("tc")
int decide(struct __sk_buff *skb)
{
	int verdict;

	asm volatile("%0 = 0x1234567" : "=r"(verdict));
	return verdict;
}

/* It stands in two places. */
SEC("tc")
int decide_twice(struct __sk_buff *skb)
{
	int verdict;

	asm volatile("%0 = 0x1234567" : "=r"(verdict));
	if (skb->len > 100)
		asm volatile("%0 = 0x1234567" : "=r"(verdict));
	else
		verdict += 1;
	return verdict;
}

char _license[] SEC("license") = "Dual BSD/GPL";
