/* SPDX-License-Identifier: Apache-2.0 */
#include "CBPFImages.h"

#if !__has_embed("../../build/bpf/frames.bpf.o") || \
	!__has_embed("../../build/bpf/frames_preemptible.bpf.o") || !__has_embed("../../build/bpf/drops.bpf.o") || \
	!__has_embed("../../build/bpf/neighbors.bpf.o")
#error "the BPF objects are missing: run `make bpf` first (or `make build`, which builds everything)"
#else

static const unsigned char frames[] __attribute__((aligned(8))) = {
#embed "../../build/bpf/frames.bpf.o"
};
static const unsigned char frames_preemptible[] __attribute__((aligned(8))) = {
#embed "../../build/bpf/frames_preemptible.bpf.o"
};
static const unsigned char drops[] __attribute__((aligned(8))) = {
#embed "../../build/bpf/drops.bpf.o"
};
static const unsigned char neighbors[] __attribute__((aligned(8))) = {
#embed "../../build/bpf/neighbors.bpf.o"
};

struct bpf_image bpf_image_frames(void)
{
	return (struct bpf_image){ frames, sizeof(frames) };
}

struct bpf_image bpf_image_frames_preemptible(void)
{
	return (struct bpf_image){ frames_preemptible, sizeof(frames_preemptible) };
}

struct bpf_image bpf_image_drops(void)
{
	return (struct bpf_image){ drops, sizeof(drops) };
}

struct bpf_image bpf_image_neighbors(void)
{
	return (struct bpf_image){ neighbors, sizeof(neighbors) };
}

#endif
