// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What `make bench` measures the hot path against: a program that varies the frame from run to run and goes
 * on to a subject, and subjects that do as little as possible or what everybody does.
 */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>
#include "../lib/link_layer.h"

/* Stations; set at load. */
const volatile __u32 station_count = 8;
/* Whether their MACs lie anywhere, and not side by side; set at load. */
const volatile __u8 stations_scattered = 0;
/* Whether frames go to them, and do not come from them; set at load. */
const volatile __u8 stations_receive = 0;

/* subjects: 0 -> the program that is measured. Written by the bench before each round. */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} subjects SEC(".maps");

struct totals {
	__u64 frames;
	__u64 bytes;
};

/* array: 0 -> totals, on each CPU. Cannot be full. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct totals);
} array SEC(".maps");

/* entries: number of a station -> totals, on each CPU. As many as stations, set at load. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct totals);
} entries SEC(".maps");

/* What macvtrace counts by. */
struct station {
	__u8 addresses[12];
	__u16 outer_vlan;
	__u16 inner_vlan;
	__u32 hook;
};

/* hash: station -> totals, on each CPU. Has room for every key of the bench. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, 131072);
	__type(key, struct station);
	__type(value, struct totals);
} hash SEC(".maps");

static __u32 turn, station;

/* Another number for each number, as if drawn (the finalizer of MurmurHash3). */
static __always_inline __u32 scatter(__u32 number)
{
	number = (number ^ number >> 16) * 0x85ebca6b;
	number = (number ^ number >> 13) * 0xc2b2ae35;
	return number ^ number >> 16;
}

/* Writes the next station into the frame's MAC and the next number into IPv4's identification. */
SEC("tc")
int vary(struct __sk_buff *skb)
{
	__u8 *data = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;

	if (data + 34 > end)
		return TC_ACT_SHOT;
	station = station + 1 < station_count ? station + 1 : 0;
	*(__u32 *)(data + (stations_receive ? 2 : 8)) =
		bpf_htonl(stations_scattered ? scatter(station) : station);
	*(__u16 *)(data + 18) = turn++;
	bpf_tail_call(skb, &subjects, 0);
	return TC_ACT_SHOT;
}

SEC("tc")
int nothing(struct __sk_buff *skb)
{
	(void)skb;
	return TC_ACT_UNSPEC;
}

/* Reads the Ethernet header and the tags, counts in an entry of an array. */
static __always_inline int count_in(void *map, __u32 key, struct __sk_buff *skb)
{
	const void *data = (const void *)(long)skb->data, *end = (const void *)(long)skb->data_end;
	struct link_layer link = {0};
	struct totals *totals;

	parse_link_layer(skb, data, end, &link);
	if (link.incomplete)
		return TC_ACT_UNSPEC;
	totals = bpf_map_lookup_elem(map, &key);
	if (totals) {
		totals->frames++;
		totals->bytes += skb->len + link.network_offset;
	}
	return TC_ACT_UNSPEC;
}

/* The floor of one key. */
SEC("tc")
int array_counter(struct __sk_buff *skb)
{
	return count_in(&array, 0, skb);
}

/* The floor of as many keys as stations: a counter for each, and its number known. */
SEC("tc")
int array_counters(struct __sk_buff *skb)
{
	return count_in(&entries, station, skb);
}

/* The usual way: a kernel hash map under the same key. */
SEC("tc")
int percpu_hash(struct __sk_buff *skb)
{
	const void *data = (const void *)(long)skb->data, *end = (const void *)(long)skb->data_end;
	struct totals *totals, first = {.frames = 1, .bytes = skb->len};
	struct station key = {.hook = 2};
	struct link_layer link = {0};

	if (data + MAC_HEADER_OCTETS > end)
		return TC_ACT_UNSPEC;
	parse_link_layer(skb, data, end, &link);
	__builtin_memcpy(key.addresses, data, sizeof(key.addresses));
	key.outer_vlan = vlan_bits(link.outer_protocol, link.outer_tci);
	key.inner_vlan = vlan_bits(link.inner_protocol, link.inner_tci);
	totals = bpf_map_lookup_elem(&hash, &key);
	if (totals) {
		totals->frames++;
		totals->bytes += skb->len;
	} else {
		bpf_map_update_elem(&hash, &key, &first, BPF_NOEXIST);
	}
	return TC_ACT_UNSPEC;
}

char _license[] SEC("license") = "Dual BSD/GPL";
