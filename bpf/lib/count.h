/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Counting: an open-addressing table of each CPU's own in one array map. A kernel hash map would cost eight
 * times as much for each frame.
 *
 * A CPU's region has one writer: tc runs with bottom halves disabled, in softirq or in process context, so
 * two frames never meet on a CPU. Under PREEMPT_RT they can (bottom halves are preemptible there): there
 * slots are claimed by compare-and-swap and counted with atomic adds, in an object of its own, as kernels
 * before 5.12 refuse a program that holds such an instruction. A key that two frames claim at once gets two
 * slots, which the reader adds up. What is rare goes on through memory of the CPU's own (struct
 * mvt_current, `scratches`): where two frames meet even there, each may be taken for the other.
 *
 * The loader takes slots away whose interface or station is gone: it writes MVT_TAKEN_HOOK over the hook, so
 * that no frame finds or claims the slot any more; waits until all programs that may have found it before
 * have ended; takes the counts; and frees the slot, the hook last. A key that comes again claims a free slot,
 * which may stand before one that it still has: the reader adds those up, too.
 */
#ifndef MACVTRACE_COUNT_H
#define MACVTRACE_COUNT_H

#include <stdbool.h>
#include "maps.h"
#include "written.h"
#include "../include/macvtrace_hash.h"

/*
 * How a key finds its slot: the hash is random, to keep a sender from choosing addresses that collide. Set at
 * load.
 */
const volatile struct mvt_table table = {.hash = MVT_HASH(1, 1, 1, 10), .regions = 1};
/* Whether a program can be interrupted by another on its CPU (PREEMPT_RT): bpf/frames_preemptible.bpf.c. */
#ifndef PREEMPTIBLE
#define PREEMPTIBLE 0
#endif

/*
 * counters: each CPU's region: struct mvt_region, then struct mvt_counter slots, whose number is set at load.
 * One behind the other, in one value: so a program needs no lookup. Where the kernel takes no value of that
 * size (before 6.0 or so), under the CPU's number. Written on that CPU, read and emptied by the loader
 * through mmap while it changes. When no slot is free within MVT_PROBE_WINDOW: the frame is counted in
 * `overflows`. Nothing is evicted for a frame.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct mvt_region) + sizeof(struct mvt_counter) * 1024);
} counters SEC(".maps");

/*
 * overflows: hook -> struct mvt_overflow, on each CPU. Written when the counting table has no room for a key,
 * read by the loader. When full: counted in mvt_cpu_state.overflow_frames.
 */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 65536);
	__type(key, __u32);
	__type(value, struct mvt_overflow);
} overflows SEC(".maps");

/* struct mvt_counter, as words. */
struct counter_words {
	__u64 addresses;
	__u64 addresses_vlan_hook;
	__u64 inner_vlan_frames;
	__u64 bytes;
};

#define INNER_VLAN_SHIFT 48
#define FRAMES_MASK	 ((1ULL << INNER_VLAN_SHIFT) - 1)

/* The second word of a slot: the last four octets of the source MAC, the outer VLAN, the hook. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define ADDRESSES_VLAN_HOOK(tail, vlan, hook) ((__u64)(tail) | (__u64)(vlan) << 32 | (__u64)(hook) << 48)
#define HOOK_OF(word)			      ((__u32)((word) >> 48))
#else
#define ADDRESSES_VLAN_HOOK(tail, vlan, hook) ((__u64)(tail) << 32 | (__u64)(vlan) << 16 | (hook))
#define HOOK_OF(word)			      ((__u32)((word)&0xffff))
#endif

/* Finds the region of the CPU that runs the program; returns whether there is one. */
static __always_inline bool find_own_region(struct mvt_region **own)
{
	const __u32 stride = table.stride;
	__u64 cpu_number = bpf_get_smp_processor_id();
	const __u32 key = stride ? 0 : cpu_number;
	void *regions = bpf_map_lookup_elem(&counters, &key);

	if (!regions)
		return false;
	/* The register that is compared must be the one that is used. */
	asm volatile("" : "+r"(cpu_number));
	if (cpu_number >= table.regions)
		return false;
	*own = regions + cpu_number * stride;
	return true;
}

/* The same on the way of an ordinary frame, which looks nothing up where the regions lie in one value. */
static __always_inline bool find_region_of_ordinary(struct mvt_region **own)
{
	__u64 cpu_number = bpf_get_smp_processor_id();

	/* The verifier knows it, and keeps one of the two ways alone. */
	if (unlikely(!written(MVT_STRIDE_PLACEHOLDER)))
		return find_own_region(own);
	if (unlikely(cpu_number >= written(MVT_REGION_COUNT_PLACEHOLDER)))
		return false;
	/* Before Linux 6.10 or so the verifier follows a product by its second factor's being known. */
	multiply_by_written(cpu_number, MVT_STRIDE_PLACEHOLDER);
	*own = (void *)written_wide(MVT_REGIONS_PLACEHOLDER) + cpu_number;
	return true;
}

static __always_inline void count_overflow(__u32 hook, __u64 frames, __u64 bytes)
{
	__u32 cpu_number = bpf_get_smp_processor_id();
	struct mvt_overflow *overflow, first = {0};
	struct mvt_cpu_state *cpu;

	overflow = bpf_map_lookup_elem(&overflows, &hook);
	if (!overflow) {
		bpf_map_update_elem(&overflows, &hook, &first, BPF_NOEXIST);
		overflow = bpf_map_lookup_elem(&overflows, &hook);
	}
	if (overflow) {
		add_atomically(&overflow->frames, frames);
		add_atomically(&overflow->bytes, bytes);
		return;
	}
	cpu = bpf_map_lookup_elem(&cpu_states, &cpu_number);
	if (!cpu)
		return;
	add_atomically(&cpu->overflow_frames, frames);
	add_atomically(&cpu->overflow_bytes, bytes);
}

static __always_inline void add(struct counter_words *slot, __u64 frames, __u64 bytes)
{
	if (PREEMPTIBLE) {
		add_atomically(&slot->inner_vlan_frames, frames);
		add_atomically(&slot->bytes, bytes);
	} else {
		slot->inner_vlan_frames += frames;
		slot->bytes += bytes;
	}
}

/* Takes a free slot for a key. Returns whether it was still free. */
static __always_inline bool claim(struct counter_words *slot, __u64 addresses, __u64 addresses_vlan_hook,
				  __u64 inner_vlan_frames, __u64 bytes)
{
	if (PREEMPTIBLE) {
		if (__sync_val_compare_and_swap(&slot->addresses_vlan_hook, 0, addresses_vlan_hook))
			return false;
		slot->addresses = addresses;
		add(slot, inner_vlan_frames, bytes);
		return true;
	}
	slot->addresses = addresses;
	slot->inner_vlan_frames = inner_vlan_frames;
	slot->bytes = bytes;
	slot->addresses_vlan_hook = addresses_vlan_hook;
	return true;
}

/* A region, seen from so far behind its beginning that the slot that is meant is the first one. */
struct region_at_slot {
	struct mvt_region region;
	struct counter_words slot;
};

/*
 * The slot of a region that lies so many octets behind its first. The region's size goes into the
 * instructions that load and store, and needs none of its own.
 */
static __always_inline struct region_at_slot *slot_at(struct mvt_region *own, __u64 place)
{
	struct region_at_slot *at = (void *)own + place;

	asm volatile("" : "+r"(at));
	return at;
}

/* mvt_counter_place() of a key without an inner VLAN, on the way of an ordinary frame. */
static __always_inline __u64 place_of_ordinary(__u64 addresses, __u64 addresses_vlan_hook, __u64 hook)
{
	__u64 place, in_block;

	/* Clang knows bits that are 0, and would mask them by a constant that takes two instructions. */
	asm volatile("" : "+r"(addresses_vlan_hook));
	/* The verifier knows a link's hook, and keeps one of the two ways alone. */
	if (likely(!(hook & 1))) {
		in_block = mvt_counter_in_block(&addresses, &addresses_vlan_hook, false);
		asm volatile("" : "+r"(in_block), "+r"(addresses), "+r"(addresses_vlan_hook));
	} else {
		in_block = mvt_counter_in_block(&addresses, &addresses_vlan_hook, true);
	}
	place = addresses * written_wide(MVT_FIRST_MULTIPLIER_PLACEHOLDER) +
		addresses_vlan_hook * written_wide(MVT_SECOND_MULTIPLIER_PLACEHOLDER);
	shift_by_written(place, MVT_SHIFT_PLACEHOLDER);
	place += in_block;
	mask_by_written(place, MVT_MASK_PLACEHOLDER);
	return place;
}

/* mvt_counter_next() on that way. */
static __always_inline __u64 next_of_ordinary(__u64 place, __u32 tries)
{
	place = mvt_counter_step(place, tries);
	mask_by_written(place, MVT_MASK_PLACEHOLDER);
	return place;
}

/*
 * Whether a slot is that of a key without an inner VLAN. MVT_VLAN_DOUBLE keeps those of keys with one away.
 * Both words are compared at once, as one branch is cheaper than two.
 */
static __always_inline bool holds(const struct counter_words *slot, __u64 addresses,
				  __u64 addresses_vlan_hook)
{
	return !((slot->addresses ^ addresses) | (slot->addresses_vlan_hook ^ addresses_vlan_hook));
}

/*
 * Counts frames and octets under any key; never leaves them uncounted. Returns how many frames the key had
 * counted before, or MVT_COUNTED_AS_OVERFLOW. Not static: the verifier looks at it once, whatever the number
 * of ways that lead here.
 */
__noinline __u64 count(__u64 addresses, __u64 addresses_vlan_hook, __u64 inner_vlan_frames, __u64 bytes)
{
	__u64 place = mvt_counter_place(&table.hash, addresses, addresses_vlan_hook,
					inner_vlan_frames >> INNER_VLAN_SHIFT);
	struct counter_words *slot;
	struct mvt_region *own;
	__u64 held;

	if (!find_own_region(&own))
		goto no_room;
	for (__u32 probe = 0; probe < MVT_PROBE_WINDOW; probe++) {
		place = mvt_counter_next(&table.hash, place, probe);
		slot = &slot_at(own, place)->slot;
		held = slot->inner_vlan_frames;
		/* One branch, out of the loop: else the verifier follows it in each turn. */
		if (!((slot->addresses ^ addresses) | (slot->addresses_vlan_hook ^ addresses_vlan_hook) |
		      (held ^ inner_vlan_frames) >> INNER_VLAN_SHIFT))
			goto found;
		if (slot->addresses_vlan_hook)
			continue;
		if (!PREEMPTIBLE)
			goto free;
		if (claim(slot, addresses, addresses_vlan_hook, inner_vlan_frames, bytes))
			return 0;
	}
no_room:
	count_overflow(HOOK_OF(addresses_vlan_hook), inner_vlan_frames & FRAMES_MASK, bytes);
	return MVT_COUNTED_AS_OVERFLOW;
found:
	add(slot, inner_vlan_frames & FRAMES_MASK, bytes);
	return held & FRAMES_MASK;
free:
	claim(slot, addresses, addresses_vlan_hook, inner_vlan_frames, bytes);
	return 0;
}

#endif
