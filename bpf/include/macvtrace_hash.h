/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where the counting programs look for a key, for them and for the loader, which draws the multipliers:
 * multiply-shift hashing, its multiplications side by side (Dietzfelbinger and others, 1997).
 */
#ifndef MACVTRACE_HASH_H
#define MACVTRACE_HASH_H

#include <linux/types.h>
#include "macvtrace_abi.h"

/* The last bit of the source address, in the second word of a slot. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define MVT_LAST_BIT 24
#else
#define MVT_LAST_BIT 32
#endif

/* What a table of 1 << bits slots is searched by. */
struct mvt_hash {
	/* Odd and random: of the two words that hold the addresses, and of the inner VLAN. */
	__u64 multipliers[3];
	/* The last octet of the table but for what lies within a slot, and the same for a pair of slots. */
	__u64 slot_mask;
	__u64 pair_mask;
	__u32 shift;
	__u32 reserved;
};

/* The binary logarithm of the size of struct mvt_counter. */
#define MVT_SLOT_BITS 5

/* For a table of 1 << bits slots. */
#define MVT_HASH(first, second, third, bits)                                                                 \
	{                                                                                                    \
		.multipliers = {first, second, third}, .slot_mask = ((1ULL << (bits)) - 1) << MVT_SLOT_BITS, \
		.pair_mask = ((1ULL << (bits)) - 2) << MVT_SLOT_BITS, .shift = 64 - MVT_SLOT_BITS - (bits),  \
	}

static inline struct mvt_hash mvt_hash_of(__u64 first, __u64 second, __u64 third, __u32 bits)
{
	struct mvt_hash hash = MVT_HASH(first, second, third, bits);

	return hash;
}

/*
 * The slot where the search for a key begins: its distance from the first one, in octets. The first two
 * numbers are the first 16 octets of struct mvt_counter. Two sources whose addresses differ in the last bit
 * alone have neighboring slots, of one cache line.
 */
static inline __u64 mvt_counter_place(const volatile struct mvt_hash *hash, __u64 addresses,
				      __u64 addresses_vlan_hook, __u64 inner_vlan)
{
	__u64 pair = addresses_vlan_hook & ~(1ULL << MVT_LAST_BIT);
	__u64 sum = addresses * hash->multipliers[0] + pair * hash->multipliers[1];

	if (inner_vlan)
		sum += inner_vlan * hash->multipliers[2];
	return (sum >> hash->shift & hash->pair_mask) |
	       (addresses_vlan_hook >> (MVT_LAST_BIT - MVT_SLOT_BITS) & 1 << MVT_SLOT_BITS);
}

/*
 * Whether keys whose addresses are counted up in their last four octets (the destination, the source, or
 * both) fill half of a table no worse than chance would: one of four meets another, one of 32 is far from its
 * first slot (simulated), and each finds a slot. `taken` has an octet for each of the 1 << bits slots, all of
 * them 0. Here and not in Swift, as every start waits for it.
 */
static inline _Bool mvt_spreads(__u8 *taken, __u32 bits, const struct mvt_hash *hash, _Bool destination,
				_Bool source)
{
	__u32 mask = (1U << bits) - 1, met = 0, far = 0;

	for (__u32 number = 0; number <= mask / 2; number++) {
		__u64 octets = __builtin_bswap32(number);
		__u64 slot =
			mvt_counter_place(hash, destination ? octets << 16 | 2 : 2, source ? octets : 2, 0) >>
			MVT_SLOT_BITS;
		__u32 probe = 0;

		for (; probe < MVT_PROBE_WINDOW && taken[slot]; probe++)
			slot = (slot + 1) & mask;
		taken[slot] = 1;
		met += probe > 0;
		far += probe >= MVT_NEAR_PROBES;
		/* Never much more, however many keys there are. */
		if (met > 64 + number / 4 || far > 16 + number / 32 || probe == MVT_PROBE_WINDOW)
			return 0;
	}
	return 1;
}

#endif
