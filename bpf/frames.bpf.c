// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The tc programs at the parent's, the VLANs' and the children's ingress and egress: count every frame,
 * record the telling ones. They pass every frame on untouched (TC_ACT_UNSPEC, TCX_NEXT).
 */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>
#include "lib/maps.h"
#include "lib/budget.h"
#include "lib/count.h"
#include "lib/link_layer.h"
#include "lib/digest.h"
#include "lib/sighting.h"

/* Ordinary frames are recorded when no bit of this mask is set in their packet id; set at load. */
const volatile __u64 sampling_mask = 1023;
/* Whether sightings are made at all; counting alone otherwise. Set at load. */
const volatile __u8 sightings_enabled = 1;

/*
 * current_hook: 0 -> the number of the hook that this CPU's frame is at. Each hook has an entry program of
 * its own, a few instructions that the loader assembles (Sources/TraceCapture/EntryProgram.swift): it writes
 * its number here and goes on to `frames` by a tail call. An interface index would not do, as it repeats
 * across namespaces.
 */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} current_hook SEC(".maps");

/* stages: 0 -> the program `frames`. Written once by the loader, read by the tail calls of the entry
 * programs. */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} stages SEC(".maps");

/*
 * conversations: CPU number x MVT_CONVERSATION_SLOTS + slot -> fingerprint of a conversation (30 bits) and
 * the frames recorded of it (2 bits). Written and read on that CPU. A new conversation takes its slot over.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, MVT_CONVERSATION_SLOTS);
	__type(key, __u32);
	__type(value, __u32);
} conversations SEC(".maps");

/*
 * What a GSO or GRO buffer is on the wire: the payload cut in segments of gso_size octets, each with a copy
 * of the headers. A sender outside the kernel may leave gso_segs 0 (SKB_GSO_DODGY). Returns the segments in
 * the upper 32 bits and the octets of the headers in the lower.
 */
__noinline __u64 segments(struct __sk_buff *skb, __u32 transport, __u32 transport_offset)
{
	__u32 size = skb->gso_size, length = skb->len, header_octets = transport_offset + 8, frames;
	__u8 data_offset;

	if (!size)
		return 1ULL << 32;
	if (transport == MVT_TRANSPORT_TCP) {
		if (bpf_skb_load_bytes(skb, transport_offset + 12, &data_offset, 1))
			return 1ULL << 32;
		header_octets = transport_offset + (data_offset >> 4) * 4;
	}
	if (header_octets >= length)
		return 1ULL << 32;
	frames = (length - header_octets + size - 1) / size;
	return (__u64)frames << 32 | header_octets;
}

/* Whether the frame is one of the first of its conversation at this hook, on this CPU. */
static __always_inline bool begins_conversation(__u64 conversation, __u32 hook, __u32 cpu_number)
{
	__u64 hash = mix(conversation, hook);
	__u32 index = cpu_number * MVT_CONVERSATION_SLOTS + (hash & (MVT_CONVERSATION_SLOTS - 1));
	__u32 fingerprint = hash >> 32 & ~3U;
	__u32 *slot = bpf_map_lookup_elem(&conversations, &index);

	if (!slot)
		return false;
	if ((*slot & ~3U) != fingerprint) {
		*slot = fingerprint | 1;
		return true;
	}
	if ((*slot & 3) >= MVT_CONVERSATION_FRAMES)
		return false;
	*slot += 1;
	return true;
}

/* Decides whether a frame is recorded, and as what; MVT_CLASS_COUNT is "not". */
static __always_inline __u32 classify(const struct headers *headers, __u32 counted_before, __u32 hook,
				      __u32 cpu_number)
{
	if (headers->network == MVT_NETWORK_ARP || headers->transport == MVT_TRANSPORT_ICMP ||
	    headers->transport == MVT_TRANSPORT_NEIGHBOR_DISCOVERY)
		return MVT_EXPLAINS;
	if (headers->transport == MVT_TRANSPORT_TCP) {
		if (headers->flags_or_type & TCP_CONNECTION)
			return MVT_CONNECTION;
	} else if (headers->conversation_id &&
		   begins_conversation(headers->conversation_id, hook, cpu_number)) {
		return MVT_CONVERSATION;
	}
	if (counted_before < MVT_CONVERSATION_FRAMES)
		return MVT_CONVERSATION;
	if (!(headers->packet_id & sampling_mask))
		return MVT_SAMPLED;
	return MVT_CLASS_COUNT;
}

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
	/* Keeps the compiler from drawing the bound that the verifier needs from a value that it does not
	 * track. */
	asm volatile("" : "+r"(available));
	if (available >= 1 && available <= LINK_LAYER_OCTETS &&
	    !bpf_skb_load_bytes(skb, 0, scratch->link_octets, available))
		parse_link_layer(skb, scratch->link_octets, scratch->link_octets + available, &link);
	scratch->link = link;
	available = skb->len > link.network_offset ? skb->len - link.network_offset : 0;
	available = smaller(available, MVT_NETWORK_OCTETS);
	asm volatile("" : "+r"(available));
	if (available < 1 || available > MVT_NETWORK_OCTETS ||
	    bpf_skb_load_bytes(skb, link.network_offset, scratch->octets, available))
		available = 0;
	digest(available, link.ether_type);
	return 0;
}

/* Makes the record of a frame that was chosen. Out of line: most frames never come here. */
__noinline int record(struct __sk_buff *skb, __u32 hook, __u32 class, __u32 frames, __u32 bytes)
{
	__u32 key = 0, cpu_number = bpf_get_smp_processor_id();
	struct mvt_sighting *sighting;
	struct mvt_cpu_state *cpu;
	struct scratch *scratch;
	__u64 now;

	cpu = bpf_map_lookup_elem(&cpu_states, &cpu_number);
	scratch = bpf_map_lookup_elem(&scratches, &key);
	if (!cpu || !scratch || class > MVT_SAMPLED)
		return 0;
	now = draw(&cpu->budget[class], record_budget[class]);
	if (!now)
		return 0;
	sighting = reserve(&cpu->budget[class], sizeof(*sighting));
	if (!sighting)
		return 0;
	digest_skb(skb);
	__builtin_memset(&sighting->frame, 0, sizeof(sighting->frame));
	sighting->kind = MVT_SIGHTING;
	sighting->hook = hook;
	sighting->reason = class;
	sighting->reserved = 0;
	sighting->time = now;
	sighting->packet_id = scratch->headers.packet_id;
	sighting->length = bytes;
	sighting->segments = frames;
	sighting->frame.outer_protocol = scratch->link.outer_protocol;
	sighting->frame.outer_tci = scratch->link.outer_tci;
	sighting->frame.inner_protocol = scratch->link.inner_protocol;
	sighting->frame.inner_tci = scratch->link.inner_tci;
	sighting->frame.ether_type = scratch->link.ether_type;
	__builtin_memcpy(sighting->frame.destination, scratch->link_octets, 12);
	describe(scratch, &sighting->frame);
	bpf_ringbuf_submit(sighting, BPF_RB_NO_WAKEUP);
	return 0;
}

SEC("tc")
int frames(struct __sk_buff *skb)
{
	__u32 cpu_number = bpf_get_smp_processor_id(), key = 0, segment_count = 1, bytes = skb->len, hook,
	      class;
	const void *data = (const void *)(long)skb->data, *end = (const void *)(long)skb->data_end;
	__u64 addresses = 0, tail = 0, counted_before;
	struct headers headers = {0};
	struct link_layer link = {0};
	struct mvt_cpu_state *cpu;
	const void *network;
	__u32 *current;

	cpu = bpf_map_lookup_elem(&cpu_states, &cpu_number);
	current = bpf_map_lookup_elem(&current_hook, &key);
	if (!cpu || !current)
		return TC_ACT_UNSPEC;
	hook = *current;

	if (data + 12 <= end) {
		addresses = *(const __u64 *)data;
		tail = *(const __u32 *)(data + 8);
	}
	parse_link_layer(skb, data, end, &link);
	network = data + (link.network_offset & NETWORK_OFFSET_MASK);
	if (link.incomplete || network > end) {
		headers.incomplete = 1;
	} else {
		parse_headers(network, end, link.ether_type, false, &headers);
	}
	if (headers.incomplete) {
		struct scratch *scratch;

		digest_skb(skb);
		scratch = bpf_map_lookup_elem(&scratches, &key);
		if (!scratch)
			return TC_ACT_UNSPEC;
		link = scratch->link;
		headers = scratch->headers;
	}

	if (skb->gso_size) {
		__u64 cut = segments(skb, headers.transport, link.network_offset + headers.transport_offset);

		segment_count = cut >> 32;
		bytes += (segment_count - 1) * (__u32)cut;
	}
	if (skb->vlan_present)
		bytes += TAG_OCTETS * segment_count;
	counted_before = count(
		addresses, ADDRESSES_VLAN_HOOK(tail, vlan_bits(link.outer_protocol, link.outer_tci), hook),
		(__u64)vlan_bits(link.inner_protocol, link.inner_tci) << INNER_VLAN_SHIFT | segment_count,
		bytes, cpu_number);
	if (!sightings_enabled)
		return TC_ACT_UNSPEC;
	class = classify(&headers, counted_before, hook, cpu_number);
	if (class == MVT_CLASS_COUNT)
		cpu->sampled_out++;
	else
		record(skb, hook, class, segment_count, bytes);
	return TC_ACT_UNSPEC;
}

char _license[] SEC("license") = "Dual BSD/GPL";
