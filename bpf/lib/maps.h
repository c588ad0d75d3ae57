/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The maps that more than one program family uses. The loader makes each once and hands it to every object.
 */
#ifndef MACVTRACE_MAPS_H
#define MACVTRACE_MAPS_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "../include/macvtrace_abi.h"

#define likely(condition)   __builtin_expect(!!(condition), 1)
#define unlikely(condition) __builtin_expect(!!(condition), 0)

/* Relaxed, as only then the compiler uses the instruction that kernels before 5.12 know, too. */
#define add_atomically(to, number) ((void)__atomic_fetch_add(to, number, __ATOMIC_RELAXED))

/*
 * records: struct mvt_sighting, mvt_drop, mvt_neighbor. Written by every program, read by the loader's reader
 * thread from time to time, so no record wakes anybody. When full: counted in mvt_budget.ring_full.
 */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4 << 20);
} records SEC(".maps");

/*
 * cpu_states: CPU number -> struct mvt_cpu_state. Written on that CPU, read by the loader through mmap. One
 * entry for each possible CPU (set at load). Cannot be full.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct mvt_cpu_state);
} cpu_states SEC(".maps");

#endif
