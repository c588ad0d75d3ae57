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
 * The upper bits are the slot. The first two numbers are the first 16 octets of struct mvt_counter; an inner
 * VLAN times a third multiplier is to be added.
 */
static inline __u64 mvt_counter_hash(__u64 addresses, __u64 addresses_vlan_hook, __u64 first_multiplier,
				     __u64 second_multiplier)
{
	return addresses * first_multiplier + addresses_vlan_hook * second_multiplier;
}

/*
 * Whether keys whose addresses are counted up in their last four octets (the destination, the source, or
 * both) find room in half of a table with hardly any that meets another: one of ten, where chance gives one
 * of four (simulated). `taken` has an octet for each of the 1 << bits slots, all of them 0. Here and not in
 * Swift, as every start waits for it.
 */
static inline _Bool mvt_spreads(__u8 *taken, __u32 bits, __u64 first_multiplier, __u64 second_multiplier,
				_Bool destination, _Bool source)
{
	__u32 mask = (1U << bits) - 1, keys = (mask + 1) / 2, met = 0;

	for (__u32 number = 0; number < keys && met <= keys / 10; number++) {
		__u64 octets = __builtin_bswap32(number);
		__u64 slot = mvt_counter_hash(destination ? octets << 16 | 2 : 2, source ? octets : 2,
					      first_multiplier, second_multiplier) >>
			     (64 - bits);

		met += taken[slot];
		for (__u32 probe = 0; probe < MVT_PROBE_WINDOW && taken[slot]; probe++)
			slot = (slot + 1) & mask;
		taken[slot] = 1;
	}
	return met <= keys / 10;
}

#endif
