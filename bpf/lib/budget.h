/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How many records of a class one CPU may make in a second, so that a flood cannot take the machine. */
#ifndef MACVTRACE_BUDGET_H
#define MACVTRACE_BUDGET_H

#include "maps.h"

#define SECOND 1000000000ULL

/* Records per CPU and second, by class; set at load. */
const volatile __u32 record_budget[MVT_CLASS_COUNT] = {4000, 2000, 2000, 2000, 2000, 1000};

/*
 * Draws one record from a budget. Returns the time in nanoseconds, or 0 when the budget is spent (counted).
 * Reading the clock costs more than counting a frame does, so a spent budget is asked again only when the
 * kernel's tick has moved on.
 */
static __always_inline __u64 draw(struct mvt_budget *budget, __u32 limit)
{
	__u64 now;

	if (budget->used >= limit) {
		__u64 jiffies = bpf_jiffies64();

		if (jiffies == budget->jiffies)
			goto spent;
		budget->jiffies = jiffies;
	}
	now = bpf_ktime_get_ns();
	if (now - budget->second_start >= SECOND) {
		budget->second_start = now;
		budget->used = 0;
	}
	if (budget->used >= limit)
		goto spent;
	budget->used++;
	return now;
spent:
	add_atomically(&budget->over_budget, 1);
	return 0;
}

/* Reserves room for a record; counts it as lost when the ring is full. */
#define reserve(budget, size)                                                                                \
	({                                                                                                   \
		void *record_ = bpf_ringbuf_reserve(&records, size, 0);                                      \
		if (!record_)                                                                                \
			add_atomically(&(budget)->ring_full, 1);                                             \
		record_;                                                                                     \
	})

#endif
