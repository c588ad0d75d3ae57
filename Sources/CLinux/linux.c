/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "CLinux.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
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
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/vfs.h>
#include <sys/wait.h>
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
	/* include/linux/errno.h of the kernel, which user space should never see and does. */
	return number == 524 ? "ENOTSUPP" : strerrorname_np(number);
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
	int descriptor = socket(is_four ? AF_INET : AF_INET6, kind | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
	struct sockaddr_storage address;
	socklen_t size;

	if (descriptor < 0)
		return -2;
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
		error->is_icmp =
			extended.ee_origin == SO_EE_ORIGIN_ICMP || extended.ee_origin == SO_EE_ORIGIN_ICMP6;
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
	/* The kernel has fewer than 128 features (NETDEV_FEATURE_COUNT in include/linux/netdev_features.h).
	 */
	enum { MOST = 128 };
	/* The kernel writes behind the heads. */
	union {
		struct ethtool_sset_info head;
		char room[sizeof(struct ethtool_sset_info) + sizeof(__u32)];
	} count = {.head = {.cmd = ETHTOOL_GSSET_INFO, .sset_mask = 1ULL << ETH_SS_FEATURES}};
	union {
		struct ethtool_gfeatures head;
		char room[sizeof(struct ethtool_gfeatures) +
			  MOST / 32 * sizeof(struct ethtool_get_features_block)];
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

int clinux_spawn(const char *path, char *const arguments[], int output, int network)
{
	pid_t parent = getpid(), pid;
	int status, channel[2];
	sigset_t none;
	ssize_t count;

	/* Closed by a successful exec, else it brings the errno. */
	if (pipe2(channel, O_CLOEXEC))
		return -1;
	sigemptyset(&none);
	pid = fork();
	if (pid < 0) {
		close(channel[1]);
		return give_up(channel[0]);
	}
	if (!pid) {
		/* Only calls that are safe after fork(2) in a process with threads. */
		setpgid(0, 0);
		sigprocmask(SIG_SETMASK, &none, NULL);
		signal(SIGPIPE, SIG_DFL);
		if (!prctl(PR_SET_PDEATHSIG, SIGKILL) && getppid() == parent &&
		    (network < 0 || !setns(network, CLONE_NEWNET)) && dup2(output, 1) == 1) {
			int nothing = open("/dev/null", O_RDWR);

			dup2(nothing, 0);
			dup2(nothing, 2);
			execv(path, arguments);
		}
		status = errno;
		count = write(channel[1], &status, sizeof(status));
		_exit(count == sizeof(status) ? 127 : 126);
	}
	close(channel[1]);
	do
		count = read(channel[0], &status, sizeof(status));
	while (count < 0 && errno == EINTR);
	close(channel[0]);
	if (count != sizeof(status))
		return pid;
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	errno = status;
	return -1;
}

/* A datagram socket that holds what comes while its reader does not run, and never cuts packets. */
static int load_socket(int kind, int length, unsigned patience)
{
	int is_four = length == 4, one = 1, size = 4 << 20,
	    discover = is_four ? IP_PMTUDISC_DO : IPV6_PMTUDISC_DO;
	struct timeval wait = {.tv_sec = patience / 1000, .tv_usec = patience % 1000 * 1000};
	int descriptor = socket(is_four ? AF_INET : AF_INET6, kind | SOCK_CLOEXEC, 0);

	if (descriptor < 0)
		return -1;
	setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	if (kind == SOCK_STREAM) {
		setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
		setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
		return descriptor;
	}
	if (setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (setsockopt(descriptor, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)))
		setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	setsockopt(descriptor, is_four ? IPPROTO_IP : IPPROTO_IPV6,
		   is_four ? IP_MTU_DISCOVER : IPV6_MTU_DISCOVER, &discover, sizeof(discover));
	return descriptor;
}

int clinux_bound_socket(int kind, const unsigned char *address, int length, unsigned short port,
			unsigned scope, unsigned patience)
{
	struct sockaddr_storage own;
	socklen_t size = fill_address(&own, address, length, port, scope);
	int descriptor = load_socket(kind, length, patience);

	if (descriptor < 0)
		return -1;
	if (bind(descriptor, (struct sockaddr *)&own, size) || (kind == SOCK_STREAM && listen(descriptor, 64)))
		return give_up(descriptor);
	return descriptor;
}

int clinux_connected_socket(int kind, const unsigned char *source, const unsigned char *address, int length,
			    unsigned short port, unsigned scope, unsigned patience)
{
	struct sockaddr_storage other;
	int descriptor = load_socket(kind, length, patience);
	socklen_t size;

	if (descriptor < 0)
		return -1;
	if (source) {
		size = fill_address(&other, source, length, 0, scope);
		if (bind(descriptor, (struct sockaddr *)&other, size))
			return give_up(descriptor);
	}
	size = fill_address(&other, address, length, port, scope);
	if (connect(descriptor, (struct sockaddr *)&other, size))
		return give_up(descriptor);
	return descriptor;
}

int clinux_accept(int listening, unsigned patience, unsigned char *address, int *length)
{
	struct timeval wait = {.tv_sec = patience / 1000, .tv_usec = patience % 1000 * 1000};
	int descriptor = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
	struct sockaddr_storage own;
	struct sockaddr_in *four = (struct sockaddr_in *)&own;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)&own;
	socklen_t size = sizeof(own);

	if (descriptor < 0)
		return -1;
	if (getsockname(descriptor, (struct sockaddr *)&own, &size) ||
	    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) ||
	    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait)))
		return give_up(descriptor);
	if (own.ss_family == AF_INET) {
		*length = 4;
		memcpy(address, &four->sin_addr, 4);
	} else if (IN6_IS_ADDR_V4MAPPED(&six->sin6_addr)) {
		*length = 4;
		memcpy(address, (const unsigned char *)&six->sin6_addr + 12, 4);
	} else {
		*length = 16;
		memcpy(address, &six->sin6_addr, 16);
	}
	return descriptor;
}

int clinux_local_port(int descriptor)
{
	struct sockaddr_storage own;
	socklen_t size = sizeof(own);

	if (getsockname(descriptor, (struct sockaddr *)&own, &size))
		return -1;
	/* The port stands at the same place in both families. */
	return ntohs(((struct sockaddr_in *)&own)->sin_port);
}

static unsigned long long clock_now(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return (unsigned long long)time.tv_sec * 1000000000ULL + (unsigned long long)time.tv_nsec;
}

enum { LOAD_BATCH = 64, LARGEST_DATAGRAM = 9000 };

/* As many headers, all for one buffer. */
struct load_batch {
	struct mmsghdr messages[LOAD_BATCH];
	struct iovec vector;
};

static void prepare_batch(struct load_batch *batch, void *buffer, unsigned length)
{
	memset(batch, 0, sizeof(*batch));
	batch->vector.iov_base = buffer;
	batch->vector.iov_len = length;
	for (unsigned i = 0; i < LOAD_BATCH; i++) {
		batch->messages[i].msg_hdr.msg_iov = &batch->vector;
		batch->messages[i].msg_hdr.msg_iovlen = 1;
	}
}

void clinux_send_load(int descriptor, unsigned length, double rate, unsigned long long nanoseconds,
		      const volatile int *is_ending, struct clinux_load *load)
{
	static const unsigned long long most_behind = 2000000;
	static const unsigned char payload[LARGEST_DATAGRAM];
	/* A burst is what half a millisecond brings: the clock is not asked, and nobody woken, for each
	 * frame. */
	unsigned burst = rate <= 0 || rate > LOAD_BATCH * 2000.0 ? LOAD_BATCH : rate < 2000 ? 1 : rate / 2000;
	unsigned long long cpu = clock_now(CLOCK_THREAD_CPUTIME_ID), start = clock_now(CLOCK_MONOTONIC);
	unsigned long long now = start, due = start, interval = rate > 0 ? burst * 1e9 / rate : 0;
	struct load_batch batch;

	memset(load, 0, sizeof(*load));
	if (length > LARGEST_DATAGRAM) {
		load->error = EMSGSIZE;
		return;
	}
	prepare_batch(&batch, (void *)payload, length);
	while (!*is_ending && now - start < nanoseconds) {
		int sent;

		if (interval && due > now) {
			struct timespec until = {.tv_sec = due / 1000000000ULL,
						 .tv_nsec = due % 1000000000ULL};

			clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
		}
		sent = sendmmsg(descriptor, batch.messages, burst, 0);
		if (sent > 0) {
			load->frames += sent;
		} else if (errno != ECONNREFUSED && errno != EINTR && errno != EAGAIN && errno != ENOBUFS) {
			load->error = errno;
			break;
		}
		now = clock_now(CLOCK_MONOTONIC);
		due += interval;
		if (interval && now > due + most_behind)
			due = now - most_behind;
	}
	load->nanoseconds = clock_now(CLOCK_MONOTONIC) - start;
	load->cpu_nanoseconds = clock_now(CLOCK_THREAD_CPUTIME_ID) - cpu;
}

void clinux_receive_load(int descriptor, const volatile int *is_ending, struct clinux_load *load)
{
	unsigned long long cpu = clock_now(CLOCK_THREAD_CPUTIME_ID), start = clock_now(CLOCK_MONOTONIC);
	unsigned char buffer[64];
	struct load_batch batch;

	memset(load, 0, sizeof(*load));
	prepare_batch(&batch, buffer, sizeof(buffer));
	for (;;) {
		int count = recvmmsg(descriptor, batch.messages, LOAD_BATCH, MSG_WAITFORONE, NULL);

		if (count > 0) {
			load->frames += count;
		} else if (count < 0 && errno != EAGAIN && errno != EINTR && errno != ECONNREFUSED) {
			load->error = errno;
			break;
		} else if (*is_ending) {
			break;
		}
	}
	load->nanoseconds = clock_now(CLOCK_MONOTONIC) - start;
	load->cpu_nanoseconds = clock_now(CLOCK_THREAD_CPUTIME_ID) - cpu;
}

void clinux_echo(int descriptor, const volatile int *is_ending)
{
	unsigned char buffer[LARGEST_DATAGRAM];
	struct sockaddr_storage sender;

	while (!*is_ending) {
		socklen_t size = sizeof(sender);
		ssize_t count =
			recvfrom(descriptor, buffer, sizeof(buffer), 0, (struct sockaddr *)&sender, &size);

		if (count >= 0)
			sendto(descriptor, buffer, count, MSG_DONTWAIT, (struct sockaddr *)&sender, size);
		else if (errno != EAGAIN && errno != EINTR)
			break;
	}
}

long long clinux_round_trip(int descriptor, unsigned length, unsigned long long number)
{
	unsigned char buffer[LARGEST_DATAGRAM];
	unsigned long long start, answer = 0;

	if (length < sizeof(number) || length > sizeof(buffer)) {
		errno = EMSGSIZE;
		return -1;
	}
	memset(buffer, 0, length);
	memcpy(buffer, &number, sizeof(number));
	start = clock_now(CLOCK_MONOTONIC);
	if (send(descriptor, buffer, length, MSG_NOSIGNAL) < 0)
		return -1;
	for (;;) {
		ssize_t count = recv(descriptor, buffer, sizeof(buffer), 0);

		if (count < 0 && errno != EINTR)
			return -1;
		if (count < (ssize_t)sizeof(answer))
			continue;
		memcpy(&answer, buffer, sizeof(answer));
		/* An echo that was given up comes late. */
		if (answer == number)
			return (long long)(clock_now(CLOCK_MONOTONIC) - start);
	}
}
