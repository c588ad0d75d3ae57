/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * From a network header to the fields that explain a frame. Works on packet memory (tc) and on a copy
 * (tracing): every access is checked (`lacks`), as hostile frames have any length.
 */
#ifndef MACVTRACE_PARSE_H
#define MACVTRACE_PARSE_H

#include <linux/types.h>
#include <stdbool.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include "../include/macvtrace_abi.h"
#include "maps.h"
#include "packet_id.h"

#define ETHERTYPE_IPV4	 0x0800
#define ETHERTYPE_ARP	 0x0806
#define ETHERTYPE_8021Q	 0x8100
#define ETHERTYPE_IPV6	 0x86dd
#define ETHERTYPE_8021AD 0x88a8

#define PROTOCOL_HOP_BY_HOP  0
#define PROTOCOL_ICMP	     1
#define PROTOCOL_TCP	     6
#define PROTOCOL_UDP	     17
#define PROTOCOL_ROUTING     43
#define PROTOCOL_FRAGMENT    44
#define PROTOCOL_AH	     51
#define PROTOCOL_ICMPV6	     58
#define PROTOCOL_DESTINATION 60

/* TCP flags that open, close or refuse a connection: FIN, SYN, RST. */
#define TCP_CONNECTION 0x07

/* The first octet of an IPv4 header: version 4, five words. */
#define IPV4_WITHOUT_OPTIONS 0x45

/* Where the length of a UDP datagram stands in `identification`: above IPv4's and the flow label. */
#define LENGTH_SHIFT 48

/* IPv6 extension headers that are followed before giving up (RFC 8200 knows six kinds). */
#define EXTENSION_LIMIT 6

struct arp_header {
	__be16 hardware_type;
	__be16 protocol_type;
	__u8 hardware_length;
	__u8 protocol_length;
	__be16 operation;
	__u8 sender_mac[6];
	__u8 sender_address[4];
	__u8 target_mac[6];
	__u8 target_address[4];
};

struct ipv4_header {
	__u8 version_length;
	__u8 tos;
	__be16 total_length;
	__be16 identification;
	__be16 fragment;
	__u8 ttl;
	__u8 protocol;
	__be16 checksum;
	__be32 source;
	__be32 destination;
};

struct ipv6_header {
	__be32 version_class_flow;
	__be16 payload_length;
	__u8 next_header;
	__u8 hop_limit;
	__be64 source[2];
	__be64 destination[2];
};

/*
 * A value as it is, of which the verifier no longer knows on which way it came to be: else it follows each of
 * the ways to the program's end. `unknown` is any number that it does not know.
 */
#define forget(value, unknown) asm volatile("%0 ^= %1; %0 ^= %1" : "+r"(value) : "r"(unknown))

/*
 * An offset below MVT_NETWORK_OCTETS, which it is already: in a form that the verifier of every kernel
 * follows into the pointer that is made from it.
 */
static __always_inline __u32 within_copy(__u64 offset)
{
	asm volatile("%0 &= %1" : "+r"(offset) : "i"(MVT_NETWORK_OCTETS - 1));
	return offset;
}

/* What the headers behind the Ethernet header and its tags say. */
struct headers {
	/* What forwarding never changes, hashed. Never 0, which means "no id" in a record. */
	__u64 packet_id;
	/* What all packets of a conversation have in common, hashed: addresses, protocol, UDP ports. 0: not
	 * IP. */
	__u64 conversation_id;
	/* What tells packets of one conversation from each other and stands in no payload. */
	__u64 identification;
	/* From the network header to the transport header, in octets. */
	__u32 transport_offset;
	/* From the network header to the end of the packet, as the IP header says: padding is not part of it.
	 */
	__u32 network_length;
	/* In units of 8 octets. */
	__u16 fragment_offset;
	/* enum mvt_network */
	__u8 network;
	/* enum mvt_transport */
	__u8 transport;
	/* Of the transport header, extension headers skipped. */
	__u8 protocol;
	/* TCP flags or ICMP type. */
	__u8 flags_or_type;
	/* A header lies beyond `end`, or is one that only a thorough reader reads. */
	__u8 incomplete;
	/* Of the transport header; 8 but for TCP, which says it. */
	__u8 transport_octets;
};

/* The octets of a packet, from its network header on. */
struct packet {
	const void *network;
	/* They are there up to here, which the caller has looked for: so nobody asks for those again. */
	const void *known;
	const void *end;
};

/* Whether octets before `to` are missing. What lies a constant distance from `known` clang answers itself. */
static __always_inline bool lacks(const struct packet *packet, const void *to)
{
	return to > packet->known && to > packet->end;
}

/* Reads the transport header that the network header leads to. */
static __always_inline void parse_transport(const struct packet *packet, bool thorough,
					    struct headers *headers)
{
	const __u8 *transport = packet->network + headers->transport_offset;
	const __u64 *words = (const void *)transport;

	if (likely(headers->protocol == PROTOCOL_UDP)) {
		if (unlikely(lacks(packet, transport + 8)))
			goto incomplete;
		headers->transport = MVT_TRANSPORT_UDP;
		headers->conversation_id += *(const __u32 *)transport * WEIGHT_PORTS;
		headers->identification |= (__u64) * (const __u16 *)(transport + 4) << LENGTH_SHIFT;
	} else if (headers->protocol == PROTOCOL_TCP) {
		if (unlikely(lacks(packet, transport + 20)))
			goto incomplete;
		headers->transport = MVT_TRANSPORT_TCP;
		headers->flags_or_type = transport[13];
		headers->transport_octets = (transport[12] >> 4) * 4;
		/* Ports and sequence number; acknowledgment, flags and window. */
		headers->packet_id += words[0] * WEIGHT_PORTS + words[1] * WEIGHT_FIRST;
		return;
	} else if (headers->protocol ==
		   (headers->network == MVT_NETWORK_IPV4 ? PROTOCOL_ICMP : PROTOCOL_ICMPV6)) {
		if (thorough && lacks(packet, transport + 8))
			goto incomplete;
		headers->transport = MVT_TRANSPORT_ICMP;
		if (!thorough)
			return;
		headers->flags_or_type = transport[0];
		/* Type and code; the rest of the header. */
		headers->packet_id +=
			pair(*(const __u16 *)transport, *(const __u32 *)(transport + 4)) * WEIGHT_PORTS;
		if (headers->protocol == PROTOCOL_ICMPV6 && (transport[0] == 135 || transport[0] == 136)) {
			if (lacks(packet, transport + 24))
				goto incomplete;
			headers->transport = MVT_TRANSPORT_NEIGHBOR_DISCOVERY;
			headers->packet_id += words[1] * WEIGHT_FIRST + words[2] * WEIGHT_SECOND;
			return;
		}
	} else {
		headers->conversation_id += headers->protocol * WEIGHT_PROTOCOL;
		return;
	}
	/* A datagram with a payload: its first octets tell it from the flow's next one. */
	if (unlikely(headers->transport_offset + 16 > headers->network_length))
		return;
	if (unlikely(lacks(packet, transport + 16)))
		goto incomplete;
	headers->packet_id += words[1] * WEIGHT_FIRST;
	return;
incomplete:
	headers->incomplete = 1;
}

/* Returns whether a transport header follows that can be read. */
static __always_inline bool parse_ipv4(const struct packet *packet, bool thorough, struct headers *headers)
{
	const void *network = packet->network;
	const struct ipv4_header *ip = network;
	__u32 length;

	if (unlikely(lacks(packet, ip + 1) || (!thorough && ip->version_length != IPV4_WITHOUT_OPTIONS))) {
		headers->incomplete = 1;
		return false;
	}
	length = thorough ? (ip->version_length & 0x0f) * 4 : sizeof(*ip);
	if (thorough && (ip->version_length >> 4 != 4 || length < sizeof(*ip)))
		return false;
	headers->network = MVT_NETWORK_IPV4;
	headers->protocol = ip->protocol;
	headers->fragment_offset = bpf_ntohs(ip->fragment & bpf_htons(0x1fff));
	headers->network_length = bpf_ntohs(ip->total_length);
	headers->transport_offset = length;
	headers->conversation_id = *(const __u64 *)(network + 12) * WEIGHT_ADDRESSES;
	headers->identification = *(const __u32 *)&ip->identification;
	return likely(!headers->fragment_offset);
}

static __always_inline bool is_extension(__u8 next)
{
	return next == PROTOCOL_HOP_BY_HOP || next == PROTOCOL_ROUTING || next == PROTOCOL_DESTINATION ||
	       next == PROTOCOL_FRAGMENT || next == PROTOCOL_AH;
}

/* Returns whether a transport header follows that can be read. */
static __always_inline bool parse_ipv6(const struct packet *packet, bool thorough, struct headers *headers)
{
	const void *network = packet->network;
	const struct ipv6_header *ip = network;
	__u32 offset = sizeof(*ip);
	__u8 next;

	if (lacks(packet, ip + 1) ||
	    (!thorough && ((*(const __u8 *)network) >> 4 != 6 || is_extension(ip->next_header)))) {
		headers->incomplete = 1;
		return false;
	}
	if ((*(const __u8 *)network) >> 4 != 6)
		return false;
	headers->network = MVT_NETWORK_IPV6;
	headers->network_length = sizeof(*ip) + bpf_ntohs(ip->payload_length);
	next = ip->next_header;
	headers->conversation_id = ip->source[0] * WEIGHT_ADDRESSES + ip->source[1] * WEIGHT_SECOND +
				   ip->destination[0] * WEIGHT_THIRD + ip->destination[1] * WEIGHT_FOURTH;
	/* The flow label. */
	headers->identification = ip->version_class_flow & bpf_htonl(0xfffff);
	for (int i = 0; thorough && i < EXTENSION_LIMIT && is_extension(next); i++) {
		const __u8 *extension;

		if (offset > MVT_NETWORK_OCTETS - 8)
			return false;
		offset = within_copy(offset);
		extension = network + offset;
		if (lacks(packet, extension + 8)) {
			headers->incomplete = 1;
			return false;
		}
		if (next == PROTOCOL_FRAGMENT) {
			headers->fragment_offset = (extension[2] << 8 | extension[3]) >> 3;
			headers->packet_id += *(const __u64 *)extension * WEIGHT_FIRST;
			offset += 8;
		} else if (next == PROTOCOL_AH) {
			offset += (extension[1] + 2) * 4;
		} else {
			offset += (extension[1] + 1) * 8;
		}
		next = extension[0];
		forget(offset, headers->conversation_id);
		if (headers->fragment_offset)
			break;
	}
	headers->protocol = next;
	if (offset > MVT_NETWORK_OCTETS - 24)
		return false;
	headers->transport_offset = thorough ? within_copy(offset) : offset;
	return !headers->fragment_offset;
}

static __always_inline void parse_arp(const struct packet *packet, struct headers *headers)
{
	const struct arp_header *arp = packet->network;
	const __u64 *words = packet->network;

	if (lacks(packet, arp + 1)) {
		headers->incomplete = 1;
		return;
	}
	headers->packet_id = ETHERTYPE_ARP * WEIGHT_PROTOCOL + words[0] * WEIGHT_FIRST +
			     words[1] * WEIGHT_SECOND + words[2] * WEIGHT_THIRD +
			     *(const __u32 *)&words[3] * WEIGHT_FOURTH;
	/* Ethernet and IPv4: the only form that macvlan networks meet (RFC 826). */
	if (arp->hardware_type == bpf_htons(1) && arp->protocol_type == bpf_htons(ETHERTYPE_IPV4) &&
	    arp->hardware_length == 6 && arp->protocol_length == 4)
		headers->network = MVT_NETWORK_ARP;
}

/*
 * Reads the headers behind the Ethernet header and its tags. Who is not `thorough` reads plain IP, tells ARP
 * and ICMP by their names alone, and says of all others that they are incomplete.
 */
static __always_inline void parse_headers(const struct packet *packet, __be16 ether_type, bool thorough,
					  struct headers *headers)
{
	headers->transport_octets = 8;
	if (likely(ether_type == bpf_htons(ETHERTYPE_IPV4))) {
		if (parse_ipv4(packet, thorough, headers))
			parse_transport(packet, thorough, headers);
	} else if (ether_type == bpf_htons(ETHERTYPE_IPV6)) {
		if (parse_ipv6(packet, thorough, headers))
			parse_transport(packet, thorough, headers);
	} else if (ether_type == bpf_htons(ETHERTYPE_ARP)) {
		if (thorough)
			parse_arp(packet, headers);
		else
			headers->network = MVT_NETWORK_ARP;
	} else if (!thorough) {
		headers->incomplete = 1;
	} else if (!lacks(packet, packet->network + 8)) {
		headers->packet_id = bpf_ntohs(ether_type) * WEIGHT_PROTOCOL +
				     *(const __u64 *)packet->network * WEIGHT_FIRST;
	}
	headers->packet_id = spread(headers->packet_id + headers->conversation_id +
				    headers->identification * WEIGHT_IDENTIFICATION);
	if (thorough && !headers->packet_id)
		headers->packet_id = 1;
}

/*
 * The octets from the network header to the payload of TCP or UDP, for a frame that can be read in place; 0
 * for another. What `parse_headers` would say, for those who need no more.
 */
static __always_inline __u32 header_octets_in_place(const void *network, const void *end, __be16 ether_type)
{
	const struct ipv4_header *ipv4 = network;
	const struct ipv6_header *ipv6 = network;
	const __u8 *transport;
	__u32 octets;
	__u8 protocol;

	if (ether_type == bpf_htons(ETHERTYPE_IPV4) && (const void *)(ipv4 + 1) <= end) {
		octets = (ipv4->version_length & 0x0f) * 4;
		protocol = ipv4->protocol;
		if (ipv4->version_length >> 4 != 4 || octets < sizeof(*ipv4) ||
		    ipv4->fragment & bpf_htons(0x1fff))
			return 0;
	} else if (ether_type == bpf_htons(ETHERTYPE_IPV6) && (const void *)(ipv6 + 1) <= end) {
		octets = sizeof(*ipv6);
		protocol = ipv6->next_header;
	} else {
		return 0;
	}
	if (protocol == PROTOCOL_UDP)
		return octets + 8;
	transport = network + octets;
	if (protocol != PROTOCOL_TCP || (const void *)(transport + 20) > end)
		return 0;
	return octets + (transport[12] >> 4) * 4;
}

#endif
