/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Fills the fields of a record from a copy of a frame's network header and what follows it. */
#ifndef MACVTRACE_SIGHTING_H
#define MACVTRACE_SIGHTING_H

#include "parse.h"

static __always_inline void describe_transport(const __u8 *network, const void *end,
					       const struct headers *headers, struct mvt_frame *frame)
{
	__u32 offset = headers->transport_offset;
	const __u8 *transport;

	if (headers->transport == MVT_TRANSPORT_NONE || offset > MVT_NETWORK_OCTETS)
		return;
	transport = network + offset;
	if ((const void *)(transport + 8) > end)
		return;
	frame->transport = headers->transport;
	frame->flags_or_type = headers->flags_or_type;
	switch (headers->transport) {
	case MVT_TRANSPORT_TCP:
		if ((const void *)(transport + 20) > end)
			return;
		frame->sequence = bpf_ntohl(*(const __u32 *)(transport + 4));
		frame->acknowledgment = bpf_ntohl(*(const __u32 *)(transport + 8));
		/* fallthrough */
	case MVT_TRANSPORT_UDP:
		frame->source_port = bpf_ntohs(*(const __u16 *)transport);
		frame->destination_port = bpf_ntohs(*(const __u16 *)(transport + 2));
		/* A reply of BOOTP, with which DHCP begins: yiaddr and chaddr (RFC 951, 3). */
		if (headers->transport == MVT_TRANSPORT_UDP && frame->source_port == 67 &&
		    frame->destination_port == 68 && (const void *)(transport + 42) <= end &&
		    transport[8] == 2) {
			__builtin_memcpy(frame->target, transport + 24, 4);
			__builtin_memcpy(frame->target + 4, transport + 36, 6);
		}
		return;
	case MVT_TRANSPORT_NEIGHBOR_DISCOVERY:
		if ((const void *)(transport + 24) > end)
			return;
		__builtin_memcpy(frame->target, transport + 8, 16);
		return;
	case MVT_TRANSPORT_ICMP:
		frame->code = transport[1];
		frame->source_port = bpf_ntohs(*(const __u16 *)(transport + 4));
		frame->destination_port = bpf_ntohs(*(const __u16 *)(transport + 6));
		return;
	}
}

static __always_inline void describe_network(const __u8 *network, const void *end,
					     const struct headers *headers, struct mvt_frame *frame)
{
	frame->network = headers->network;
	frame->protocol = headers->protocol;
	frame->fragment_offset = headers->fragment_offset;
	switch (headers->network) {
	case MVT_NETWORK_ARP: {
		const struct arp_header *arp = (const void *)network;

		if ((const void *)(arp + 1) > end)
			return;
		frame->arp_operation = bpf_ntohs(arp->operation);
		__builtin_memcpy(frame->source_address, arp->sender_address, 4);
		__builtin_memcpy(frame->destination_address, arp->target_address, 4);
		__builtin_memcpy(frame->target, arp->sender_mac, 6);
		__builtin_memcpy(frame->target + 6, arp->target_mac, 6);
		return;
	}
	case MVT_NETWORK_IPV4: {
		const struct ipv4_header *ip = (const void *)network;

		if ((const void *)(ip + 1) > end)
			return;
		frame->ttl = ip->ttl;
		frame->identification = bpf_ntohs(ip->identification);
		__builtin_memcpy(frame->source_address, &ip->source, 4);
		__builtin_memcpy(frame->destination_address, &ip->destination, 4);
		describe_transport(network, end, headers, frame);
		return;
	}
	case MVT_NETWORK_IPV6: {
		const struct ipv6_header *ip = (const void *)network;

		if ((const void *)(ip + 1) > end)
			return;
		frame->ttl = ip->hop_limit;
		frame->identification = bpf_ntohl(ip->version_class_flow) & 0xfffff;
		__builtin_memcpy(frame->source_address, ip->source, 16);
		__builtin_memcpy(frame->destination_address, ip->destination, 16);
		describe_transport(network, end, headers, frame);
		return;
	}
	}
}

#endif
