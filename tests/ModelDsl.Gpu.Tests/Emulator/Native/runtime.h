// What the emulated driver and a compiled kernel module know of each other: the driver gives a module this table when it
// loads it. Stands before every kernel source too, so it needs no standard header.
#pragma once

namespace emulator
{

struct Index { unsigned x, y, z; };

// A collective's work, done once by the last lane that comes: arguments[i] is what lane i gave (null where that lane takes
// no part); it lies on that lane's stack and gets its result.
using Operation = void (*)(void* const* arguments, unsigned lanes);

struct Runtime
{
    // The thread that runs now, its number in the block, and the grid it belongs to.
    Index thread, block, block_size, grid_size;
    unsigned linear;

    // Counts the blocks that have run, so that what is kept per block can be seen to be old.
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

    // Named barrier `id` (0 is the block's): completes when `threads` threads have come (0: all of the block).
    void (*barrier)(unsigned id, unsigned threads, bool wait);

    // What instructions beside the threads (wgmma) see of on-chip memory is a copy: the writes that a thread makes known by
    // fence_async are in it from the next completed barrier on. publish() is for barriers that a module itself completes;
    // async_view is that copy's place of an address.
    void (*fence_async)();
    void (*publish)();
    const unsigned char* (*async_view)(const unsigned char* address);

    // Lets the other threads run: for loops that wait for what another thread writes.
    void (*yield)();

    // A place where the hardware may run other warps first: does so in shuffled schedules.
    void (*preempt)();

    // Ends the launch with an error of the driver and a reason.
    void (*fail)(int code, const char* reason);
};

// What a module exports for each kernel, as emulator_kernel_<name>.
struct Kernel
{
    void (*call)(void** arguments);
    unsigned parameters;
    const unsigned* sizes;      // bytes of each parameter
    const bool* pointers;       // whether it is a pointer
    unsigned max_threads;       // of __launch_bounds__, or 0
};

}
