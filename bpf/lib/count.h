/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Counting: an open-addressing table of each CPU's own in one array map. A kernel hash map would cost eight
 * times as much for each frame.
 *
 * A CPU's region has one writer: tc runs with bottom halves disabled, in softirq or in process context, so
 * two frames never meet on a CPU. Under PREEMPT_RT they can (bottom halves are preemptible there): the loader
 * then sets `preemptible`, slots are claimed by compare-and-swap and counted with atomic adds. A key that two
 * frames claim at once gets two slots, which the reader adds up.
 */
#ifndef MACVTRACE_COUNT_H
#define MACVTRACE_COUNT_H

#include <stdbool.h>
#include "maps.h"

/* Slots per CPU, a power of two, less one; set at load. */
const volatile __u32 counter_mask = 1023;
/* Keeps a sender from choosing addresses that collide; random, set at load. */
const volatile __u64 counter_seed = 0;
/* Whether a program can be interrupted by another on its CPU (PREEMPT_RT); set at load. */
const volatile __u8 preemptible = 0;

/*
 * counters: CPU number x slots per CPU + slot -> struct mvt_counter. Written on that CPU, read by the loader
 * through mmap while it changes. When no slot is free within MVT_PROBE_WINDOW: the frame is counted in
 * `overflows`. Nothing is ever evicted.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, struct mvt_counter);
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

#define INT_MAX		 0x7fffffff
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

static __always_inline void count_overflow(__u32 cpu_number, __u32 hook, __u64 frames, __u64 bytes)
{
	struct mvt_overflow *overflow, first = {0};
	struct mvt_cpu_state *cpu;

	overflow = bpf_map_lookup_elem(&overflows, &hook);
	if (!overflow) {
		bpf_map_update_elem(&overflows, &hook, &first, BPF_NOEXIST);
		overflow = bpf_map_lookup_elem(&overflows, &hook);
	}
	if (overflow) {
		__sync_fetch_and_add(&overflow->frames, frames);
		__sync_fetch_and_add(&overflow->bytes, bytes);
		return;
	}
	cpu = bpf_map_lookup_elem(&cpu_states, &cpu_number);
	if (!cpu)
		return;
	__sync_fetch_and_add(&cpu->overflow_frames, frames);
	__sync_fetch_and_add(&cpu->overflow_bytes, bytes);
}

static __always_inline void add(struct counter_words *slot, __u64 frames, __u64 bytes)
{
	if (preemptible) {
		__sync_fetch_and_add(&slot->inner_vlan_frames, frames);
		__sync_fetch_and_add(&slot->bytes, bytes);
	} else {
		slot->inner_vlan_frames += frames;
		slot->bytes += bytes;
	}
}

/* Takes a free slot for a key. Returns whether it was still free. */
static __always_inline bool claim(struct counter_words *slot, __u64 addresses, __u64 addresses_vlan_hook,
				  __u64 inner_vlan_frames, __u64 bytes)
{
	if (preemptible) {
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

/*
 * Counts frames and octets under a key in a CPU's region: the words of struct counter_words, with the frames
 * to add in the third. Returns how many frames the key had counted before, in 31 bits; INT_MAX for the
 * overflow. Not static: the verifier looks at it once, whatever the number of ways that lead here.
 */
__noinline int count(__u64 addresses, __u64 addresses_vlan_hook, __u64 inner_vlan_frames, __u64 bytes,
		     __u32 cpu_number)
{
	__u32 region = cpu_number * (counter_mask + 1);
	__u64 inner_vlan = inner_vlan_frames & ~FRAMES_MASK;
	__u64 frames = inner_vlan_frames & FRAMES_MASK;
	__u64 hash;

	hash = (addresses ^ counter_seed) * 0x9e3779b97f4a7c15ULL;
	hash = (hash ^ hash >> 32 ^ addresses_vlan_hook ^ inner_vlan) * 0xd6e8feb86659fd93ULL;
	hash ^= hash >> 32;
	for (__u32 probe = 0; probe < MVT_PROBE_WINDOW; probe++) {
		__u32 index = region + ((hash + probe) & counter_mask);
		struct counter_words *slot = bpf_map_lookup_elem(&counters, &index);
		__u64 held;

		if (!slot)
			break;
		held = slot->addresses_vlan_hook;
		if (held == addresses_vlan_hook && slot->addresses == addresses &&
		    (slot->inner_vlan_frames & ~FRAMES_MASK) == inner_vlan) {
			__u64 before = slot->inner_vlan_frames & FRAMES_MASK;

			add(slot, frames, bytes);
			return before < INT_MAX ? before : INT_MAX;
		}
		if (!held && claim(slot, addresses, addresses_vlan_hook, inner_vlan_frames, bytes))
			return 0;
	}
	count_overflow(cpu_number, HOOK_OF(addresses_vlan_hook), frames, bytes);
	return INT_MAX;
}

#endif
