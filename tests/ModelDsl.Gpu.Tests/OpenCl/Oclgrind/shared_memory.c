// Coarse-grained shared virtual memory for Oclgrind, which only has buffers: a block is a buffer behind an address of our
// own, and the few calls that take addresses become calls that take buffers and offsets. All other functions are
// Oclgrind's, which this library is linked with.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>

enum { INVALID_VALUE = -30, INVALID_ARG_VALUE = -50, DEVICE_SVM_CAPABILITIES = 0x1053, READ_WRITE = 1, REGION = 0x1220, MOST_BLOCKS = 1024 };

typedef struct { uint64_t address, size; void* buffer; } block;

static block blocks[MOST_BLOCKS];
static uint64_t next_address = 0x100000000000;

#define OCLGRIND(type, name, ...) ((type (*)(__VA_ARGS__))dlsym(RTLD_NEXT, name))

static block* find(const void* pointer)
{
    uint64_t address = (uint64_t)pointer;
    for (int i = 0; i < MOST_BLOCKS; i++)
        if (blocks[i].buffer && address >= blocks[i].address && address < blocks[i].address + blocks[i].size)
            return &blocks[i];
    return NULL;
}

static size_t offset(const block* b, const void* pointer) { return (uint64_t)pointer - b->address; }

int clGetDeviceInfo(void* device, uint32_t parameter, size_t size, void* value, size_t* needed)
{
    if (parameter != DEVICE_SVM_CAPABILITIES)
        return OCLGRIND(int, "clGetDeviceInfo", void*, uint32_t, size_t, void*, size_t*)(device, parameter, size, value, needed);
    *(uint64_t*)value = 1; // coarse-grained buffers
    return 0;
}

void* clSVMAlloc(void* context, uint64_t flags, size_t size, uint32_t alignment)
{
    (void)flags, (void)alignment;
    for (int i = 0; i < MOST_BLOCKS; i++)
    {
        if (blocks[i].buffer)
            continue;
        int error;
        void* buffer = OCLGRIND(void*, "clCreateBuffer", void*, uint64_t, size_t, void*, int*)(context, READ_WRITE, size, NULL, &error);
        if (error)
            return NULL;
        blocks[i] = (block){ next_address, size, buffer };
        next_address += (size + 8191) / 4096 * 4096; // a page between two, which belongs to neither
        return (void*)blocks[i].address;
    }
    return NULL;
}

void clSVMFree(void* context, void* pointer)
{
    (void)context;
    block* b = find(pointer);
    OCLGRIND(int, "clReleaseMemObject", void*)(b->buffer);
    b->buffer = NULL;
}

int clEnqueueSVMMemcpy(void* queue, uint32_t wait, void* destination, const void* source, size_t size, uint32_t waits, void* events, void* event)
{
    block *to = find(destination), *from = find(source);
    if (to && from)
        return OCLGRIND(int, "clEnqueueCopyBuffer", void*, void*, void*, size_t, size_t, size_t, uint32_t, void*, void*)(
            queue, from->buffer, to->buffer, offset(from, source), offset(to, destination), size, waits, events, event);
    if (to)
        return OCLGRIND(int, "clEnqueueWriteBuffer", void*, void*, uint32_t, size_t, size_t, const void*, uint32_t, void*, void*)(
            queue, to->buffer, wait, offset(to, destination), size, source, waits, events, event);
    if (from)
        return OCLGRIND(int, "clEnqueueReadBuffer", void*, void*, uint32_t, size_t, size_t, void*, uint32_t, void*, void*)(
            queue, from->buffer, wait, offset(from, source), size, destination, waits, events, event);
    return INVALID_VALUE;
}

int clEnqueueSVMMemFill(void* queue, void* destination, const void* pattern, size_t pattern_size, size_t size, uint32_t waits, void* events, void* event)
{
    block* to = find(destination);
    return !to ? INVALID_VALUE
        : OCLGRIND(int, "clEnqueueFillBuffer", void*, void*, const void*, size_t, size_t, size_t, uint32_t, void*, void*)(
            queue, to->buffer, pattern, pattern_size, offset(to, destination), size, waits, events, event);
}

int clSetKernelArgSVMPointer(void* kernel, uint32_t index, const void* pointer)
{
    block* b = find(pointer);
    if (!b)
        return INVALID_ARG_VALUE;
    void* buffer = b->buffer;
    size_t region[2] = { offset(b, pointer), b->size - offset(b, pointer) };
    int error = 0;
    if (region[0] > 0) // lives as long as the block's buffer
        buffer = OCLGRIND(void*, "clCreateSubBuffer", void*, uint64_t, uint32_t, const void*, int*)(b->buffer, READ_WRITE, REGION, region, &error);
    return error ? error : OCLGRIND(int, "clSetKernelArg", void*, uint32_t, size_t, const void*)(kernel, index, sizeof buffer, &buffer);
}
