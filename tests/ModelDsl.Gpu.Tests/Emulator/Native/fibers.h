// Runs a grid: block after block on the calling thread, each thread of a block a fiber with a stack of its own, changed at
// barriers and collectives alone.
#pragma once
#include "runtime.h"
#include <string>

namespace emulator
{

// The order in which threads run between two waits: 0 from the first up, 1 from the last down, other: shuffled with this
// seed, and some warps stand still for a while. A kernel that lacks a barrier gives another result in another order.
extern unsigned schedule;

// Seconds of the processor's time that a grid may take.
extern double time_limit;

// 0, or the driver's error; `reason` then says what happened, of which thread of which block.
int run_grid(const char* name, const Kernel& kernel, void (*attach)(Runtime*), unsigned char* static_shared, unsigned static_bytes,
    void** arguments, Index grid, Index block, unsigned dynamic_bytes, std::string& reason);

}
