/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "CLinux.h"
#include <errno.h>
#include <time.h>
#include <linux/errqueue.h>
#include <linux/ethtool.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <linux/sockios.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

int clinux_setns_network(int descriptor)
{
	return setns(descriptor, CLONE_NEWNET);
}

int clinux_unshare_network(void)
{
	return unshare(CLONE_NEWNET);
}

int clinux_bind_mount(const char *source, const char *target)
{
	return mount(source, target, "none", MS_BIND, NULL);
}

int clinux_share_mount(const char *directory)
{
	if (!mount("", directory, "none", MS_SHARED | MS_REC, NULL))
		return 0;
	if (errno != EINVAL)
		return -1;
	/* It is no mount point yet. */
	if (mount(directory, directory, "none", MS_BIND | MS_REC, NULL))
		return -1;
	return mount("", directory, "none", MS_SHARED | MS_REC, NULL);
}

int clinux_unmount(const char *target)
{
	return umount2(target, MNT_DETACH);
}

int clinux_is_namespace_file(const char *path)
{
	struct statfs status;

	return !statfs(path, &status) && status.f_type == NSFS_MAGIC;
}

int clinux_is_network_namespace(int descriptor)
{
	struct statfs status;

	/* Another file's ioctl of that number may do anything: ask only nsfs. */
	return !fstatfs(descriptor, &status) && status.f_type == NSFS_MAGIC &&
	       ioctl(descriptor, NS_GET_NSTYPE) == CLONE_NEWNET;
}

const char *clinux_error_name(int number)
{
	return strerrorname_np(number);
}

unsigned long long clinux_effective_capabilities(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {0};

	if (syscall(SYS_capget, &header, data))
		return 0;
	return (unsigned long long)data[1].effective << 32 | data[0].effective;
}

long clinux_bpf(int command, void *attribute, unsigned size)
{
	return syscall(SYS_bpf, command, attribute, size);
}

/* Closes after a failure, whose errno stays. */
static int give_up(int descriptor)
{
	int cause = errno;

	close(descriptor);
	errno = cause;
	return -1;
}

int clinux_netlink_socket(int protocol)
{
	struct sockaddr_nl address = {.nl_family = AF_NETLINK};
	int one = 1, size = 1 << 20, descriptor = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);

	if (descriptor < 0)
		return -1;
	/* A socket without a port of its own gets no notifications (do_one_broadcast in af_netlink.c). */
	if (bind(descriptor, (struct sockaddr *)&address, sizeof(address)))
		return give_up(descriptor);
	/* Refinements all of them: an older kernel, or less privilege, does without. */
	setsockopt(descriptor, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one));
	setsockopt(descriptor, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one));
	/* Lets the kernel filter a dump by interface (Linux 4.20). */
	setsockopt(descriptor, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &one, sizeof(one));
	if (setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	return descriptor;
}

long clinux_netlink_pending(int descriptor)
{
	return recv(descriptor, NULL, 0, MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT);
}

int clinux_netlink_listen_to_all(int descriptor)
{
	int one = 1;

	return setsockopt(descriptor, SOL_NETLINK, NETLINK_LISTEN_ALL_NSID, &one, sizeof(one));
}

long clinux_netlink_receive(int descriptor, void *buffer, unsigned long size, unsigned *port,
			    unsigned *groups, int *namespace_id)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int)) * 2];
	struct iovec vector = {.iov_base = buffer, .iov_len = size};
	struct sockaddr_nl address = {0};
	struct msghdr message = {
		.msg_name = &address,
		.msg_namelen = sizeof(address),
		.msg_iov = &vector,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	long count = recvmsg(descriptor, &message, MSG_DONTWAIT);

	*port = address.nl_pid;
	*groups = address.nl_groups;
	*namespace_id = -1;
	if (count < 0)
		return count;
	for (struct cmsghdr *part = CMSG_FIRSTHDR(&message); part; part = CMSG_NXTHDR(&message, part))
		if (part->cmsg_level == SOL_NETLINK && part->cmsg_type == NETLINK_LISTEN_ALL_NSID &&
		    part->cmsg_len >= CMSG_LEN(sizeof(int)))
			memcpy(namespace_id, CMSG_DATA(part), sizeof(int));
	return count;
}

int clinux_stay_on_cpu(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set);
}

int clinux_packet_socket(int ifindex)
{
	struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_ifindex = ifindex};
	int descriptor = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	if (descriptor < 0)
		return -1;
	if (bind(descriptor, (struct sockaddr *)&address, sizeof(address)))
		return give_up(descriptor);
	return descriptor;
}

int clinux_send_frames(int descriptor, const unsigned char *frames, unsigned length, unsigned count)
{
	struct mmsghdr messages[64];
	struct iovec vectors[64];

	if (count > 64)
		count = 64;
	memset(messages, 0, sizeof(messages));
	for (unsigned i = 0; i < count; i++) {
		vectors[i].iov_base = (void *)(frames + (size_t)i * length);
		vectors[i].iov_len = length;
		messages[i].msg_hdr.msg_iov = &vectors[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	return sendmmsg(descriptor, messages, count, 0);
}

/* Fills in an address and returns its length; 0 for one of another length. */
static socklen_t fill_address(struct sockaddr_storage *storage, const unsigned char *address, int length,
			      unsigned short port, unsigned scope)
{
	struct sockaddr_in *four = (struct sockaddr_in *)storage;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)storage;

	memset(storage, 0, sizeof(*storage));
	if (length == 4) {
		four->sin_family = AF_INET;
		four->sin_port = htons(port);
		memcpy(&four->sin_addr, address, 4);
		return sizeof(*four);
	}
	six->sin6_family = AF_INET6;
	six->sin6_port = htons(port);
	six->sin6_scope_id = scope;
	memcpy(&six->sin6_addr, address, 16);
	return sizeof(*six);
}

int clinux_probe_socket(int kind, const unsigned char *source, const unsigned char *target, int length,
			unsigned short port, unsigned scope)
{
	int is_four = length == 4, one = 1, discover = is_four ? IP_PMTUDISC_DO : IPV6_PMTUDISC_DO;
	int protocol = kind != SOCK_RAW ? 0 : is_four ? IPPROTO_ICMP : IPPROTO_ICMPV6;
	int descriptor =
		socket(is_four ? AF_INET : AF_INET6, kind | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
	struct sockaddr_storage address;
	socklen_t size;

	if (descriptor < 0)
		return -1;
	setsockopt(descriptor, is_four ? IPPROTO_IP : IPPROTO_IPV6, is_four ? IP_RECVERR : IPV6_RECVERR, &one,
		   sizeof(one));
	setsockopt(descriptor, is_four ? IPPROTO_IP : IPPROTO_IPV6,
		   is_four ? IP_MTU_DISCOVER : IPV6_MTU_DISCOVER, &discover, sizeof(discover));
	if (source) {
		size = fill_address(&address, source, length, 0, scope);
		if (bind(descriptor, (struct sockaddr *)&address, size))
			return give_up(descriptor);
	}
	size = fill_address(&address, target, length, kind == SOCK_RAW ? 0 : port, scope);
	if (connect(descriptor, (struct sockaddr *)&address, size) && errno != EINPROGRESS)
		return give_up(descriptor);
	return descriptor;
}

int clinux_path_mtu(int descriptor, int is_four)
{
	int mtu = -1;
	socklen_t size = sizeof(mtu);

	if (getsockopt(descriptor, is_four ? IPPROTO_IP : IPPROTO_IPV6, is_four ? IP_MTU : IPV6_MTU, &mtu,
		       &size))
		return -1;
	return mtu;
}

int clinux_take_delivery_error(int descriptor, struct clinux_delivery_error *error)
{
	_Alignas(struct cmsghdr) char control[512];
	char packet[256];
	struct iovec vector = {.iov_base = packet, .iov_len = sizeof(packet)};
	struct msghdr message = {
		.msg_iov = &vector,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct sock_extended_err extended;
	ssize_t length = recvmsg(descriptor, &message, MSG_ERRQUEUE | MSG_DONTWAIT);

	if (length < 0)
		return -1;
	error->length = length < (ssize_t)sizeof(error->head) ? length : sizeof(error->head);
	memcpy(error->head, packet, error->length);
	for (struct cmsghdr *part = CMSG_FIRSTHDR(&message); part; part = CMSG_NXTHDR(&message, part)) {
		int is_four = part->cmsg_level == IPPROTO_IP && part->cmsg_type == IP_RECVERR;
		int is_six = part->cmsg_level == IPPROTO_IPV6 && part->cmsg_type == IPV6_RECVERR;

		if ((!is_four && !is_six) || part->cmsg_len < CMSG_LEN(sizeof(extended)))
			continue;
		memcpy(&extended, CMSG_DATA(part), sizeof(extended));
		error->error = (int)extended.ee_errno;
		error->is_icmp = extended.ee_origin == SO_EE_ORIGIN_ICMP ||
				 extended.ee_origin == SO_EE_ORIGIN_ICMP6;
		error->type = extended.ee_type;
		error->code = extended.ee_code;
		error->mtu = extended.ee_errno == EMSGSIZE ? extended.ee_info : 0;
		return 0;
	}
	errno = EAGAIN;
	return -1;
}

/* Hands a request to an interface's driver. */
static int ethtool(const char *interface, void *request)
{
	struct ifreq ask = {0};
	int descriptor, status, cause;

	if (strlen(interface) >= sizeof(ask.ifr_name)) {
		errno = EINVAL;
		return -1;
	}
	strcpy(ask.ifr_name, interface);
	ask.ifr_data = request;
	descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (descriptor < 0)
		return -1;
	status = ioctl(descriptor, SIOCETHTOOL, &ask);
	cause = errno;
	close(descriptor);
	errno = cause;
	return status < 0 ? -1 : 0;
}

int clinux_driver(const char *interface, char *driver, char *bus)
{
	struct ethtool_drvinfo information = {.cmd = ETHTOOL_GDRVINFO};

	if (ethtool(interface, &information))
		return -1;
	memcpy(driver, information.driver, 31);
	driver[31] = 0;
	memcpy(bus, information.bus_info, 31);
	bus[31] = 0;
	return 0;
}

int clinux_active_features(const char *interface, char *names, unsigned long size)
{
	/* The kernel has fewer than 128 features (NETDEV_FEATURE_COUNT in include/linux/netdev_features.h). */
	enum { MOST = 128 };
	/* The kernel writes behind the heads. */
	union {
		struct ethtool_sset_info head;
		char room[sizeof(struct ethtool_sset_info) + sizeof(__u32)];
	} count = {.head = {.cmd = ETHTOOL_GSSET_INFO, .sset_mask = 1ULL << ETH_SS_FEATURES}};
	union {
		struct ethtool_gfeatures head;
		char room[sizeof(struct ethtool_gfeatures) + MOST / 32 * sizeof(struct ethtool_get_features_block)];
	} features = {.head = {.cmd = ETHTOOL_GFEATURES}};
	union {
		struct ethtool_gstrings head;
		char room[sizeof(struct ethtool_gstrings) + MOST * ETH_GSTRING_LEN];
	} strings = {.head = {.cmd = ETHTOOL_GSTRINGS, .string_set = ETH_SS_FEATURES}};
	unsigned long used = 0;
	unsigned index;

	if (!size || ethtool(interface, &count))
		return -1;
	if (!count.head.sset_mask || count.head.data[0] > MOST) {
		errno = EOPNOTSUPP;
		return -1;
	}
	strings.head.len = count.head.data[0];
	features.head.size = (count.head.data[0] + 31) / 32;
	if (ethtool(interface, &strings) || ethtool(interface, &features))
		return -1;
	names[0] = 0;
	for (index = 0; index < count.head.data[0]; index++) {
		const char *name = (const char *)strings.head.data + index * ETH_GSTRING_LEN;
		unsigned long length = strnlen(name, ETH_GSTRING_LEN);

		if (!(features.head.features[index / 32].active & 1U << index % 32) || !length)
			continue;
		if (used + length + 2 > size) {
			errno = ENOSPC;
			return -1;
		}
		memcpy(names + used, name, length);
		used += length;
		names[used++] = '\n';
		names[used] = 0;
	}
	return 0;
}
