// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * skb:kfree_skb: what the kernel freed as a loss, on the observed interfaces, with its reason, its place and
 * the packet id that ends a trajectory. System-wide, so everything else is turned away first.
 */
#include <linux/bpf.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include "lib/maps.h"
#include "lib/budget.h"
#include "lib/devices.h"
#include "lib/digest.h"

/* Whether the tracepoint has a reason (Linux 5.17); set at load from the running kernel's BTF. */
const volatile __u8 has_reason = 1;

/* mac_header of a buffer without a MAC header (include/linux/skbuff.h, skb_mac_header_was_set). */
#define NO_MAC_HEADER 0xffff

/* Copies and reads the headers. Returns whether there were any. */
static __always_inline bool digest_buffer(struct sk_buff *skb, struct scratch *scratch, __u32 link_octets)
{
	__u32 network = skb->network_header, tail = skb->tail, available;
	__u16 ether_type = bpf_ntohs(skb->protocol);

	scratch->available = 0;
	if (!network || tail <= network)
		return false;
	available = tail - network;
	if (available > MVT_NETWORK_OCTETS)
		available = MVT_NETWORK_OCTETS;
	asm volatile("" : "+r"(available));
	if (available < 1 || available > MVT_NETWORK_OCTETS ||
	    bpf_probe_read_kernel(scratch->octets, available, skb->head + network))
		return false;
	/* A sender that skipped the stack leaves the protocol of the whole frame. */
	if (link_octets >= MAC_HEADER_OCTETS)
		ether_type = scratch->link_octets[(link_octets - 2) & 31] << 8 |
			     scratch->link_octets[(link_octets - 1) & 31];
	digest(available, ether_type);
	return true;
}

/* Copies the Ethernet header, if the buffer has one. Returns its octets: 0, 14, 18 or 22. */
static __always_inline __u32 copy_link_layer(struct sk_buff *skb, struct scratch *scratch)
{
	__u32 octets;

	if (skb->mac_header == NO_MAC_HEADER || skb->network_header < skb->mac_header + MAC_HEADER_OCTETS)
		return 0;
	octets = skb->network_header - skb->mac_header;
	if (octets != 14 && octets != 18 && octets != 22)
		return 0;
	if (bpf_probe_read_kernel(scratch->link_octets, LINK_LAYER_OCTETS, skb->head + skb->mac_header))
		return 0;
	return octets;
}

static __always_inline void describe_link_layer(struct sk_buff *skb, const struct scratch *scratch,
						__u32 octets, struct mvt_frame *frame)
{
	__builtin_memcpy(frame->destination, scratch->link_octets, 12);
	if (skb->vlan_proto) {
		frame->outer_protocol = bpf_ntohs(skb->vlan_proto);
		frame->outer_tci = skb->vlan_tci;
	} else if (octets >= MAC_HEADER_OCTETS + TAG_OCTETS) {
		frame->outer_protocol = scratch->link_octets[12] << 8 | scratch->link_octets[13];
		frame->outer_tci = scratch->link_octets[14] << 8 | scratch->link_octets[15];
	}
}

SEC("tp_btf/kfree_skb")
int drops(__u64 *ctx)
{
	__u32 key = 0, cpu_number = bpf_get_smp_processor_id(), link_octets;
	struct sk_buff *skb = (struct sk_buff *)ctx[0];
	struct net_device *dev = skb->dev;
	struct mvt_device device = {0};
	struct sock *sk = skb->sk;
	struct mvt_cpu_state *cpu;
	struct scratch *scratch;
	struct mvt_drop *drop;
	__u64 now;

	if (dev)
		device = device_of(dev);
	else if (sk)
		device.namespace_inode = sk->__sk_common.skc_net.net->ns.inum;
	else
		return 0;
	if (!is_observed(&device))
		return 0;
	cpu = bpf_map_lookup_elem(&cpu_states, &cpu_number);
	scratch = bpf_map_lookup_elem(&scratches, &key);
	if (!cpu || !scratch)
		return 0;
	now = draw(&cpu->budget[MVT_DROPPED], record_budget[MVT_DROPPED]);
	if (!now)
		return 0;
	drop = reserve(&cpu->budget[MVT_DROPPED], sizeof(*drop));
	if (!drop)
		return 0;
	__builtin_memset(drop, 0, sizeof(*drop));
	drop->kind = MVT_DROP;
	drop->reason = has_reason ? ctx[2] : 0;
	drop->time = now;
	drop->location = ctx[1];
	drop->namespace_inode = device.namespace_inode;
	drop->ifindex = device.ifindex;
	link_octets = copy_link_layer(skb, scratch);
	if (link_octets) {
		drop->has_mac = 1;
		describe_link_layer(skb, scratch, link_octets, &drop->frame);
	}
	if (digest_buffer(skb, scratch, link_octets)) {
		drop->has_frame = 1;
		drop->packet_id = scratch->headers.packet_id;
		drop->frame.ether_type = scratch->ether_type;
		describe(scratch, &drop->frame);
	}
	bpf_ringbuf_submit(drop, BPF_RB_NO_WAKEUP);
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
