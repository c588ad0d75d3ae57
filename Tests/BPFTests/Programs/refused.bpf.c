// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Programs that the verifier refuses. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* Reads behind the packet's end, as nobody asked where it is. */
SEC("tc")
int overread(struct __sk_buff *skb)
{
	__u8 *data = (__u8 *)(long)skb->data;

	return data[100];
}

/* Does it after so many instructions that the verifier's log is of a megabyte. */
SEC("tc")
int overread_late(struct __sk_buff *skb)
{
	volatile __u64 stored;
	__u8 *data;

#pragma clang loop unroll(disable)
	for (int step = 0; step < 8000; step++)
		stored = step;
	(void)stored;
	data = (__u8 *)(long)skb->data;
	return data[100];
}

char _license[] SEC("license") = "Dual BSD/GPL";
