/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where the counting programs look for a key, for them and for the loader, which draws the multipliers:
 * multiply-shift hashing, its multiplications side by side (Dietzfelbinger and others, 1997).
 */
#ifndef MACVTRACE_HASH_H
#define MACVTRACE_HASH_H

#include <linux/types.h>
#include "macvtrace_abi.h"

/* The last octet of the destination in the first word of a slot, and of the source in the second. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define MVT_DESTINATION_BIT 40
#define MVT_SOURCE_BIT	    24
#else
#define MVT_DESTINATION_BIT 16
#define MVT_SOURCE_BIT	    32
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

/* The binary logarithms of the size of struct mvt_counter, and of the slots of a row. */
#define MVT_SLOT_BITS 5
#define MVT_ROW_BITS  3

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

/*
 * What a key is hashed to before it is cut to a place. The first two numbers are the first 16 octets of
 * struct mvt_counter. The last three bits of either address have no part in it: see mvt_counter_rows().
 */
static inline __u64 mvt_counter_sum(__u64 addresses, __u64 addresses_vlan_hook, __u64 first_multiplier,
				    __u64 second_multiplier)
{
	const __u64 last = (1 << MVT_ROW_BITS) - 1;

	return (addresses & ~(last << MVT_DESTINATION_BIT)) * first_multiplier +
	       (addresses_vlan_hook & ~(last << MVT_SOURCE_BIT)) * second_multiplier;
}

/*
 * Where a key lies among those that it is hashed together with, in octets.
 *
 * Addresses are given out in turn, by Docker as by every vendor. So the last three bits of the source choose
 * within a row of eight slots, those of the destination among eight rows that lie side by side, and both rows
 * and places are mixed by the hash of all the rest: stations that differ in those bits alone lie in few cache
 * lines of one page, and none meets another.
 */
static inline __u64 mvt_counter_rows(__u64 addresses, __u64 addresses_vlan_hook)
{
	const __u64 last = (1 << MVT_ROW_BITS) - 1;

	return (addresses_vlan_hook >> MVT_SOURCE_BIT & last) << MVT_SLOT_BITS ^
	       (addresses >> MVT_DESTINATION_BIT & last) << (MVT_SLOT_BITS + MVT_ROW_BITS);
}

/* The slot where the search for a key begins: its distance from the first one, in octets. */
static inline __u64 mvt_counter_place(const volatile struct mvt_hash *hash, __u64 addresses,
				      __u64 addresses_vlan_hook, __u64 inner_vlan)
{
	__u64 sum =
		mvt_counter_sum(addresses, addresses_vlan_hook, hash->multipliers[0], hash->multipliers[1]);

	if (inner_vlan)
		sum += inner_vlan * hash->multipliers[2];
	return (sum >> hash->shift ^ mvt_counter_rows(addresses, addresses_vlan_hook)) & hash->mask;
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
 * both) fill half of a table no worse than chance would: one of four meets another, one of 32 is far from its
 * first slot (simulated), and none comes near the window's end. `taken` has an octet for each of the 1 <<
 * bits slots, all of them 0. Here and not in Swift, as every start waits for it.
 */
static inline _Bool mvt_spreads(__u8 *taken, __u32 bits, const struct mvt_hash *hash, _Bool destination,
				_Bool source)
{
	__u32 met = 0, far = 0;

	for (__u32 number = 0; number < 1U << bits >> 1; number++) {
		__u64 octets = __builtin_bswap32(number);
		__u64 place =
			mvt_counter_place(hash, destination ? octets << 16 | 2 : 2, source ? octets : 2, 0);
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
