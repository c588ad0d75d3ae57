/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which interfaces and namespaces the system-wide tracepoints are watched for. */
#ifndef MACVTRACE_DEVICES_H
#define MACVTRACE_DEVICES_H

#include <stdbool.h>
#include "kernel_types.h"
#include "maps.h"

/*
 * devices: struct mvt_device -> 1. An observed interface; with ifindex 0 an observed namespace, for buffers
 * that have no device yet. Written by the loader, read here. When full: the loader says which are not
 * watched.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, MVT_DEVICE_LIMIT);
	__type(key, struct mvt_device);
	__type(value, __u8);
} devices SEC(".maps");

/* The device as the records name it. */
static __always_inline struct mvt_device device_of(const struct net_device *dev)
{
	struct mvt_device device = {0};

	device.namespace_inode = dev->nd_net.net->ns.inum;
	device.ifindex = dev->ifindex;
	return device;
}

static __always_inline bool is_observed(const struct mvt_device *device)
{
	return bpf_map_lookup_elem(&devices, device) != 0;
}

#endif
