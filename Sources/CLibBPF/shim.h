/* SPDX-License-Identifier: Apache-2.0 */
/* libbpf as Swift can call it: variadics, options structs and macros wrapped, newer constants named. */
#pragma once
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Linux 6.6; enum bpf_attach_type of a header that does not know them yet. */
enum clibbpf_attach_type { CLIBBPF_TCX_INGRESS = 46, CLIBBPF_TCX_EGRESS = 47 };

/* Where libbpf's messages on this thread go: verifier logs, of up to 16 MiB, and what went wrong. */
static inline FILE **clibbpf_log(void)
{
	static __thread FILE *log;

	return &log;
}

static inline int clibbpf_collect(enum libbpf_print_level level, const char *format, va_list arguments)
{
	FILE *log = *clibbpf_log();

	return level == LIBBPF_DEBUG || !log ? 0 : vfprintf(log, format, arguments);
}

/* From here on, libbpf's messages on this thread go to `log`; NULL: nowhere. */
static inline void clibbpf_collect_log(FILE *log)
{
	*clibbpf_log() = log;
	libbpf_set_print(clibbpf_collect);
}

static inline struct bpf_object *clibbpf_open(const void *bytes, size_t size, const char *name)
{
	LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = name);

	return bpf_object__open_mem(bytes, size, &options);
}

/* One run of a program on a packet, or `repeat` of them. Returns 0 or -errno. */
static inline int clibbpf_test_run(int program, const void *packet, unsigned packet_size, void *packet_out,
				   unsigned *packet_out_size, void *context, unsigned context_size, int repeat,
				   unsigned *return_value, unsigned *duration)
{
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = packet, .data_size_in = packet_size,
		    .data_out = packet_out, .data_size_out = packet_out ? *packet_out_size : 0, .ctx_in = context,
		    .ctx_size_in = context_size, .ctx_out = context, .ctx_size_out = context_size, .repeat = repeat);
	int result = bpf_prog_test_run_opts(program, &options);

	if (packet_out)
		*packet_out_size = options.data_size_out;
	*return_value = options.retval;
	*duration = options.duration;
	return result;
}

/* Runs of an XDP program whose frames go where its verdict says, as if they had come in at an interface of this
 * thread's namespace. Returns 0 or -errno. */
static inline int clibbpf_run_live(int program, const void *packet, unsigned packet_size, unsigned ifindex,
				   int repeat)
{
	struct xdp_md context = {.data_end = packet_size, .ingress_ifindex = ifindex};
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = packet, .data_size_in = packet_size,
		    .ctx_in = &context, .ctx_size_in = sizeof(context), .repeat = repeat,
		    .flags = BPF_F_TEST_XDP_LIVE_FRAMES);

	return bpf_prog_test_run_opts(program, &options);
}

/* The ids of the programs at a TCX or other device hook of this thread's namespace. Returns 0 or -errno. */
static inline int clibbpf_query(int ifindex, int attach_type, unsigned *ids, unsigned *count)
{
	unsigned flags = 0;

	return bpf_prog_query(ifindex, (enum bpf_attach_type)attach_type, 0, &flags, ids, count);
}

/* Information about a program; run_time_ns and run_cnt need statistics enabled. Returns 0 or -errno. */
static inline int clibbpf_program_info(int program, struct bpf_prog_info *info)
{
	unsigned length = sizeof(*info);

	memset(info, 0, sizeof(*info));
	return bpf_obj_get_info_by_fd(program, info, &length);
}

static inline int clibbpf_map_info(int map, struct bpf_map_info *info)
{
	unsigned length = sizeof(*info);

	memset(info, 0, sizeof(*info));
	return bpf_obj_get_info_by_fd(map, info, &length);
}

static inline int clibbpf_map_create(enum bpf_map_type type, const char *name, unsigned key_size,
				     unsigned value_size, unsigned max_entries, unsigned flags)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = flags);

	return bpf_map_create(type, name, key_size, value_size, max_entries, &options);
}

/* An array of one map, of the kind of `inner`. Returns a descriptor or -errno. */
static inline int clibbpf_map_of_maps_create(const char *name, int inner)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .inner_map_fd = (unsigned)inner);

	return bpf_map_create(BPF_MAP_TYPE_ARRAY_OF_MAPS, name, sizeof(__u32), sizeof(__u32), 1, &options);
}

static inline int clibbpf_lookup_batch(int map, void *in, void *out, void *keys, void *values, unsigned *count)
{
	LIBBPF_OPTS(bpf_map_batch_opts, options);

	return bpf_map_lookup_batch(map, in, out, keys, values, count, &options);
}

static inline int clibbpf_update_batch(int map, const void *keys, const void *values, unsigned *count)
{
	LIBBPF_OPTS(bpf_map_batch_opts, options);

	return bpf_map_update_batch(map, keys, values, count, &options);
}

static inline int clibbpf_delete_batch(int map, const void *keys, unsigned *count)
{
	LIBBPF_OPTS(bpf_map_batch_opts, options);

	return bpf_map_delete_batch(map, keys, count, &options);
}

static inline struct bpf_insn clibbpf_instruction(unsigned code, unsigned destination, unsigned source, int offset,
						   int immediate)
{
	return (struct bpf_insn){ .code = (unsigned char)code,
				  .dst_reg = destination & 15,
				  .src_reg = source & 15,
				  .off = (short)offset,
				  .imm = immediate };
}

/* Loads instructions as a tc program; the verifier's log goes to `log`, if any. Returns a descriptor or -errno. */
static inline int clibbpf_load(const char *name, const struct bpf_insn *instructions, size_t count, char *log,
			       size_t log_size)
{
	LIBBPF_OPTS(bpf_prog_load_opts, options, .log_buf = log, .log_size = (unsigned)log_size,
		    .log_level = log ? 1 : 0);

	return bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, name, "Dual BSD/GPL", instructions, count, &options);
}

/* Flags of a TCX attachment's place: those of include/uapi/linux/bpf.h of Linux 6.6. */
enum clibbpf_place { CLIBBPF_BEFORE = 1 << 3, CLIBBPF_AFTER = 1 << 4, CLIBBPF_ID = 1 << 5 };

/*
 * Makes a TCX link, in the order that `flags` and `relative_id` say. libbpf knows it since 1.3; the layout is
 * that of union bpf_attr of Linux 6.6. Returns a descriptor or -errno.
 */
static inline int clibbpf_attach_tcx(int program, int ifindex, unsigned attach_type, unsigned flags,
				     unsigned relative_id)
{
	struct {
		__u32 program, ifindex, attach_type, flags, relative_id, unused;
		__u64 expected_revision;
	} attribute = { program, ifindex, attach_type, flags, relative_id, 0, 0 };
	long result = syscall(SYS_bpf, BPF_LINK_CREATE, &attribute, sizeof(attribute));

	return result < 0 ? -errno : (int)result;
}

static inline int clibbpf_link_info(int link, struct bpf_link_info *info)
{
	unsigned length = sizeof(*info);

	memset(info, 0, sizeof(*info));
	return bpf_obj_get_info_by_fd(link, info, &length);
}

/* Where a tc filter goes: a side of an interface of the calling thread's network namespace. */
static inline struct bpf_tc_hook clibbpf_tc_hook(int ifindex, int is_egress)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = ifindex,
		    .attach_point = is_egress ? BPF_TC_EGRESS : BPF_TC_INGRESS);
	return hook;
}

/* Makes the interface's clsact, if it has none. Returns 0 or -errno. */
static inline int clibbpf_tc_prepare(int ifindex, int is_egress)
{
	struct bpf_tc_hook hook = clibbpf_tc_hook(ifindex, is_egress);
	int result = bpf_tc_hook_create(&hook);

	return result == -EEXIST ? 0 : result;
}

/* Adds a filter in direct action mode. Priority and handle are chosen by the kernel where they are 0, and given
 * back. Returns 0 or -errno. */
static inline int clibbpf_tc_attach(int program, int ifindex, int is_egress, unsigned *priority, unsigned *handle)
{
	struct bpf_tc_hook hook = clibbpf_tc_hook(ifindex, is_egress);
	LIBBPF_OPTS(bpf_tc_opts, options, .prog_fd = program, .priority = *priority, .handle = *handle);
	int result = bpf_tc_attach(&hook, &options);

	*priority = options.priority;
	*handle = options.handle;
	return result;
}

/* Removes a filter. Returns 0 or -errno. */
static inline int clibbpf_tc_detach(int ifindex, int is_egress, unsigned priority, unsigned handle)
{
	struct bpf_tc_hook hook = clibbpf_tc_hook(ifindex, is_egress);
	LIBBPF_OPTS(bpf_tc_opts, options, .priority = priority, .handle = handle);

	return bpf_tc_detach(&hook, &options);
}

/* Positions of a ring buffer, shared with the kernel. */
static inline unsigned long clibbpf_load_acquire(const unsigned long *position)
{
	return __atomic_load_n(position, __ATOMIC_ACQUIRE);
}

static inline unsigned clibbpf_load_acquire32(const unsigned *word)
{
	return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

static inline void clibbpf_store_release(unsigned long *position, unsigned long value)
{
	__atomic_store_n(position, value, __ATOMIC_RELEASE);
}

/* A word of an array that programs read and write meanwhile. */
static inline void clibbpf_store_release64(__u64 *word, __u64 value)
{
	__atomic_store_n(word, value, __ATOMIC_RELEASE);
}
