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

/* The text that libbpf printed on this thread since the last clear: verifier logs, and what went wrong. */
#define CLIBBPF_LOG_SIZE (256 * 1024)
struct clibbpf_log {
	char *text;
	size_t length;
};

/* In a function, so that a copy of it is made where it is used. */
static inline struct clibbpf_log *clibbpf_log(void)
{
	static __thread struct clibbpf_log log;

	return &log;
}

static inline int clibbpf_collect(enum libbpf_print_level level, const char *format, va_list arguments)
{
	struct clibbpf_log *log = clibbpf_log();
	size_t room = CLIBBPF_LOG_SIZE - log->length;
	int written;

	if (level == LIBBPF_DEBUG || !log->text)
		return 0;
	written = vsnprintf(log->text + log->length, room, format, arguments);
	if (written > 0)
		log->length += (size_t)written < room ? (size_t)written : room - 1;
	return 0;
}

/* From here on, libbpf's messages on this thread go to `buffer` (CLIBBPF_LOG_SIZE octets); NULL: nowhere. */
static inline void clibbpf_collect_log(char *buffer)
{
	struct clibbpf_log *log = clibbpf_log();

	log->text = buffer;
	log->length = 0;
	if (buffer)
		buffer[0] = 0;
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

static inline int clibbpf_lookup_batch(int map, void *in, void *out, void *keys, void *values, unsigned *count)
{
	LIBBPF_OPTS(bpf_map_batch_opts, options);

	return bpf_map_lookup_batch(map, in, out, keys, values, count, &options);
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

/* Loads instructions as a tc program. Returns a descriptor or -errno. */
static inline int clibbpf_load(const char *name, const struct bpf_insn *instructions, size_t count)
{
	return bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, name, "Dual BSD/GPL", instructions, count, NULL);
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
