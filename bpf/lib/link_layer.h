/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The Ethernet header and up to two 802.1Q or 802.1ad tags, in the frame or in the buffer's metadata. */
#ifndef MACVTRACE_LINK_LAYER_H
#define MACVTRACE_LINK_LAYER_H

#include <linux/bpf.h>
#include "parse.h"

#define MAC_HEADER_OCTETS 14
#define TAG_OCTETS	  4
#define LINK_LAYER_OCTETS (MAC_HEADER_OCTETS + 2 * TAG_OCTETS)

/* The Ethernet header and its tags, and where the network header begins. */
struct link_layer {
	__u16 outer_protocol;
	__u16 outer_tci;
	__u16 inner_protocol;
	__u16 inner_tci;
	__u16 ether_type;
	__u16 network_offset;
	/* A tag lies beyond the end of what can be read. */
	__u8 incomplete;
};

static __always_inline bool is_tag(__u16 ether_type)
{
	return ether_type == ETHERTYPE_8021Q || ether_type == ETHERTYPE_8021AD;
}

/* Reads up to two tags: the one in the buffer's metadata, if any, is the outer one. */
static __always_inline void parse_link_layer(const struct __sk_buff *skb, const void *data, const void *end,
					     struct link_layer *link)
{
	const __be16 *type = data + 12;

	link->network_offset = MAC_HEADER_OCTETS;
	if (skb->vlan_present) {
		link->outer_protocol = bpf_ntohs(skb->vlan_proto);
		link->outer_tci = skb->vlan_tci;
	}
	if (data + MAC_HEADER_OCTETS > end)
		return;
	link->ether_type = bpf_ntohs(*type);
	if (!is_tag(link->ether_type))
		return;
	if (data + MAC_HEADER_OCTETS + TAG_OCTETS > end) {
		link->incomplete = 1;
		return;
	}
	if (link->outer_protocol) {
		link->inner_protocol = link->ether_type;
		link->inner_tci = bpf_ntohs(type[1]);
	} else {
		link->outer_protocol = link->ether_type;
		link->outer_tci = bpf_ntohs(type[1]);
	}
	link->ether_type = bpf_ntohs(type[2]);
	link->network_offset = MAC_HEADER_OCTETS + TAG_OCTETS;
	if (link->inner_protocol || !is_tag(link->ether_type))
		return;
	if (data + MAC_HEADER_OCTETS + 2 * TAG_OCTETS > end) {
		link->incomplete = 1;
		return;
	}
	link->inner_protocol = link->ether_type;
	link->inner_tci = bpf_ntohs(type[3]);
	link->ether_type = bpf_ntohs(type[4]);
	link->network_offset = MAC_HEADER_OCTETS + 2 * TAG_OCTETS;
}

/* The VLAN of a tag as it stands in a counting slot. */
static __always_inline __u32 vlan_bits(__u16 protocol, __u16 tci)
{
	if (!protocol)
		return 0;
	return MVT_VLAN_PRESENT | (protocol == ETHERTYPE_8021AD ? MVT_VLAN_SERVICE : 0) | (tci & MVT_VLAN_ID);
}

#endif
