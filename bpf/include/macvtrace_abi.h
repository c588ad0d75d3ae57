/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the BPF programs and the Swift loader have in common: the layout of everything that crosses the
 * border.
 *
 * Structs are flat, of fixed-width integers, without padding. Numbers are in host byte order; addresses are
 * octets in wire order.
 */
#ifndef MACVTRACE_ABI_H
#define MACVTRACE_ABI_H

#include <linux/types.h>

enum mvt_limit {
	/* Counting slots that are tried for one key before the frame goes to the overflow counter. */
	MVT_PROBE_WINDOW = 32,
	/* Slots from the first that is tried to the next: beyond those whose keys never meet. Odd, so that
	 * all slots of a table are tried in the end. */
	MVT_PROBE_STEP = 73,
	/* Tries on the path of every frame. */
	MVT_NEAR_PROBES = 4,
	/* The hook of a counting slot that the loader takes away: egress of interface 0, so nobody's. */
	MVT_TAKEN_HOOK = 1,
	/* Entries, per CPU, of the table that remembers conversations, and their binary logarithm. */
	MVT_CONVERSATION_BITS = 11,
	MVT_CONVERSATION_SLOTS = 1 << MVT_CONVERSATION_BITS,
	/* Frames of a conversation that are recorded at each hook. */
	MVT_CONVERSATION_FRAMES = 3,
	/* Octets of a frame, from its network header on, that are looked at. */
	MVT_NETWORK_OCTETS = 128,
	/* Interfaces that drops and neighbor events are watched for. */
	MVT_DEVICE_LIMIT = 16384,
};

/*
 * Numbers in the frame programs that the loader replaces by others, so that the way of an ordinary frame
 * reads none of them from memory.
 */
enum mvt_placeholder {
	/* By the hook's number in the program of a TCX link; left in that of filters. */
	MVT_HOOK_PLACEHOLDER = 0x4d565400,
	/* By the address of the counting regions, where they lie in one value. */
	MVT_REGIONS_PLACEHOLDER,
	/* By the members of struct mvt_table, and the first two multipliers of its hash. */
	MVT_STRIDE_PLACEHOLDER,
	MVT_REGION_COUNT_PLACEHOLDER,
	MVT_FIRST_MULTIPLIER_PLACEHOLDER,
	MVT_SECOND_MULTIPLIER_PLACEHOLDER,
	MVT_SHIFT_PLACEHOLDER,
	MVT_MASK_PLACEHOLDER,
	/* By the mask of which no bit is set in the packet id of an ordinary frame that is recorded. */
	MVT_SAMPLING_PLACEHOLDER,
};

/*
 * The low bit of a hook number. The rest is the interface's index, unless that is taken by an interface of
 * another namespace.
 */
enum mvt_direction {
	MVT_INGRESS = 0,
	MVT_EGRESS = 1,
};

/* Bits of `outer_vlan` and `inner_vlan` in a counting slot. */
enum mvt_vlan_bits {
	MVT_VLAN_ID = 0x0fff,
	MVT_VLAN_PRESENT = 0x1000,
	/* The tag is an 802.1ad one, else an 802.1Q one. */
	MVT_VLAN_SERVICE = 0x2000,
	/* In `outer_vlan`: there is an inner tag, too. */
	MVT_VLAN_DOUBLE = 0x4000,
};

/*
 * One counter: 32 octets, of which the first 16 and the top 16 bits of `inner_vlan_frames` are the key.
 * A slot is free while `hook` is 0. Programs write `hook` in free slots alone, and the loader in all others.
 */
struct mvt_counter {
	__u8 destination[6];
	__u8 source[6];
	/* enum mvt_vlan_bits; 0 without a tag. */
	__u16 outer_vlan;
	__u16 hook;
	/* Top 16 bits: the inner VLAN, as `outer_vlan`. Low 48 bits: frames on the wire. */
	__u64 inner_vlan_frames;
	/* Octets on the wire, from the destination MAC to the end of the payload. */
	__u64 bytes;
};

/* Frames that found no room in the counting table. */
struct mvt_overflow {
	__u64 frames;
	__u64 bytes;
};

/* Why a record was made, which is also what its budget is drawn from. */
enum mvt_class {
	MVT_EXPLAINS = 0,
	MVT_CONNECTION = 1,
	MVT_CONVERSATION = 2,
	MVT_SAMPLED = 3,
	MVT_DROPPED = 4,
	MVT_NEIGHBOR_CHANGED = 5,
	MVT_CLASS_COUNT = 6,
};

/* The budget of one class on one CPU. */
struct mvt_budget {
	/* CLOCK_MONOTONIC, in nanoseconds, when the running second began. */
	__u64 second_start;
	/* Kernel jiffies when the clock was last read. */
	__u64 jiffies;
	/* Records made in the running second. */
	__u64 used;
	/* Records that were due and over the budget, ever. */
	__u64 over_budget;
	/* Records that were due and found the ring buffer full, ever. */
	__u64 ring_full;
};

/* The state of one CPU: written on that CPU alone, read by the loader. */
struct mvt_cpu_state {
	struct mvt_budget budget[MVT_CLASS_COUNT];
	/* Frames and octets that found no room in the table of overflows either. */
	__u64 overflow_frames;
	__u64 overflow_bytes;
};

/* What `counted_before` says of a frame that is still to be counted, and of one whose key has no slot. */
#define MVT_NOT_COUNTED		(~0ULL)
#define MVT_COUNTED_AS_OVERFLOW (~1ULL)

/*
 * The frame that a CPU is at, on its way from the program of its hook to `examine`. The first four members
 * are what struct mvt_counter holds of it.
 */
struct mvt_current {
	__u64 addresses;
	__u64 addresses_vlan_hook;
	__u64 inner_vlan_frames;
	__u64 bytes;
	/* Frames that its key had counted before it, or one of the above. */
	__u64 counted_before;
	/* Frames that no class wanted and the hash did not select, ever. */
	__u64 sampled_out;
	/* The hook, with its direction. */
	__u32 hook;
	/* enum mvt_class; MVT_CLASS_COUNT: of no class that its headers show. */
	__u32 class;
	/* Whether the frame was read; else only `hook` and `counted_before` are known. */
	__u32 is_read;
	__u32 reserved;
};

/* What a CPU has of its own: this, and behind it its counting slots. */
struct mvt_region {
	struct mvt_current current;
	/* Of the last conversation that fell into each slot: its fingerprint (30 bits) and how many of its
	 * frames were taken for its first (2 bits). A new conversation takes its slot over. */
	__u32 conversations[MVT_CONVERSATION_SLOTS];
};

enum mvt_record_kind {
	MVT_SIGHTING = 1,
	MVT_DROP = 2,
	MVT_NEIGHBOR = 3,
};

/* What `network` of a frame says. */
enum mvt_network {
	MVT_NETWORK_OTHER = 0,
	MVT_NETWORK_ARP = 1,
	MVT_NETWORK_IPV4 = 4,
	MVT_NETWORK_IPV6 = 6,
};

/* What `transport` of a frame says. */
enum mvt_transport {
	MVT_TRANSPORT_NONE = 0,
	MVT_TRANSPORT_ICMP = 1,
	MVT_TRANSPORT_NEIGHBOR_DISCOVERY = 2,
	MVT_TRANSPORT_TCP = 3,
	MVT_TRANSPORT_UDP = 4,
};

/* The fields of a frame that explain where it went. What was not read is 0. */
struct mvt_frame {
	__u8 destination[6];
	__u8 source[6];
	/* 0: no such tag. */
	__u16 outer_protocol;
	__u16 outer_tci;
	__u16 inner_protocol;
	__u16 inner_tci;
	__u16 ether_type;
	__u8 network;
	__u8 transport;
	/* IPv4 and ARP: the first 4 octets. */
	__u8 source_address[16];
	__u8 destination_address[16];
	__u8 protocol;
	__u8 ttl;
	/* TCP: flags. ICMP: type. */
	__u8 flags_or_type;
	__u8 code;
	/* IPv4: identification. IPv6: flow label. */
	__u32 identification;
	/* In units of 8 octets. */
	__u16 fragment_offset;
	/* ICMP: identifier. */
	__u16 source_port;
	/* ICMP: sequence number. */
	__u16 destination_port;
	__u16 arp_operation;
	__u32 sequence;
	__u32 acknowledgment;
	/* ND: target address. ARP: sender MAC, then target MAC. DHCP: the client's address, then its MAC. */
	__u8 target[16];
};

/* One frame seen at one hook. */
struct mvt_sighting {
	/* MVT_SIGHTING. */
	__u32 kind;
	__u16 hook;
	/* enum mvt_class. */
	__u8 reason;
	__u8 reserved;
	/* CLOCK_MONOTONIC, in nanoseconds. */
	__u64 time;
	__u64 packet_id;
	__u32 length;
	__u32 segments;
	struct mvt_frame frame;
};

/* One buffer that the kernel freed as a loss. */
struct mvt_drop {
	/* MVT_DROP. */
	__u32 kind;
	/* The running kernel's enum skb_drop_reason; 0 where it has none. */
	__u32 reason;
	/* CLOCK_MONOTONIC, in nanoseconds. */
	__u64 time;
	/* 0: the headers could not be read. */
	__u64 packet_id;
	/* The kernel address that freed the buffer. */
	__u64 location;
	/* The inode of the network namespace. */
	__u32 namespace_inode;
	/* 0: the buffer had no device. */
	__u32 ifindex;
	/* Whether `frame` was read, and whether its MAC addresses were. */
	__u8 has_frame;
	__u8 has_mac;
	__u8 reserved[6];
	struct mvt_frame frame;
};

/* One change of a neighbor entry. */
struct mvt_neighbor {
	/* MVT_NEIGHBOR. */
	__u32 kind;
	__u32 ifindex;
	/* CLOCK_MONOTONIC, in nanoseconds. */
	__u64 time;
	__u32 namespace_inode;
	/* NUD_*, include/uapi/linux/neighbour.h. */
	__u16 state;
	/* AF_INET or AF_INET6. */
	__u16 family;
	__u8 address[16];
	__u8 mac[6];
	__u8 reserved[2];
};

/* The key of the interfaces that drops and neighbor events are watched for. */
struct mvt_device {
	__u32 namespace_inode;
	__u32 ifindex;
};

_Static_assert(sizeof(struct mvt_counter) == 32, "mvt_counter");
_Static_assert(sizeof(struct mvt_overflow) == 16, "mvt_overflow");
_Static_assert(sizeof(struct mvt_budget) == 40, "mvt_budget");
_Static_assert(sizeof(struct mvt_cpu_state) == 256, "mvt_cpu_state");
_Static_assert(sizeof(struct mvt_current) == 64, "mvt_current");
/* Whole cache lines: the next CPU's region begins with one of its own. */
_Static_assert(sizeof(struct mvt_region) % 64 == 0, "mvt_region");
_Static_assert(sizeof(struct mvt_frame) == 96, "mvt_frame");
_Static_assert(sizeof(struct mvt_sighting) == 128, "mvt_sighting");
_Static_assert(sizeof(struct mvt_drop) == 144, "mvt_drop");
_Static_assert(sizeof(struct mvt_neighbor) == 48, "mvt_neighbor");
_Static_assert(sizeof(struct mvt_device) == 8, "mvt_device");

#endif
