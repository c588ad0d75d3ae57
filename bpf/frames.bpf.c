// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The tc programs at the parent's, the VLANs' and the children's ingress and egress: count every frame,
 * record the telling ones. They pass every frame on untouched (TC_ACT_UNSPEC, TCX_NEXT).
 */
#include <linux/bpf.h>
#include <linux/if_packet.h>
#include <linux/pkt_cls.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>
#include "lib/count.h"
#include "lib/budget.h"
#include "lib/link_layer.h"
#include "lib/digest.h"
#include "lib/sighting.h"

/* Whether `examine` makes sightings; it counts alone otherwise. Set at load. */
const volatile __u8 sightings_enabled = 1;

/* rare: 0 -> `examine`. Written once by the loader, read by the tail calls. */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} rare SEC(".maps");

/*
 * What a GSO or GRO buffer is on the wire: the payload cut in segments of `size` octets, each with a copy of
 * the headers. A sender outside the kernel may leave gso_segs 0 (SKB_GSO_DODGY), so they are counted here.
 * Returns the frames, and adds what the further headers take to `bytes`.
 */
static __always_inline __u32 segments(__u32 size, __u32 header_octets, __u64 *bytes)
{
	__u32 length = *bytes, frames;

	if (!size || header_octets >= length)
		return 1;
	frames = (length - header_octets + size - 1) / size;
	*bytes += (__u64)(frames - 1) * header_octets;
	return frames;
}

/* Whether the frame is one of the first of its conversation at this hook, on this CPU. */
static __always_inline bool begins_conversation(struct mvt_region *own, __u64 conversation, __u64 hook)
{
	__u64 hash = conversation + hook * WEIGHT_PROTOCOL;
	__u32 *slot = &own->conversations[hash >> (64 - MVT_CONVERSATION_BITS)];
	__u32 fingerprint = hash >> 20 & ~3U, held = *slot;

	if (likely(held == (fingerprint | MVT_CONVERSATION_FRAMES)))
		return false;
	*slot = (held & ~3U) == fingerprint ? held + 1 : fingerprint | 1;
	return true;
}

/* Decides by its headers whether a frame is recorded, and as what; MVT_CLASS_COUNT is "not". */
static __always_inline __u32 classify(struct mvt_region *own, const struct headers *headers, __u64 hook)
{
	__u64 unsampled = headers->packet_id;

	if (headers->network == MVT_NETWORK_ARP || headers->transport == MVT_TRANSPORT_ICMP ||
	    headers->transport == MVT_TRANSPORT_NEIGHBOR_DISCOVERY)
		return MVT_EXPLAINS;
	if (headers->transport == MVT_TRANSPORT_TCP) {
		if (unlikely(headers->flags_or_type & TCP_CONNECTION))
			return MVT_CONNECTION;
	} else if ((headers->network == MVT_NETWORK_IPV4 || headers->network == MVT_NETWORK_IPV6) &&
		   begins_conversation(own, headers->conversation_id, hook)) {
		return MVT_CONVERSATION;
	}
	mask_by_written(unsampled, MVT_SAMPLING_PLACEHOLDER);
	return likely(unsampled) ? MVT_CLASS_COUNT : MVT_SAMPLED;
}

/*
 * The hook that a program stands at. In the program of a TCX link the loader has written its number; a filter
 * has it as its class id, which the kernel hands to the program with each frame (cls_bpf_classify in
 * net/sched/cls_bpf.c). Clang compares with the placeholder itself: in a register, the loader would replace
 * it there, too.
 */
static __always_inline __u64 hook_of(const struct __sk_buff *skb)
{
	const __u64 hook = written(MVT_HOOK_PLACEHOLDER);

	return hook == MVT_HOOK_PLACEHOLDER ? skb->tc_classid : hook;
}

/* Hands a frame that could not be read in place to `examine`. */
static __always_inline int examine_unread(struct __sk_buff *skb, struct mvt_region *own)
{
	own->current.counted_before = MVT_NOT_COUNTED;
	own->current.is_read = false;
	own->current.hook = hook_of(skb);
	bpf_tail_call(skb, &rare, 0);
	return TC_ACT_UNSPEC;
}

/* What tells a frame from a plain one: one frame of skb->len octets, without a tag and not recorded. */
struct special {
	__u64 frames;
	__u64 bytes;
	/* enum mvt_vlan_bits */
	__u32 vlan;
};

/* Octets of a frame on the wire, to be asked for as late as can be: until then they need no register. */
static __always_inline __u64 octets(const struct __sk_buff *skb, const struct special *special)
{
	if (special)
		return special->bytes;
	asm volatile("" ::: "memory");
	return skb->len;
}

/*
 * Counts a frame that was read in place; a plain one is not `special`. `examine` records it when it is to be
 * recorded, and counts it when its key has no slot near home.
 */
static __always_inline int settle(struct __sk_buff *skb, struct mvt_region *own, const void *data,
				  const struct special *special, const bool watches, __u32 class)
{
	const __u64 addresses = *(const __u64 *)data, hook = hook_of(skb);
	__u64 addresses_vlan_hook =
		ADDRESSES_VLAN_HOOK(*(const __u32 *)(data + 8), special ? special->vlan : 0, hook);
	__u64 frames = special ? special->frames : 1, before;
	__u64 place = place_of_ordinary(addresses, addresses_vlan_hook, hook);
	struct region_at_slot *at = slot_at(own, place);

	if (!holds(&at->slot, addresses, addresses_vlan_hook))
		goto displaced;
found:
	before = at->slot.inner_vlan_frames;
	add(&at->slot, frames, octets(skb, special));
	if (!watches)
		return TC_ACT_UNSPEC;
	if (class != MVT_CLASS_COUNT || before < MVT_CONVERSATION_FRAMES)
		goto counted;
	own->current.sampled_out++;
	return TC_ACT_UNSPEC;

displaced:
	for (__u32 probe = 1; probe < MVT_NEAR_PROBES; probe++) {
		place = next_of_ordinary(place, probe);
		at = slot_at(own, place);
		if (holds(&at->slot, addresses, addresses_vlan_hook))
			goto found;
	}
	before = MVT_NOT_COUNTED;
counted:
	own->current.addresses = addresses;
	own->current.addresses_vlan_hook = addresses_vlan_hook;
	own->current.inner_vlan_frames = frames;
	own->current.bytes = octets(skb, special);
	own->current.counted_before = before;
	own->current.class = class;
	own->current.is_read = true;
	own->current.hook = hook_of(skb);
	bpf_tail_call(skb, &rare, 0);
	return TC_ACT_UNSPEC;
}

/*
 * What ordinary frames have at least, asked for at once: Ethernet's header, IPv4's without options and UDP's;
 * or ARP's.
 */
#define COMMON_OCTETS 42

/*
 * Counts a frame and, when it `watches`, decides whether it is recorded. Ordinary frames end here; the rest
 * goes on to `examine`: what is recorded, what cannot be read in place, what has no slot near home.
 *
 * The way of an ordinary frame is straight, and short in octets: from one frame to the next the stack pushes
 * the program out of the CPU's first cache, so that each line of 64 that it runs through costs as much as ten
 * instructions. What is rare stands below, as clang leaves it where it stands; what is not plain, or is
 * recorded, is settled there, too, so that what tells it needs no room.
 */
static __always_inline int meet(struct __sk_buff *skb, const bool watches)
{
	struct special special = {.frames = 1};
	__u32 class = MVT_CLASS_COUNT, header_octets;
	struct headers headers = {0};
	struct mvt_region *own;
	struct packet packet;
	const void *data;
	__be16 type;

	/* What a host sends to a group that it listens to itself comes back above the interface, without an
	 * Ethernet header (dev_loopback_xmit in net/core/dev.c): no frame. */
	if (unlikely(skb->pkt_type == PACKET_LOOPBACK))
		return TC_ACT_UNSPEC;
	if (!find_region_of_ordinary(&own))
		return TC_ACT_UNSPEC;
	data = (const void *)(long)skb->data;
	packet.network = data + MAC_HEADER_OCTETS;
	packet.known = watches ? data + COMMON_OCTETS : packet.network;
	packet.end = (const void *)(long)skb->data_end;
	if (packet.known > packet.end)
		goto unread;
	/* The kernel has moved the tag of what comes in and of what a VLAN sends to the buffer's metadata. */
	type = *(const __be16 *)(data + 12);
	if (watches) {
		const __u64 hook = hook_of(skb);

		parse_headers(&packet, type, false, &headers);
		if (headers.incomplete)
			goto unread;
		class = classify(own, &headers, hook);
		if (class != MVT_CLASS_COUNT)
			goto telling;
	} else if (type != bpf_htons(ETHERTYPE_IPV4)) {
		goto other_type;
	}
plain:
	/* There is no tag when vlan_proto is 0; vlan_present takes more instructions. */
	if (skb->gso_size | skb->vlan_proto)
		goto special;
	return settle(skb, own, data, NULL, watches, MVT_CLASS_COUNT);

other_type:
	if (is_tag(bpf_ntohs(type)))
		goto unread;
	/* Else clang asks for the tags first. */
	asm volatile("");
	goto plain;
telling:
	/* The verifier need not follow each way to a class to the end. */
	forget(class, headers.packet_id);
special:
	special.bytes = skb->len;
	if (skb->gso_size) {
		/* What was read and computed before needs no register up to here. */
		asm volatile("" : "+r"(data));
		header_octets = header_octets_in_place(data + MAC_HEADER_OCTETS, packet.end,
						       *(const __be16 *)(data + 12));
		if (!header_octets)
			goto unread;
		special.frames = segments(skb->gso_size, MAC_HEADER_OCTETS + header_octets, &special.bytes);
		forget(special.frames, special.bytes);
	}
	if (skb->vlan_present) {
		special.vlan = vlan_bits(bpf_ntohs(skb->vlan_proto), skb->vlan_tci);
		special.bytes += TAG_OCTETS * special.frames;
	}
	forget(special.vlan, special.bytes);
	return settle(skb, own, data, &special, watches, class);
unread:
	return examine_unread(skb, own);
}

/* Of a capture that counts alone. */
SEC("tc")
int macvtrace_count(struct __sk_buff *skb)
{
	return meet(skb, false);
}

/* Of a capture that makes sightings, too. */
SEC("tc")
int macvtrace_watch(struct __sk_buff *skb)
{
	return meet(skb, true);
}

/* Reads the frame that this CPU is at from a copy: it lies in pages, is cut off, or has extension headers. */
static __always_inline bool read_copy(struct __sk_buff *skb, struct mvt_region *own)
{
	struct mvt_current *state = &own->current;
	const struct scratch *scratch;
	__u32 key = 0, vlan = 0;
	__u64 frames, bytes = skb->len, inner_vlan;

	digest_skb(skb);
	scratch = bpf_map_lookup_elem(&scratches, &key);
	if (!scratch)
		return false;
	frames = segments(skb->gso_size,
			  scratch->link.network_offset + scratch->headers.transport_offset +
				  scratch->headers.transport_octets,
			  &bytes);
	if (skb->vlan_present)
		bytes += TAG_OCTETS * frames;
	inner_vlan = vlan_bits(scratch->link.inner_protocol, scratch->link.inner_tci);
	vlan = vlan_bits(scratch->link.outer_protocol, scratch->link.outer_tci);
	if (inner_vlan)
		vlan |= MVT_VLAN_DOUBLE;
	state->addresses = 0;
	state->addresses_vlan_hook = ADDRESSES_VLAN_HOOK(0, vlan, state->hook);
	if (skb->len >= MAC_HEADER_OCTETS) {
		state->addresses = *(const __u64 *)scratch->link_octets;
		state->addresses_vlan_hook =
			ADDRESSES_VLAN_HOOK(*(const __u32 *)(scratch->link_octets + 8), vlan, state->hook);
	}
	state->inner_vlan_frames = inner_vlan << INNER_VLAN_SHIFT | frames;
	state->bytes = bytes;
	state->class = classify(own, &scratch->headers, state->hook);
	return true;
}

/* Makes the record of the frame that this CPU is at, within its class's budget. */
static __always_inline void record(struct __sk_buff *skb, const struct mvt_current *state, __u32 cpu_number,
				   __u32 class)
{
	struct mvt_sighting *sighting;
	struct mvt_cpu_state *cpu;
	struct scratch *scratch;
	__u32 key = 0;
	__u64 now;

	/* Not once for each class. */
	forget(class, state->bytes);
	cpu = bpf_map_lookup_elem(&cpu_states, &cpu_number);
	scratch = bpf_map_lookup_elem(&scratches, &key);
	if (!cpu || !scratch || class > MVT_SAMPLED)
		return;
	now = draw(&cpu->budget[class], record_budget[class]);
	if (!now)
		return;
	sighting = reserve(&cpu->budget[class], sizeof(*sighting));
	if (!sighting)
		return;
	if (state->is_read)
		digest_skb(skb);
	__builtin_memset(&sighting->frame, 0, sizeof(sighting->frame));
	sighting->kind = MVT_SIGHTING;
	sighting->hook = state->hook;
	sighting->reason = class;
	sighting->reserved = 0;
	sighting->time = now;
	sighting->packet_id = scratch->headers.packet_id;
	sighting->length = state->bytes;
	sighting->segments = state->inner_vlan_frames & FRAMES_MASK;
	sighting->frame.outer_protocol = scratch->link.outer_protocol;
	sighting->frame.outer_tci = scratch->link.outer_tci;
	sighting->frame.inner_protocol = scratch->link.inner_protocol;
	sighting->frame.inner_tci = scratch->link.inner_tci;
	sighting->frame.ether_type = scratch->link.ether_type;
	__builtin_memcpy(sighting->frame.destination, scratch->link_octets, 12);
	describe(scratch, &sighting->frame);
	bpf_ringbuf_submit(sighting, BPF_RB_NO_WAKEUP);
}

/* All that is rare: reads what could not be read in place, counts what was not, records what tells something.
 */
SEC("tc")
int examine(struct __sk_buff *skb)
{
	__u32 cpu_number = bpf_get_smp_processor_id(), class;
	struct mvt_current *state;
	struct mvt_region *own;

	if (!find_own_region(&own))
		return TC_ACT_UNSPEC;
	state = &own->current;
	if (!state->is_read && !read_copy(skb, own))
		return TC_ACT_UNSPEC;
	if (state->counted_before == MVT_NOT_COUNTED)
		state->counted_before = count(state->addresses, state->addresses_vlan_hook,
					      state->inner_vlan_frames, state->bytes);
	if (!sightings_enabled)
		return TC_ACT_UNSPEC;
	class = state->class;
	if (class == MVT_CLASS_COUNT && state->counted_before < MVT_CONVERSATION_FRAMES)
		class = MVT_CONVERSATION;
	if (class == MVT_CLASS_COUNT)
		state->sampled_out++;
	else
		record(skb, state, cpu_number, class);
	return TC_ACT_UNSPEC;
}

char _license[] SEC("license") = "Dual BSD/GPL";
