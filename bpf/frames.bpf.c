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
 * current: 0 -> struct mvt_current, on each CPU. Written by `note_hook` and the counting programs, read by
 * `count_noted` and `examine` on the same frame.
 */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct mvt_current);
} current SEC(".maps");

/* stages: enum mvt_stage -> its program. Written once by the loader, read by the tail calls. */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, MVT_STAGE_NUMBER);
	__type(key, __u32);
	__type(value, __u32);
} stages SEC(".maps");

/* Of one CPU: the fingerprint of a conversation (30 bits) and the frames recorded of it (2 bits). */
struct conversations {
	__u32 slots[MVT_CONVERSATION_SLOTS];
};

/*
 * conversations: CPU number -> struct conversations. Written and read on that CPU. A new conversation takes
 * its slot over.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct conversations);
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
	__u64 hash = mix(conversation + hook * WEIGHT_PROTOCOL);
	struct conversations *own = bpf_map_lookup_elem(&conversations, &cpu_number);
	__u32 fingerprint = hash >> 32 & ~3U, *slot;

	if (!own)
		return false;
	slot = &own->slots[hash & (MVT_CONVERSATION_SLOTS - 1)];
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
static __always_inline __u32 classify(const struct headers *headers, __u64 counted_before, __u32 hook,
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

/* Counts the frame, and goes on to `examine` for all else. Kept short: what is rare is counted there as well.
 */
static __always_inline int count_frame(struct __sk_buff *skb, __u32 hook)
{
	const void *data = (const void *)(long)skb->data, *end = (const void *)(long)skb->data_end;
	__u32 cpu_number = bpf_get_smp_processor_id(), key = 0, bytes = skb->len, vlan = 0;
	__u64 before = MVT_NOT_COUNTED;
	const __be16 *type = data + 12;
	struct mvt_current *state;

	if (unlikely(data + MAC_HEADER_OCTETS + TAG_OCTETS > end || skb->gso_size))
		goto examine;
	if (is_tag(bpf_ntohs(*type))) {
		if (skb->vlan_present || is_tag(bpf_ntohs(type[2])))
			goto examine;
		vlan = vlan_bits(bpf_ntohs(*type), bpf_ntohs(type[1]));
	} else if (skb->vlan_present) {
		vlan = vlan_bits(bpf_ntohs(skb->vlan_proto), skb->vlan_tci);
		bytes += TAG_OCTETS;
	}
	before = count_near(*(const __u64 *)data, ADDRESSES_VLAN_HOOK(*(const __u32 *)(data + 8), vlan, hook),
			    1, bytes, cpu_number);
	if (!sightings_enabled && likely(before != MVT_NOT_COUNTED))
		return TC_ACT_UNSPEC;
examine:
	state = bpf_map_lookup_elem(&current, &key);
	if (!state)
		return TC_ACT_UNSPEC;
	state->hook = hook;
	state->counted_before = before;
	bpf_tail_call(skb, &stages, MVT_STAGE_EXAMINE);
	return TC_ACT_UNSPEC;
}

/* For every interface whose index is its hook's number. */
SEC("tc")
int count_ingress(struct __sk_buff *skb)
{
	return count_frame(skb, skb->ifindex << 1 | MVT_INGRESS);
}

SEC("tc")
int count_egress(struct __sk_buff *skb)
{
	return count_frame(skb, skb->ifindex << 1 | MVT_EGRESS);
}

/* After `note_hook`. */
SEC("tc")
int count_noted(struct __sk_buff *skb)
{
	struct mvt_current *state;
	__u32 key = 0;

	state = bpf_map_lookup_elem(&current, &key);
	if (!state)
		return TC_ACT_UNSPEC;
	return count_frame(skb, state->hook);
}

/*
 * For an interface whose index another namespace's interface has too: the loader makes a copy for each of its
 * hooks and writes the hook's number into it. A copy of the counting program would be slow to verify.
 */
SEC("tc")
int note_hook(struct __sk_buff *skb)
{
	struct mvt_current *state;
	__u32 key = 0, hook;

	asm volatile("%0 = %1" : "=r"(hook) : "i"(MVT_HOOK_PLACEHOLDER));
	state = bpf_map_lookup_elem(&current, &key);
	if (!state)
		return TC_ACT_UNSPEC;
	state->hook = hook;
	bpf_tail_call(skb, &stages, MVT_STAGE_COUNT);
	return TC_ACT_UNSPEC;
}

/* A frame as it was read. */
struct view {
	/* The MAC addresses: the first 8 octets, and the last 4. */
	__u64 addresses;
	__u64 tail;
	struct link_layer link;
	struct headers headers;
};

/* Counts what `count_frame` did not, and records the frame if it is one that tells something. */
static __always_inline void conclude(struct __sk_buff *skb, const struct view *view,
				     struct mvt_current *state)
{
	__u32 cpu_number = bpf_get_smp_processor_id(), segment_count = 1, bytes = skb->len, class;
	__u64 before = state->counted_before;
	const struct link_layer *link = &view->link;

	if (skb->gso_size) {
		__u64 cut = segments(skb, view->headers.transport,
				     link->network_offset + view->headers.transport_offset);

		segment_count = cut >> 32;
		bytes += (segment_count - 1) * (__u32)cut;
	}
	if (skb->vlan_present)
		bytes += TAG_OCTETS * segment_count;
	if (before == MVT_NOT_COUNTED)
		before = count(view->addresses,
			       ADDRESSES_VLAN_HOOK(view->tail,
						   vlan_bits(link->outer_protocol, link->outer_tci),
						   state->hook),
			       (__u64)vlan_bits(link->inner_protocol, link->inner_tci) << INNER_VLAN_SHIFT |
				       segment_count,
			       bytes, cpu_number);
	if (!sightings_enabled)
		return;
	class = classify(&view->headers, before, state->hook, cpu_number);
	if (class == MVT_CLASS_COUNT)
		state->sampled_out++;
	else
		record(skb, state->hook, class, segment_count, bytes);
}

/* For a frame that cannot be read in place: it lies in pages, is cut off, or has extension headers. */
__noinline int examine_copy(struct __sk_buff *skb)
{
	const struct scratch *scratch;
	struct mvt_current *state;
	struct view view = {0};
	__u32 key = 0;

	digest_skb(skb);
	scratch = bpf_map_lookup_elem(&scratches, &key);
	state = bpf_map_lookup_elem(&current, &key);
	if (!scratch || !state)
		return 0;
	view.link = scratch->link;
	view.headers = scratch->headers;
	if (skb->len >= MAC_HEADER_OCTETS) {
		view.addresses = *(const __u64 *)scratch->link_octets;
		view.tail = *(const __u32 *)(scratch->link_octets + 8);
	}
	conclude(skb, &view, state);
	return 0;
}

SEC("tc")
int examine(struct __sk_buff *skb)
{
	const void *data = (const void *)(long)skb->data, *end = (const void *)(long)skb->data_end;
	struct mvt_current *state;
	struct view view = {0};
	const void *network;
	__u32 key = 0;

	state = bpf_map_lookup_elem(&current, &key);
	if (!state)
		return TC_ACT_UNSPEC;
	if (data + MAC_HEADER_OCTETS > end)
		goto copy;
	view.addresses = *(const __u64 *)data;
	view.tail = *(const __u32 *)(data + 8);
	parse_link_layer(skb, data, end, &view.link);
	network = data + (view.link.network_offset & NETWORK_OFFSET_MASK);
	if (view.link.incomplete || network > end)
		goto copy;
	parse_headers(network, end, view.link.ether_type, false, &view.headers);
	if (view.headers.incomplete)
		goto copy;
	conclude(skb, &view, state);
	return TC_ACT_UNSPEC;
copy:
	examine_copy(skb);
	return TC_ACT_UNSPEC;
}

char _license[] SEC("license") = "Dual BSD/GPL";
