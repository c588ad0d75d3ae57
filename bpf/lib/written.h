/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Numbers that the loader writes into the programs, in the place of an enum mvt_placeholder: the way of an
 * ordinary frame finds them in its instructions, and reads no memory for them. Only programs of their own
 * hold them, no functions: what libbpf calls from several programs, the loader cannot write into.
 */
#ifndef MACVTRACE_WRITTEN_H
#define MACVTRACE_WRITTEN_H

#include "../include/macvtrace_abi.h"

/* The number, of 31 bits. Volatile, so that clang leaves it where it is needed, in a register less. */
#define written(placeholder)                                                                                 \
	({                                                                                                   \
		__u64 number;                                                                                \
		asm volatile("%0 = %1" : "=r"(number) : "i"(placeholder));                                   \
		number;                                                                                      \
	})

/* The number, of 64 bits, or an address. */
#define written_wide(placeholder)                                                                            \
	({                                                                                                   \
		__u64 number;                                                                                \
		asm volatile("%0 = %1 ll" : "=r"(number) : "i"(placeholder));                                \
		number;                                                                                      \
	})

/* Of `value` what the number, of 31 bits, has bits of. */
#define mask_by_written(value, placeholder) asm volatile("%0 &= %1" : "+r"(value) : "i"(placeholder))

/* Multiplies `value` by the number, of 31 bits. */
#define multiply_by_written(value, placeholder) asm volatile("%0 *= %1" : "+r"(value) : "i"(placeholder))

/* Shifts `value` right by the number. */
#define shift_by_written(value, placeholder) asm volatile("%0 >>= %1" : "+r"(value) : "i"(placeholder))

#endif
