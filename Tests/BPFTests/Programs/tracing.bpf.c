// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Counts the test runs that a process makes, at the tracepoint at the end of each. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

const volatile __u32 watched_process = 0;
__u64 test_runs;
__s32 last_error;

SEC("tp_btf/bpf_test_finish")
int test_finished(__u64 *arguments)
{
	__u64 error;

	if (bpf_get_current_pid_tgid() >> 32 != watched_process)
		return 0;
	test_runs++;
	/* Linux 5.10 lets no program load a pointer to an integer from its arguments. */
	bpf_probe_read_kernel(&error, sizeof(error), arguments);
	bpf_probe_read_kernel(&last_error, sizeof(last_error), (void *)error);
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
