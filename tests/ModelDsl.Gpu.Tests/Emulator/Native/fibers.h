// Runs a grid: block after block on the calling thread, each thread of a block as a fiber with its own stack, switched only at
// barriers and collectives.
#pragma once
#include "runtime.h"
#include <string>

namespace emulator
{

// The order in which threads run between two waits: 0 ascending, 1 descending, other: shuffled with this
// seed, and some warps pause for a while. A kernel that lacks a barrier gives another result in another order.
extern unsigned schedule;

// CPU seconds that a grid may take.
extern double time_limit;

// Returns 0, or the driver's error; `reason` then says what happened in which thread of which block.
int run_grid(const char* name, const Kernel& kernel, void (*attach)(Runtime*), unsigned char* static_shared, unsigned static_bytes,
    void** arguments, Index grid, Index block, unsigned dynamic_bytes, std::string& reason);

}
