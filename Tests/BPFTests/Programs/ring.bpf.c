// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Writers of a ring buffer: every test packet becomes a record of the same octets. */
#include <linux/bpf.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>

#define LONGEST 2048

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} records SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u8[LONGEST]);
} scratch SEC(".maps");

/* Records that found no room. */
__u64 lost;
/* What `hold` and user space tell each other. */
volatile __u32 holds, released, gave_up;

/* From 1 to LONGEST, as the verifier sees it; behind the barrier the compiler cannot know that it is so
 * already. */
static __always_inline __u32 bounded(__u32 length)
{
	asm volatile("" : "+r"(length));
	return ((length - 1) & (LONGEST - 1)) + 1;
}

SEC("tc")
int record(struct __sk_buff *skb)
{
	__u32 key = 0, length = skb->len;
	__u8 *bytes = bpf_map_lookup_elem(&scratch, &key);

	if (!bytes || length == 0 || length > LONGEST)
		return 2;
	length = bounded(length);
	if (bpf_skb_load_bytes(skb, 0, bytes, length))
		return 2;
	if (bpf_ringbuf_output(&records, bytes, length, 0) == 0)
		return 0;
	/* Relaxed: an older kernel has no other. */
	__atomic_fetch_add(&lost, 1, __ATOMIC_RELAXED);
	return 1;
}

SEC("tc")
int discard(struct __sk_buff *skb)
{
	void *room = bpf_ringbuf_reserve(&records, 40, 0);

	if (!room)
		return 1;
	bpf_ringbuf_discard(room, 0);
	return 0;
}

static long wait_once(__u32 index, void *context)
{
	return released ? 1 : 0;
}

static long wait_long(__u32 index, void *context)
{
	bpf_loop(1 << 20, wait_once, NULL, 0);
	return released ? 1 : 0;
}

/* Reserves a record, and submits it when user space says so, or after some seconds. */
SEC("tc")
int hold(struct __sk_buff *skb)
{
	__u8 *room = bpf_ringbuf_reserve(&records, 1, 0);

	if (!room)
		return 1;
	*room = 'H';
	holds = 1;
	bpf_loop(2000, wait_long, NULL, 0);
	if (!released)
		gave_up = 1;
	bpf_ringbuf_submit(room, 0);
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
