/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where the counting programs look for a key, for them and for the loader, which draws the multipliers:
 * multiply-shift hashing, its multiplications side by side (Dietzfelbinger and others, 1997).
 */
#ifndef MACVTRACE_HASH_H
#define MACVTRACE_HASH_H

#include <linux/types.h>
#include "macvtrace_abi.h"

/*
 * The last octet of the destination in the first word of a slot, and of the source in the second; the hook's
 * last bit there tells ingress (0) from egress.
 */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define MVT_DESTINATION_BIT 40
#define MVT_SOURCE_BIT	    24
#define MVT_HOOK_BIT	    48
#else
#define MVT_DESTINATION_BIT 16
#define MVT_SOURCE_BIT	    32
#define MVT_HOOK_BIT	    0
#endif

/* What a table of 1 << bits slots is searched by. */
struct mvt_hash {
	/* Odd and random: of the two words that hold the addresses, and of the inner VLAN. */
	__u64 multipliers[3];
	/* The last octet of the table but for what lies within a slot. */
	__u64 mask;
	__u32 shift;
	__u32 reserved;
};

/* Where the programs find a CPU's region, and a key's slot in it. */
struct mvt_table {
	struct mvt_hash hash;
	/* Octets from the beginning of a region to that of the next CPU's; 0: each is a value of its own. */
	__u32 stride;
	/* One for each possible CPU. */
	__u32 regions;
};

/* The binary logarithms of the size of struct mvt_counter, the slots of a row and the rows of a block. */
#define MVT_SLOT_BITS  5
#define MVT_ROW_BITS   6
#define MVT_BLOCK_BITS 3

/* For a table of 1 << bits slots. */
#define MVT_HASH(first, second, third, bits)                                                                 \
	{                                                                                                    \
		.multipliers = {first, second, third}, .mask = ((1ULL << (bits)) - 1) << MVT_SLOT_BITS,      \
		.shift = 64 - MVT_SLOT_BITS - (bits),                                                        \
	}

static inline struct mvt_hash mvt_hash_of(__u64 first, __u64 second, __u64 third, __u32 bits)
{
	struct mvt_hash hash = MVT_HASH(first, second, third, bits);

	return hash;
}

/* What of the last octets of a key's addresses tells where it lies in its block. */
#define MVT_ROW_MASK   ((1ULL << MVT_ROW_BITS) - 1)
#define MVT_BLOCK_MASK ((1ULL << MVT_BLOCK_BITS) - 1)

/*
 * Where a key lies in its block, in octets, taken out of its words: the first 16 octets of struct
 * mvt_counter. All the rest of them tells where the block is.
 *
 * Addresses are given out in turn, by Docker as by every vendor, and at ingress the sources are many, at
 * egress the destinations. So the last six bits of that address choose a slot of a row of 64, and the last
 * three of the other one of eight rows, one behind the other: stations whose addresses follow each other lie
 * side by side, where a CPU that meets them in turn has fetched the next ones before they are asked for, and
 * none meets another. A block begins at any slot, by the hash of all the rest.
 */
static inline __u64 mvt_counter_in_block(__u64 *addresses, __u64 *addresses_vlan_hook, _Bool egress)
{
	const __u64 destination_mask = egress ? MVT_ROW_MASK : MVT_BLOCK_MASK;
	const __u64 source_mask = egress ? MVT_BLOCK_MASK : MVT_ROW_MASK;
	const __u64 destination = *addresses >> MVT_DESTINATION_BIT & destination_mask;
	const __u64 source = *addresses_vlan_hook >> MVT_SOURCE_BIT & source_mask;
	const __u64 in_row = egress ? destination : source, row = egress ? source : destination;

	*addresses &= ~(destination_mask << MVT_DESTINATION_BIT);
	*addresses_vlan_hook &= ~(source_mask << MVT_SOURCE_BIT);
	return in_row << MVT_SLOT_BITS | row << (MVT_SLOT_BITS + MVT_ROW_BITS);
}

/* The slot where the search for a key begins: its distance from the first one, in octets. */
static inline __u64 mvt_counter_place(const volatile struct mvt_hash *hash, __u64 addresses,
				      __u64 addresses_vlan_hook, __u64 inner_vlan)
{
	const __u64 in_block = mvt_counter_in_block(&addresses, &addresses_vlan_hook,
						    addresses_vlan_hook >> MVT_HOOK_BIT & 1);
	__u64 sum = addresses * hash->multipliers[0] + addresses_vlan_hook * hash->multipliers[1];

	if (inner_vlan)
		sum += inner_vlan * hash->multipliers[2];
	return ((sum >> hash->shift) + in_block) & hash->mask;
}

/*
 * The slot that is tried next, after so many from the first on, before it is cut to the table. Each time it
 * lies a step farther away, so that keys that meet in one slot do not meet in the next, too.
 */
static inline __u64 mvt_counter_step(__u64 place, __u32 tries)
{
	return place + ((__u64)tries * MVT_PROBE_STEP << MVT_SLOT_BITS);
}

/* The same within the table. */
static inline __u64 mvt_counter_next(const volatile struct mvt_hash *hash, __u64 place, __u32 tries)
{
	return mvt_counter_step(place, tries) & hash->mask;
}

/*
 * Whether keys whose addresses are counted up in their last four octets (the destination, the source, or
 * both) fill a table no worse than chance would: one of four meets another, one of 32 is far from its
 * first slot (simulated), and none comes near the window's end. They fill half of it where the address that
 * is counted up is the one that is many at such a hook, else an eighth. `taken` has an octet for each of the
 * 1 << bits slots, all of them 0. Here and not in Swift, as every start waits for it.
 */
static inline _Bool mvt_spreads(__u8 *taken, __u32 bits, const struct mvt_hash *hash, _Bool destination,
				_Bool source, _Bool egress)
{
	const __u32 keys = 1U << bits >> (destination == egress && source != egress ? 1 : 3);
	__u32 met = 0, far = 0;

	for (__u32 number = 0; number < keys; number++) {
		__u64 octets = __builtin_bswap32(number);
		__u64 place = mvt_counter_place(hash, destination ? octets << 16 | 2 : 2,
						(source ? octets : 2) | (__u64)egress << MVT_HOOK_BIT, 0);
		__u32 probe = 0;

		for (; probe < MVT_PROBE_WINDOW && taken[place >> MVT_SLOT_BITS]; probe++)
			place = mvt_counter_next(hash, place, probe + 1);
		taken[place >> MVT_SLOT_BITS] = 1;
		met += probe > 0;
		far += probe >= MVT_NEAR_PROBES;
		/* Never much more, however many keys there are. */
		if (met > 64 + number / 4 || far > 16 + number / 32 || probe >= MVT_PROBE_WINDOW / 2)
			return 0;
	}
	return 1;
}

#endif
