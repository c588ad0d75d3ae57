// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A program that cannot be loaded before its constants have their values. */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

/* Computes with constants: a mask, the number of bits of a shift, a factor of 64 bits. What it compares with
 * stays. */
SEC("tc")
int compute(struct __sk_buff *skb)
{
	__u64 number = skb->len, factor;

	if (number == 0x5550004)
		return TC_ACT_SHOT;
	asm volatile("%0 = 0x5550001 ll" : "=r"(factor));
	number *= factor;
	asm volatile("%0 >>= 0x5550002" : "+r"(number));
	asm volatile("%0 &= 0x5550003" : "+r"(number));
	asm volatile("%0 += 0x5550004" : "+r"(number));
	return number;
}

char _license[] SEC("license") = "Dual BSD/GPL";
