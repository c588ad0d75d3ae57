// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The programs of frames.bpf.c for kernels on which two frames can meet on one CPU (PREEMPT_RT). */
#define PREEMPTIBLE 1
#include "frames.bpf.c"
