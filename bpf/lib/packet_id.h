/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The packet id: a hash over what forwarding never changes, so that a packet has the same one at every hook
 * and on every host (trajectory sampling: Duffield and Grossglauser, 2001; RFC 5475, 6.2). Left out: MAC
 * addresses, tags, DSCP and ECN, TTL, IP total length (GSO), every checksum.
 */
#ifndef MACVTRACE_PACKET_ID_H
#define MACVTRACE_PACKET_ID_H

#include <linux/types.h>
#include <bpf/bpf_helpers.h>

/*
 * The words of a packet are weighted and added up, so that their multiplications run side by side
 * (multilinear hashing: Lemire and Kaser, 2014). Every host uses the same weights.
 */
#define WEIGHT_ADDRESSES      0x9e3779b97f4a7c15ULL
#define WEIGHT_PROTOCOL	      0xd6e8feb86659fd93ULL
#define WEIGHT_IDENTIFICATION 0xa0761d6478bd642fULL
#define WEIGHT_PORTS	      0xe7037ed1a0b428dbULL
#define WEIGHT_FIRST	      0x8ebc6af09c88c6e3ULL
#define WEIGHT_SECOND	      0x589965cc75374cc3ULL
#define WEIGHT_THIRD	      0x1d8e4e27c47d124fULL
#define WEIGHT_FOURTH	      0xeb44accab455d165ULL

/* The sum's upper bits, which depend on all words, become the lower ones, by which packets are selected. */
static __always_inline __u64 spread(__u64 sum)
{
	return __builtin_bswap64(sum);
}

static __always_inline __u64 pair(__u32 high, __u32 low)
{
	return (__u64)high << 32 | low;
}

#endif
