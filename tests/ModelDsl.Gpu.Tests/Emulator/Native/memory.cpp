// Device and pinned memory. Each allocation is a separate mapping that ends at a guard page, initially filled with 0xff (NaN);
// freed addresses stay unmapped until the next reset, so that a later access by a kernel or a copy is detected.
#include "emulator.h"
#include <cstring>
#include <sys/mman.h>

using namespace emulator;

namespace
{

constexpr size_t Page = 4096, Alignment = 256, MaxPoison = 64 << 20;

size_t up(size_t bytes, size_t to) { return (bytes + to - 1) / to * to; }

// [mapping: slack, the block, guard page]
Result map(std::map<uintptr_t, Block>& table, size_t bytes, uintptr_t* address)
{
    size_t body = up(bytes, Page), mapped = body + Page;
    void* p = mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED)
        return OutOfMemory;
    auto* mapping = (unsigned char*)p;
    mprotect(mapping + body, Page, PROT_NONE);
    *address = (uintptr_t)(mapping + body - up(bytes, Alignment));
    if (bytes <= MaxPoison)
        std::memset((void*)*address, 0xff, bytes);
    table[*address] = { bytes, mapping, mapped };
    return Success;
}

bool inside(const std::map<uintptr_t, Block>& table, uintptr_t address, size_t bytes)
{
    auto after = table.upper_bound(address);
    if (after == table.begin())
        return false;
    auto& [start, block] = *std::prev(after);
    return address + bytes <= start + block.bytes && address + bytes >= address;
}

void unmap(std::map<uintptr_t, Block>& table)
{
    for (auto& [address, block] : table)
        munmap(block.mapping, block.mapped);
    table.clear();
}

std::vector<Block> freed;

std::string hex(uintptr_t address)
{
    char text[32];
    snprintf(text, sizeof text, "0x%zx", (size_t)address);
    return text;
}

Result check(uintptr_t address, size_t bytes, const char* what)
{
    return bytes == 0 || is_device(address, bytes) || is_pinned(address, bytes) ? Success
        : break_context(IllegalAddress, std::string(what) + " of " + std::to_string(bytes) + " bytes at " + hex(address) + ", which no memory of the device has");
}

Result copy(void* stream, void* destination, const void* source, size_t bytes, bool check_destination, bool check_source)
{
    auto* queue = find_stream(stream);
    if (!queue)
        return InvalidHandle;
    return submit(queue, [=]
    {
        if (check_destination)
            if (auto bad = check((uintptr_t)destination, bytes, "a copy"))
                return bad;
        if (check_source)
            if (auto bad = check((uintptr_t)source, bytes, "a copy"))
                return bad;
        std::memmove(destination, source, bytes);
        return Success;
    });
}

Result fill(void* stream, uintptr_t destination, size_t count, unsigned value, size_t width)
{
    auto* queue = find_stream(stream);
    if (!queue)
        return InvalidHandle;
    return submit(queue, [=]
    {
        if (auto bad = check(destination, count * width, "a fill"))
            return bad;
        for (size_t i = 0; i < count; i++)
            std::memcpy((void*)(destination + i * width), &value, width);
        return Success;
    });
}

}

namespace emulator
{

bool is_device(uintptr_t address, size_t bytes) { return inside(state.memory, address, bytes); }
bool is_pinned(uintptr_t address, size_t bytes) { return inside(state.host, address, bytes); }

void release_memory()
{
    unmap(state.memory);
    unmap(state.host);
    for (auto& block : freed)
        munmap(block.mapping, block.mapped);
    freed.clear();
    state.used = 0;
}

}

EXPORT Result cuMemAlloc_v2(uintptr_t* address, size_t bytes)
{
    ENTER("cuMemAlloc_v2");
    if (!address || bytes == 0)
        return InvalidValue;
    if (capturing())
        return CaptureUnsupported;
    if (bytes > state.memory_bytes - state.used)
        return OutOfMemory;
    if (auto bad = map(state.memory, bytes, address))
        return bad;
    state.used += bytes;
    return Success;
}

EXPORT Result cuMemFree_v2(uintptr_t address)
{
    ENTER("cuMemFree_v2");
    if (address == 0)
        return Success;
    auto found = state.memory.find(address);
    if (found == state.memory.end())
        return InvalidValue;
    if (auto bad = drain_all())
        return bad;
    auto block = found->second;
    state.used -= block.bytes;
    state.memory.erase(found);
    // The address stays reserved, its pages do not.
    mmap(block.mapping, block.mapped, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
    freed.push_back(block);
    return Success;
}

EXPORT Result cuMemGetInfo_v2(size_t* free, size_t* total)
{
    ENTER("cuMemGetInfo_v2");
    *free = state.memory_bytes - state.used;
    *total = state.memory_bytes;
    return Success;
}

EXPORT Result cuMemHostAlloc(void** pointer, size_t bytes, unsigned)
{
    ENTER("cuMemHostAlloc");
    uintptr_t address = 0;
    if (auto bad = bytes ? map(state.host, bytes, &address) : InvalidValue)
        return bad;
    *pointer = (void*)address;
    return Success;
}

EXPORT Result cuMemFreeHost(void* pointer)
{
    ENTER("cuMemFreeHost");
    auto found = state.host.find((uintptr_t)pointer);
    if (found == state.host.end())
        return InvalidValue;
    if (auto bad = drain_all())
        return bad;
    munmap(found->second.mapping, found->second.mapped);
    state.host.erase(found);
    return Success;
}

// From pageable memory the source is copied before the call returns, as the driver stages it; in a capture, and from
// pinned memory, it is read when the copy runs.
EXPORT Result cuMemcpyHtoDAsync_v2(uintptr_t destination, const void* source, size_t bytes, void* stream)
{
    ENTER("cuMemcpyHtoDAsync_v2");
    auto* queue = find_stream(stream);
    if (!queue)
        return InvalidHandle;
    if (queue->capture || is_pinned((uintptr_t)source, bytes))
        return copy(stream, (void*)destination, source, bytes, true, false);
    auto staged = std::make_shared<std::vector<unsigned char>>((const unsigned char*)source, (const unsigned char*)source + bytes);
    return submit(queue, [=]
    {
        if (auto bad = check(destination, bytes, "a copy"))
            return bad;
        std::memcpy((void*)destination, staged->data(), bytes);
        return Success;
    });
}

// To pageable memory the call returns when the copy has ended.
EXPORT Result cuMemcpyDtoHAsync_v2(void* destination, uintptr_t source, size_t bytes, void* stream)
{
    ENTER("cuMemcpyDtoHAsync_v2");
    if (auto bad = copy(stream, destination, (void*)source, bytes, false, true))
        return bad;
    auto* queue = find_stream(stream);
    return queue->capture || is_pinned((uintptr_t)destination, bytes) ? Success : wait(*queue, queue->submitted);
}

EXPORT Result cuMemcpyDtoDAsync_v2(uintptr_t destination, uintptr_t source, size_t bytes, void* stream)
{
    ENTER("cuMemcpyDtoDAsync_v2");
    return copy(stream, (void*)destination, (void*)source, bytes, true, true);
}

EXPORT Result cuMemcpyAsync(uintptr_t destination, uintptr_t source, size_t bytes, void* stream)
{
    ENTER("cuMemcpyAsync");
    return copy(stream, (void*)destination, (void*)source, bytes, false, false);
}

EXPORT Result cuMemcpyHtoD_v2(uintptr_t destination, const void* source, size_t bytes)
{
    ENTER("cuMemcpyHtoD_v2");
    auto bad = copy(nullptr, (void*)destination, source, bytes, true, false);
    return bad ? bad : drain_all();
}

EXPORT Result cuMemcpyDtoH_v2(void* destination, uintptr_t source, size_t bytes)
{
    ENTER("cuMemcpyDtoH_v2");
    auto bad = copy(nullptr, destination, (void*)source, bytes, false, true);
    return bad ? bad : drain_all();
}

EXPORT Result cuMemsetD8Async(uintptr_t destination, unsigned char value, size_t count, void* stream)
{
    ENTER("cuMemsetD8Async");
    return fill(stream, destination, count, value, 1);
}

EXPORT Result cuMemsetD32Async(uintptr_t destination, unsigned value, size_t count, void* stream)
{
    ENTER("cuMemsetD32Async");
    return fill(stream, destination, count, value, 4);
}
