/* SPDX-License-Identifier: Apache-2.0 */
/*
 * System calls and constants of Linux that Swift's own module of the C library hides.
 *
 * Only headers of the kernel are included here. The C library's declare types that Swift's Glibc module has
 * already, and under _GNU_SOURCE with other members, which the compiler refuses. What needs them is a
 * function in linux.c.
 *
 * Functions that return int answer -1 and set errno when they fail, unless they say otherwise.
 */
#pragma once
#include <linux/capability.h>
#include <linux/if_addr.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <linux/neighbour.h>
#include <linux/net_namespace.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/veth.h>

/* --- Namespaces --- */

/* Moves the calling thread to the network namespace of a descriptor. */
int clinux_setns_network(int descriptor);
/* Moves the calling thread to a new network namespace. */
int clinux_unshare_network(void);
/* Bind-mounts `source` on `target`. */
int clinux_bind_mount(const char *source, const char *target);
/*
 * Makes a directory a shared mount point of its own, as `ip netns` does, so that mounts in it are seen in
 * other mount namespaces.
 */
int clinux_share_mount(const char *directory);
/* Takes the topmost mount off `target`, also while somebody uses it. */
int clinux_unmount(const char *target);
/* Whether a path lies on nsfs, that is: stands for a namespace. 0 where it cannot be read. */
int clinux_is_namespace_file(const char *path);
/* Whether a descriptor stands for a network namespace (NS_GET_NSTYPE, Linux 4.11). 0 for anything else. */
int clinux_is_network_namespace(int descriptor);

/* --- Errors --- */

/* The name of an errno, such as "ENOENT"; NULL for a number that has none. */
const char *clinux_error_name(int number);

/* --- Capabilities --- */

/* The effective capabilities of the calling thread as a bit set; 0 and errno on failure. */
unsigned long long clinux_effective_capabilities(void);

/* --- BPF --- */

/* bpf(2), with the head of a union bpf_attr, `size` octets of it. */
long clinux_bpf(int command, void *attribute, unsigned size);

/* --- Threads --- */

/* Keeps the calling thread on one CPU. */
int clinux_stay_on_cpu(int cpu);

/* --- Sockets --- */

/* A netlink socket of the calling thread's namespace, with what refinements the kernel has. */
int clinux_netlink_socket(int protocol);
/* The length of the datagram that waits at a netlink socket, which stays there; EAGAIN where none does. */
long clinux_netlink_pending(int socket);
/*
 * Lets a netlink socket hear of every namespace that its own has an id for (Linux 4.2), with the id on each
 * notification.
 */
int clinux_netlink_listen_to_all(int socket);
/*
 * Takes a datagram without waiting. `port` is who sent it, 0 the kernel; `groups` what it was sent to, 0 us;
 * `namespace_id` what the socket's namespace calls the one that it tells of, -1 for itself.
 */
long clinux_netlink_receive(int socket, void *buffer, unsigned long size, unsigned *port, unsigned *groups,
			    int *namespace_id);
/* A raw packet socket bound to an interface, for sending whole frames. */
int clinux_packet_socket(int ifindex);
/* Sends up to `count` frames of `length` octets each, one after the other in `frames`, as one batch. */
int clinux_send_frames(int socket, const unsigned char *frames, unsigned length, unsigned count);

/* What the kernel says of a packet that did not get through (ip(7), IP_RECVERR). */
struct clinux_delivery_error {
	/* An errno. */
	int error;
	/* Whether an ICMP error said so, and which: else the sender's own kernel did. */
	int is_icmp;
	unsigned char type;
	unsigned char code;
	/* With EMSGSIZE: the largest packet that gets through, in octets; else 0. */
	unsigned mtu;
	/* How many octets of the packet are told, behind its IP header, and the first of them. */
	unsigned length;
	unsigned char head[8];
};

/*
 * A socket that a probe is sent by, connected to a target: kind is SOCK_RAW (ICMP or ICMPv6), SOCK_STREAM or
 * SOCK_DGRAM; an address is 4 or 16 octets; `scope` is the interface of a link-local target, else 0. It
 * neither waits nor fragments what is longer than its route takes. EINPROGRESS of a stream is no failure.
 * Returns -2 where no such socket may be made, -1 where it finds no way to the target.
 */
int clinux_probe_socket(int kind, const unsigned char *source, const unsigned char *target, int length,
			unsigned short port, unsigned scope);
/* What the kernel takes for the largest packet, in octets, that a probe's socket gets through; -1 where it
 * does not know. */
int clinux_path_mtu(int socket, int is_four);
/* Takes what is known of a packet that a probe's socket sent; EAGAIN where nothing is. */
int clinux_take_delivery_error(int socket, struct clinux_delivery_error *error);

/* --- Processes --- */

/*
 * Starts a program in the network namespace of a descriptor (-1: the caller's), in a process group of its
 * own, with its standard output at `output` and nothing else open. It is killed when the thread that called
 * this ends. Returns the pid.
 */
int clinux_spawn(const char *path, char *const arguments[], int output, int network);

/* --- Loads --- */

/*
 * A UDP or TCP socket (kind SOCK_DGRAM or SOCK_STREAM) bound to an address of 4 or 16 octets and a port, 0
 * for any that is free; a stream listens. A receive that finds nothing gives up after `patience`
 * milliseconds.
 */
int clinux_bound_socket(int kind, const unsigned char *address, int length, unsigned short port,
			unsigned scope, unsigned patience);
/* A blocking socket connected to an address; its receives give up as above, as does the connecting of a
 * stream. */
int clinux_connected_socket(int kind, const unsigned char *source, const unsigned char *address, int length,
			    unsigned short port, unsigned scope, unsigned patience);
/*
 * Accepts a connection, whose receives give up after `patience` milliseconds. `address` gets the 4 or 16
 * octets of this machine's own end, `length` how many; EAGAIN when nobody came for as long as the listening
 * socket waits.
 */
int clinux_accept(int socket, unsigned patience, unsigned char *address, int *length);
/* The port that a socket is bound to; -1 on failure. */
int clinux_local_port(int socket);

/* What a load was. */
struct clinux_load {
	unsigned long long frames;
	unsigned long long nanoseconds;
	/* Processor time of the thread. */
	unsigned long long cpu_nanoseconds;
	/* An errno that ended it early, else 0. */
	int error;
};

/*
 * Sends datagrams of `length` octets by a connected socket for some time, at `rate` a second, or as fast as
 * it can with 0. Falls behind rather than catching up more than 2 ms. `is_ending` ends it early.
 */
void clinux_send_load(int socket, unsigned length, double rate, unsigned long long nanoseconds,
		      const volatile int *is_ending, struct clinux_load *load);
/* Counts datagrams until `is_ending` is set and none came for as long as the socket's receives wait. */
void clinux_receive_load(int socket, const volatile int *is_ending, struct clinux_load *load);
/* Sends every datagram back to where it came from until `is_ending` is set. */
void clinux_echo(int socket, const volatile int *is_ending);
/*
 * Sends a numbered datagram of `length` octets, 8 to 9000, and waits for its echo. Returns the nanoseconds
 * between; -1 and EAGAIN when it did not come in time.
 */
long long clinux_round_trip(int socket, unsigned length, unsigned long long number);

/* --- Devices --- */

/* The names of an interface's driver and of the place on a bus that it has, each of at most 32 octets with
 * its end. */
int clinux_driver(const char *interface, char *driver, char *bus);
/* The names of an interface's features that are on, one a line; ENOSPC where they do not fit. */
int clinux_active_features(const char *interface, char *names, unsigned long size);

/* --- Constants that are macros with casts, or newer than this machine's headers --- */

enum clinux_constant {
	CLINUX_TC_H_CLSACT = (int)TC_H_CLSACT,
	CLINUX_MIN_INGRESS = TC_H_MIN_INGRESS,
	CLINUX_MIN_EGRESS = TC_H_MIN_EGRESS,
	/* Linux 6.4 (include/uapi/linux/if_link.h). */
	CLINUX_IFLA_MACVLAN_BC_CUTOFF = 9,
	/* Linux 5.14 (include/uapi/asm-generic/socket.h). */
	CLINUX_SO_NETNS_COOKIE = 71,
	/* include/uapi/linux/if_bridge.h, which declares types of the C library anew. */
	CLINUX_IFLA_BRIDGE_VLAN_INFO = 2,
};
