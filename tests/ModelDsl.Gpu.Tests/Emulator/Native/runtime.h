// The interface between the emulated driver and a compiled kernel module: the driver gives a module this table when it
// loads it. It also precedes every kernel source, so it uses no standard header.
#pragma once

namespace emulator
{

struct Index { unsigned x, y, z; };

// A collective's work, done once by the last lane to arrive: arguments[i] is lane i's argument (null if that lane takes
// no part), on that lane's stack, and receives its result.
using Operation = void (*)(void* const* arguments, unsigned lanes);

struct Runtime
{
    // The current thread, its number in the block, and its grid.
    Index thread, block, block_size, grid_size;
    unsigned linear;

    // Counts the blocks that have run, to detect stale data of an earlier block.
    unsigned long long serial;

    // On-chip memory beyond what kernels declare, of this launch, aligned to 1024 bytes.
    unsigned char* dynamic_shared;
    unsigned dynamic_bytes;

    // On-chip memory that the module's kernels declare, all together.
    unsigned char* static_shared;
    unsigned static_bytes;

    // Waits until every lane of `mask` in the group of `width` consecutive threads (a warp: 32; a warp group: 128, of which
    // all take part) has called with the same name; then the operation is done once.
    void (*collective)(unsigned width, unsigned mask, const char* name, Operation operation, void* argument);

    // Named barrier `id` (0 is the block's): completes when `threads` threads have arrived (0: all of the block).
    void (*barrier)(unsigned id, unsigned threads, bool wait);

    // Asynchronous instructions (wgmma) see a copy of on-chip memory: the writes that a thread publishes by
    // fence_async are in it from the next completed barrier on. publish() is for barriers that the module itself completes;
    // async_view is an address's counterpart in that copy.
    void (*fence_async)();
    void (*publish)();
    const unsigned char* (*async_view)(const unsigned char* address);

    // Lets the other threads run: for loops that wait for what another thread writes.
    void (*yield)();

    // A point at which the hardware may run other warps first; shuffled schedules do.
    void (*preempt)();

    // Ends the launch with an error of the driver and a reason.
    void (*fail)(int code, const char* reason);
};

// A module's export for each kernel, emulator_kernel_<name>.
struct Kernel
{
    void (*call)(void** arguments);
    unsigned parameters;
    const unsigned* sizes;      // bytes of each parameter
    const bool* pointers;       // whether it is a pointer
    unsigned max_threads;       // of __launch_bounds__, or 0
};

}
