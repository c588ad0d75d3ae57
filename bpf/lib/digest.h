/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The thorough reading of a frame, from a copy: extension headers followed, pages no obstacle. For the frames
 * that are recorded, and for those whose headers the hot path cannot read in place.
 */
#ifndef MACVTRACE_DIGEST_H
#define MACVTRACE_DIGEST_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "link_layer.h"
#include "sighting.h"

/* A copy of a network header and what follows it, and what was read from it. */
struct scratch {
	__u8 octets[MVT_NETWORK_OCTETS + 32];
	/* The Ethernet header and two tags. */
	__u8 link_octets[32];
	struct headers headers;
	struct link_layer link;
	__u32 ether_type;
	/* Octets that were copied. */
	__u32 available;
};

/* scratches: 0 -> struct scratch, on each CPU. Written and read within one run of a program. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct scratch);
} scratches SEC(".maps");

/*
 * Reads the headers of the `available` octets in this CPU's scratch into its `headers`. Not
 * static: the verifier looks at it once, whatever the number of ways that lead here.
 */
__noinline int digest(__u32 available, __u32 ether_type)
{
	struct headers headers = {0};
	struct packet packet;
	struct scratch *scratch;
	__u32 key = 0;

	scratch = bpf_map_lookup_elem(&scratches, &key);
	if (!scratch)
		return 0;
	if (available > MVT_NETWORK_OCTETS)
		available = MVT_NETWORK_OCTETS;
	/* Else the verifier follows either case to the end. */
	forget(available, ether_type);
	if (available > MVT_NETWORK_OCTETS)
		return 0;
	packet.network = scratch->octets;
	packet.known = packet.end = scratch->octets + available;
	parse_headers(&packet, bpf_htons(ether_type), true, &headers);
	scratch->headers = headers;
	scratch->ether_type = ether_type;
	scratch->available = available;
	return 0;
}

/*
 * A number of octets from 1 to `limit`, a power of two, which it is already: in a form that the verifier of
 * every kernel follows, and that the compiler does not take apart.
 */
#define bounded(octets, limit)                                                                               \
	({                                                                                                   \
		__u64 less_ = (octets)-1;                                                                    \
		asm volatile("%0 &= %1" : "+r"(less_) : "i"((limit)-1));                                     \
		less_ + 1;                                                                                   \
	})

static __always_inline __u32 smaller(__u32 first, __u32 second)
{
	return first < second ? first : second;
}

/*
 * Copies the frame's headers from wherever they lie, pages included, to this CPU's scratch and reads them
 * thoroughly. Not static: the verifier looks at it once, whatever the number of ways that lead here.
 */
__noinline int digest_skb(struct __sk_buff *skb)
{
	__u32 available = smaller(skb->len, LINK_LAYER_OCTETS), key = 0;
	struct link_layer link = {0};
	struct scratch *scratch;

	scratch = bpf_map_lookup_elem(&scratches, &key);
	if (!scratch)
		return 0;
	if (available >= 1 && !bpf_skb_load_bytes(skb, 0, scratch->link_octets,
						  bounded(available, sizeof(scratch->link_octets))))
		parse_link_layer(skb, scratch->link_octets, scratch->link_octets + available, &link);
	scratch->link = link;
	available = skb->len > link.network_offset ? skb->len - link.network_offset : 0;
	available = smaller(available, MVT_NETWORK_OCTETS);
	if (available < 1 || bpf_skb_load_bytes(skb, link.network_offset, scratch->octets,
						bounded(available, MVT_NETWORK_OCTETS)))
		available = 0;
	digest(available, link.ether_type);
	return 0;
}

/* Fills the network and transport fields of a record from what was digested. */
static __always_inline void describe(const struct scratch *scratch, struct mvt_frame *frame)
{
	__u32 available = scratch->available;

	if (available > MVT_NETWORK_OCTETS)
		return;
	describe_network(scratch->octets, scratch->octets + available, &scratch->headers, frame);
}

#endif
