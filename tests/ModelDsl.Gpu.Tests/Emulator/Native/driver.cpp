// The emulated driver's initialisation, device, context and errors, and the functions emulator_* with which tests control it.
// libcuda.so.1 consists of this file, memory.cpp, streams.cpp, modules.cpp and fibers.cpp.
#include "emulator.h"
#include "fibers.h"
#include <cstring>

namespace emulator
{

State state;
thread_local Context* current;

Result break_context(Result code, const std::string& problem)
{
    if (state.broken == Success)
    {
        state.broken = code;
        state.problem = problem;
    }
    return state.broken;
}

Result enter(const char* function, bool needs_context)
{
    state.calls[function]++;
    if (auto found = state.faults.find(function); found != state.faults.end() && !found->second.empty())
    {
        auto& [calls, result] = found->second.front();
        if (calls-- == 0)
        {
            Result forced = result;
            found->second.erase(found->second.begin());
            if (forced >= IllegalAddress && forced <= LaunchFailed)
                break_context(forced, std::string(function) + " was told to fail");
            return forced;
        }
    }
    if (!needs_context)
        return Success;
    return !state.initialized ? NotInitialized : !current ? InvalidContext : state.broken;
}

}

using namespace emulator;

// ---- start, device, context ----

EXPORT Result cuInit(unsigned)
{
    ENTER_WITHOUT_CONTEXT("cuInit");
    if (state.devices == 0)
        return NoDevice;
    state.initialized = true;
    return Success;
}

EXPORT Result cuDriverGetVersion(int* version)
{
    ENTER_WITHOUT_CONTEXT("cuDriverGetVersion");
    *version = state.driver_version;
    return Success;
}

#define DEVICE_CALL(function)                                                                                           \
    ENTER_WITHOUT_CONTEXT(function);                                                                                    \
    if (!state.initialized)                                                                                             \
        return NotInitialized

EXPORT Result cuDeviceGetCount(int* count)
{
    DEVICE_CALL("cuDeviceGetCount");
    *count = state.devices;
    return Success;
}

EXPORT Result cuDeviceGet(int* device, int ordinal)
{
    DEVICE_CALL("cuDeviceGet");
    if (ordinal < 0 || ordinal >= state.devices)
        return InvalidDevice;
    *device = ordinal;
    return Success;
}

EXPORT Result cuDeviceGetName(char* name, int length, int)
{
    DEVICE_CALL("cuDeviceGetName");
    std::strncpy(name, "Emulated GPU", (size_t)length);
    name[length - 1] = 0;
    return Success;
}

EXPORT Result cuDeviceTotalMem_v2(size_t* bytes, int)
{
    DEVICE_CALL("cuDeviceTotalMem_v2");
    *bytes = state.memory_bytes;
    return Success;
}

EXPORT Result cuDeviceGetPCIBusId(char* id, int length, int)
{
    DEVICE_CALL("cuDeviceGetPCIBusId");
    std::strncpy(id, "0000:00:00.0", (size_t)length);
    return Success;
}

EXPORT Result cuDeviceGetUuid_v2(char* uuid, int device)
{
    DEVICE_CALL("cuDeviceGetUuid_v2");
    std::memset(uuid, device, 16);
    return Success;
}

EXPORT Result cuDeviceGetAttribute(int* value, int attribute, int device)
{
    DEVICE_CALL("cuDeviceGetAttribute");
    if (device < 0 || device >= state.devices)
        return InvalidDevice;
    bool hopper = state.capability >= 90;
    switch (attribute)
    {
        case 1: case 2: case 3: *value = 1024; break;                    // threads of a block, along x, y
        case 4: *value = 64; break;                                      // along z
        case 5: *value = 0x7fffffff; break;                              // blocks of a grid
        case 6: case 7: *value = 65535; break;
        case 8: *value = 48 << 10; break;                                // on-chip memory of a block
        case 10: *value = 32; break;                                     // threads of a warp
        case 12: case 82: *value = 65536; break;                         // registers
        case 13: *value = 1980000; break;                                // kHz
        case 16: *value = state.multiprocessors; break;
        case 19: case 31: case 41: case 78: *value = 1; break;           // mapped host memory, concurrency, one address space, priorities
        case 36: *value = 2619000; break;                                // memory clock in kHz
        case 37: *value = 5120; break;                                   // bits of the memory bus
        case 38: *value = 50 << 20; break;                               // L2 cache
        case 39: *value = 2048; break;                                   // threads of a multiprocessor
        case 40: *value = 3; break;                                      // copy engines
        case 75: *value = state.capability / 10; break;
        case 76: *value = state.capability % 10; break;
        case 81: *value = (hopper ? 228 : 164) << 10; break;             // on-chip memory of a multiprocessor
        case 97: *value = (hopper ? 227 : 163) << 10; break;             // of a block that asks for it
        case 106: *value = 32; break;                                    // blocks of a multiprocessor
        case 111: *value = 1024; break;                                  // on-chip memory that the system keeps
        case 115: *value = 0; break;                                     // memory pools
        default:
            if (attribute < 1 || attribute > 150)
                return InvalidValue;
            *value = 0;
    }
    return Success;
}

EXPORT Result cuDevicePrimaryCtxRetain(void** context, int device)
{
    DEVICE_CALL("cuDevicePrimaryCtxRetain");
    if (device < 0 || device >= state.devices)
        return InvalidDevice;
    state.context.uses++;
    *context = &state.context;
    return Success;
}

// The last release ends the context with everything in it, and a sticky error.
EXPORT Result cuDevicePrimaryCtxRelease_v2(int device)
{
    DEVICE_CALL("cuDevicePrimaryCtxRelease_v2");
    if (device < 0 || device >= state.devices || state.context.uses == 0)
        return device < 0 || device >= state.devices ? InvalidDevice : InvalidContext;
    if (--state.context.uses == 0)
    {
        release_streams();
        release_modules();
        release_memory();
        state.broken = Success;
    }
    return Success;
}

EXPORT Result cuDevicePrimaryCtxReset_v2(int)
{
    DEVICE_CALL("cuDevicePrimaryCtxReset_v2");
    release_streams();
    release_modules();
    release_memory();
    state.broken = Success;
    return Success;
}

EXPORT Result cuCtxSetCurrent(void* context)
{
    DEVICE_CALL("cuCtxSetCurrent");
    if (context && context != &state.context)
        return InvalidContext;
    current = (Context*)context;
    return Success;
}

EXPORT Result cuCtxGetCurrent(void** context)
{
    DEVICE_CALL("cuCtxGetCurrent");
    *context = current;
    return Success;
}

EXPORT Result cuCtxSynchronize()
{
    ENTER("cuCtxSynchronize");
    return capturing() ? CaptureUnsupported : drain_all();
}

// ---- errors ----

namespace
{

struct ErrorName { Result code; const char* name; const char* text; };

const ErrorName names[] = {
    { Success, "CUDA_SUCCESS", "no error" },
    { InvalidValue, "CUDA_ERROR_INVALID_VALUE", "invalid argument" },
    { OutOfMemory, "CUDA_ERROR_OUT_OF_MEMORY", "out of memory" },
    { NotInitialized, "CUDA_ERROR_NOT_INITIALIZED", "initialization error" },
    { NoDevice, "CUDA_ERROR_NO_DEVICE", "no CUDA-capable device is detected" },
    { InvalidDevice, "CUDA_ERROR_INVALID_DEVICE", "invalid device ordinal" },
    { InvalidImage, "CUDA_ERROR_INVALID_IMAGE", "device kernel image is invalid" },
    { InvalidContext, "CUDA_ERROR_INVALID_CONTEXT", "invalid device context" },
    { NoBinaryForGpu, "CUDA_ERROR_NO_BINARY_FOR_GPU", "no kernel image is available for execution on the device" },
    { InvalidHandle, "CUDA_ERROR_INVALID_HANDLE", "invalid resource handle" },
    { NotFound, "CUDA_ERROR_NOT_FOUND", "named symbol not found" },
    { NotReady, "CUDA_ERROR_NOT_READY", "device not ready" },
    { IllegalAddress, "CUDA_ERROR_ILLEGAL_ADDRESS", "an illegal memory access was encountered" },
    { LaunchOutOfResources, "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES", "too many resources requested for launch" },
    { LaunchTimeout, "CUDA_ERROR_LAUNCH_TIMEOUT", "the launch timed out and was terminated" },
    { LaunchFailed, "CUDA_ERROR_LAUNCH_FAILED", "unspecified launch failure" },
    { NotSupported, "CUDA_ERROR_NOT_SUPPORTED", "operation not supported" },
    { CaptureUnsupported, "CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED", "operation not permitted when stream is capturing" },
    { CaptureInvalidated, "CUDA_ERROR_STREAM_CAPTURE_INVALIDATED", "operation failed due to a previous error during capture" },
    { CaptureUnmatched, "CUDA_ERROR_STREAM_CAPTURE_UNMATCHED", "capture was not initiated in this stream" },
    { CapturedEvent, "CUDA_ERROR_CAPTURED_EVENT", "operation not permitted on an event last recorded in a capturing stream" },
    { GraphUpdateFailure, "CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE", "the graph update was not performed" },
};

const ErrorName* find_error(int code)
{
    for (auto& error : names)
        if (error.code == code)
            return &error;
    return nullptr;
}

}

EXPORT Result cuGetErrorName(int code, const char** name)
{
    auto* error = find_error(code);
    *name = error ? error->name : nullptr;
    return error ? Success : InvalidValue;
}

// For the error that broke the context, with its cause: the emulator knows more than a device does.
EXPORT Result cuGetErrorString(int code, const char** text)
{
    std::lock_guard guard(state.lock);
    static thread_local std::string whole;
    auto* error = find_error(code);
    whole = error ? error->text : "";
    if (code == state.broken && code != Success && !state.problem.empty())
        whole += " (" + state.problem + ")";
    *text = error ? whole.c_str() : nullptr;
    return error ? Success : InvalidValue;
}

// ---- control by tests ----

EXPORT void emulator_reset(int capability, int driver_version, size_t memory_bytes)
{
    std::lock_guard guard(state.lock);
    release_streams();
    release_modules();
    release_memory();
    state.devices = 1;
    state.capability = capability;
    state.driver_version = driver_version;
    state.memory_bytes = memory_bytes;
    state.context = {};
    state.initialized = false;
    state.broken = Success;
    state.problem.clear();
    state.faults.clear();
    state.calls.clear();
    schedule = 0;
    time_limit = 300;
}

EXPORT void emulator_set_time_limit(double seconds)
{
    std::lock_guard guard(state.lock);
    time_limit = seconds;
}

EXPORT void emulator_set_devices(int count)
{
    std::lock_guard guard(state.lock);
    state.devices = count;
}

EXPORT void emulator_set_schedule(unsigned order)
{
    std::lock_guard guard(state.lock);
    schedule = order;
}

// Makes a call of `function`, after `calls` more of them, return `result`; 700 to 719 break the context.
EXPORT void emulator_fail(const char* function, int calls, int result)
{
    std::lock_guard guard(state.lock);
    state.faults[function].push_back({ calls, (Result)result });
}

EXPORT long emulator_live_handles(const char* kind)
{
    std::lock_guard guard(state.lock);
    std::string of = kind;
    return of == "memory" ? (long)state.memory.size() : of == "pinned" ? (long)state.host.size() : of == "stream" ? (long)state.streams.size()
        : of == "event" ? (long)state.events.size() : of == "module" ? (long)state.modules.size() : of == "graph" ? (long)state.graphs.size()
        : of == "executable" ? (long)state.executables.size() : of == "context" ? state.context.uses : -1;
}

EXPORT long emulator_calls(const char* function)
{
    std::lock_guard guard(state.lock);
    auto found = state.calls.find(function);
    return found == state.calls.end() ? 0 : found->second;
}

EXPORT const char* emulator_problem()
{
    std::lock_guard guard(state.lock);
    static thread_local std::string text;
    text = state.problem;
    return text.c_str();
}

// For the other emulated libraries: queues work that ends with a driver's result.
EXPORT int emulator_submit(void* stream, int (*work)(void*), void* data, void (*release)(void*))
{
    std::lock_guard guard(state.lock);
    std::shared_ptr<void> owned(data, release);
    auto* queue = find_stream(stream);
    return queue ? submit(queue, [=] { return (Result)work(owned.get()); }) : InvalidHandle;
}

EXPORT int emulator_break(int code, const char* problem)
{
    std::lock_guard guard(state.lock);
    return break_context((Result)code, problem);
}

EXPORT int emulator_capability()
{
    return state.capability;
}

EXPORT int emulator_is_device(const void* address, size_t bytes)
{
    std::lock_guard guard(state.lock);
    return is_device((uintptr_t)address, bytes);
}
