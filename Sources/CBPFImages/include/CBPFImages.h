/* SPDX-License-Identifier: Apache-2.0 */
/* The compiled BPF objects, as part of the binary. */
#pragma once
#include <stddef.h>

struct bpf_image {
	const unsigned char *bytes;
	size_t size;
};

/* bpf/frames.bpf.c */
struct bpf_image bpf_image_frames(void);
/* bpf/frames_preemptible.bpf.c */
struct bpf_image bpf_image_frames_preemptible(void);
/* bpf/drops.bpf.c */
struct bpf_image bpf_image_drops(void);
/* bpf/neighbors.bpf.c */
struct bpf_image bpf_image_neighbors(void);
