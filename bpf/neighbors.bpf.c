// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The neigh tracepoints: every change of a neighbor entry's state on the observed interfaces. System-wide, so
 * everything else is turned away first.
 */
#include <linux/bpf.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include "lib/maps.h"
#include "lib/budget.h"
#include "lib/devices.h"

#define AF_INET	 2
#define AF_INET6 10

static __always_inline int neighbor_changed(struct neighbour *neighbor)
{
	__u32 cpu_number = bpf_get_smp_processor_id();
	struct mvt_device device = device_of(neighbor->dev);
	struct mvt_neighbor *record;
	struct mvt_cpu_state *cpu;
	__u64 now;

	if (!is_observed(&device))
		return 0;
	cpu = bpf_map_lookup_elem(&cpu_states, &cpu_number);
	if (!cpu)
		return 0;
	now = draw(&cpu->budget[MVT_NEIGHBOR_CHANGED], record_budget[MVT_NEIGHBOR_CHANGED]);
	if (!now)
		return 0;
	record = reserve(&cpu->budget[MVT_NEIGHBOR_CHANGED], sizeof(*record));
	if (!record)
		return 0;
	__builtin_memset(record, 0, sizeof(*record));
	record->kind = MVT_NEIGHBOR;
	record->ifindex = device.ifindex;
	record->time = now;
	record->namespace_inode = device.namespace_inode;
	record->state = neighbor->nud_state;
	record->family = neighbor->tbl->family;
	bpf_probe_read_kernel(record->address, record->family == AF_INET6 ? 16 : 4,
			      __builtin_preserve_access_index(&neighbor->primary_key));
	bpf_probe_read_kernel(record->mac, sizeof(record->mac),
			      __builtin_preserve_access_index(&neighbor->ha));
	bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP);
	return 0;
}

/* After an update by the protocol or by a person. */
SEC("tp_btf/neigh_update_done")
int neighbor_updated(__u64 *ctx)
{
	return neighbor_changed((struct neighbour *)ctx[0]);
}

/* After a timer: a retransmission, or giving up. */
SEC("tp_btf/neigh_timer_handler")
int neighbor_timer(__u64 *ctx)
{
	return neighbor_changed((struct neighbour *)ctx[0]);
}

/* After a packet asked for the entry: resolution begins. */
SEC("tp_btf/neigh_event_send_done")
int neighbor_asked(__u64 *ctx)
{
	return neighbor_changed((struct neighbour *)ctx[0]);
}

char _license[] SEC("license") = "Dual BSD/GPL";
