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

/*
 * The slot where the search for a key begins, of 1 << (64 - shift). The first two numbers are the first 16
 * octets of struct mvt_counter; the third is the inner VLAN times a multiplier of its own. Two sources whose
 * addresses differ in the last bit alone have neighboring slots, of one cache line.
 */
static inline __u64 mvt_counter_slot(__u64 addresses, __u64 addresses_vlan_hook, __u64 inner_vlan_product,
				     __u64 first_multiplier, __u64 second_multiplier, __u32 shift)
{
	__u64 pair = addresses_vlan_hook & ~(1ULL << MVT_LAST_BIT);
	__u64 hash = addresses * first_multiplier + pair * second_multiplier + inner_vlan_product;

	return ((hash >> shift) & ~1ULL) | (addresses_vlan_hook >> MVT_LAST_BIT & 1);
}

/*
 * Whether keys whose addresses are counted up in their last four octets (the destination, the source, or
 * both) fill half of a table no worse than chance would: one of four meets another, one of 32 is far from its
 * first slot (simulated), and each finds a slot. `taken` has an octet for each of the 1 << bits slots, all of
 * them 0. Here and not in Swift, as every start waits for it.
 */
static inline _Bool mvt_spreads(__u8 *taken, __u32 bits, __u64 first_multiplier, __u64 second_multiplier,
				_Bool destination, _Bool source)
{
	__u32 mask = (1U << bits) - 1, met = 0, far = 0;

	for (__u32 number = 0; number <= mask / 2; number++) {
		__u64 octets = __builtin_bswap32(number);
		__u64 slot = mvt_counter_slot(destination ? octets << 16 | 2 : 2, source ? octets : 2, 0,
					      first_multiplier, second_multiplier, 64 - bits);
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
