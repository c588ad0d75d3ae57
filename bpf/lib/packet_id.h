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

static __always_inline __u64 mix(__u64 hash, __u64 word)
{
	hash = (hash ^ word) * 0x9e3779b97f4a7c15ULL;
	return hash ^ hash >> 32;
}

static __always_inline __u64 pair(__u32 high, __u32 low)
{
	return (__u64)high << 32 | low;
}

#endif
