/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The few kernel structs that the tracing programs read, trimmed to the members that are read. The loader
 * finds each member's place in the running kernel by its name (CO-RE).
 */
#ifndef MACVTRACE_KERNEL_TYPES_H
#define MACVTRACE_KERNEL_TYPES_H

#include <linux/types.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct ns_common {
	unsigned int inum;
};

struct net {
	struct ns_common ns;
};

typedef struct {
	struct net *net;
} possible_net_t;

struct net_device {
	int ifindex;
	possible_net_t nd_net;
};

struct sock_common {
	possible_net_t skc_net;
};

struct sock {
	struct sock_common __sk_common;
};

struct sk_buff {
	struct net_device *dev;
	struct sock *sk;
	unsigned int tail;
	__be16 protocol;
	__be16 vlan_proto;
	__u16 vlan_tci;
	__u16 network_header;
	__u16 mac_header;
	unsigned char *head;
};

struct neigh_table {
	int family;
};

struct neighbour {
	struct neigh_table *tbl;
	struct net_device *dev;
	__u8 nud_state;
	unsigned char ha[32];
	__u8 primary_key[0];
};

#pragma clang attribute pop

#endif
