// Modules, functions and launches. A module's image is a shared object built by the emulated NVRTC.
#include "emulator.h"
#include "fibers.h"
#include <cstring>
#include <dlfcn.h>
#include <unistd.h>

namespace emulator
{

struct Function
{
    Module* module;
    std::string name;
    const Kernel* kernel;
    int dynamic_limit;
};

struct Module
{
    void* library;
    void (*attach)(Runtime*);
    unsigned char* shared;
    unsigned shared_bytes;
    std::map<std::string, std::unique_ptr<Function>> functions;
};

namespace
{

constexpr int StaticLimit = 48 << 10;

// The length of the image, from the object file's own headers.
size_t image_bytes(const unsigned char* image)
{
    uint64_t sections;
    uint16_t size, count;
    std::memcpy(&sections, image + 40, 8);
    std::memcpy(&size, image + 58, 2);
    std::memcpy(&count, image + 60, 2);
    return sections + (size_t)size * count;
}

void* load(const void* image, std::string& problem)
{
    char path[] = "/tmp/modeldsl-emulated-module-XXXXXX";
    int file = mkstemp(path);
    if (file < 0)
        return nullptr;
    size_t bytes = image_bytes((const unsigned char*)image);
    bool written = write(file, image, bytes) == (ssize_t)bytes;
    close(file);
    void* library = written ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : nullptr;
    if (written && !library)
        problem = dlerror();
    unlink(path);
    return library;
}

int optin() { return state.capability >= 90 ? 227 << 10 : 163 << 10; }

Function* find(void* handle)
{
    for (auto* module : state.modules)
        for (auto& [name, function] : module->functions)
            if (function.get() == handle)
                return function.get();
    return nullptr;
}

// The launch's parameters, kept until it runs.
struct Arguments
{
    std::vector<unsigned char> bytes;
    std::vector<void*> pointers;

    Arguments(const Kernel& kernel, void** parameters)
    {
        size_t total = 0;
        for (unsigned i = 0; i < kernel.parameters; i++)
            total += (kernel.sizes[i] + 15) / 16 * 16;
        bytes.resize(total);
        size_t at = 0;
        for (unsigned i = 0; i < kernel.parameters; i++)
        {
            std::memcpy(&bytes[at], parameters[i], kernel.sizes[i]);
            pointers.push_back(&bytes[at]);
            at += (kernel.sizes[i] + 15) / 16 * 16;
        }
    }
};

// A pointer that is not null must point into (or to the end of) memory that the device can access.
Result check_pointers(const Function& function, const Arguments& arguments)
{
    for (unsigned i = 0; i < function.kernel->parameters; i++)
        if (function.kernel->pointers[i])
        {
            auto address = *(uintptr_t*)arguments.pointers[i];
            if (address && !is_device(address, 0) && !is_pinned(address, 0))
                return break_context(IllegalAddress, "kernel " + function.name + ": argument " + std::to_string(i + 1) + " points to no memory of the device");
        }
    return Success;
}

}

void release_modules()
{
    for (auto* module : state.modules)
    {
        dlclose(module->library);
        delete module;
    }
    state.modules.clear();
}

}

using namespace emulator;

EXPORT Result cuModuleLoadData(void** handle, const void* image)
{
    ENTER("cuModuleLoadData");
    if (std::memcmp(image, "\177ELF", 4) != 0)
        return InvalidImage;
    std::string problem;
    void* library = load(image, problem);
    auto* attach = library ? (void (*)(Runtime*))dlsym(library, "emulator_attach") : nullptr;
    auto* shared = library ? (unsigned char* (*)(unsigned*))dlsym(library, "emulator_shared_memory") : nullptr;
    auto* architecture = library ? (const int*)dlsym(library, "emulator_architecture") : nullptr;
    if (!attach || !shared || !architecture)
    {
        state.problem = "the image is no module of the emulated compiler: " + problem;
        return InvalidImage;
    }
    // A module for 8.0 runs on 8.x; one of sm_90a (negative) on 9.0 alone.
    int wanted = *architecture < 0 ? -*architecture : *architecture;
    if (*architecture < 0 ? wanted != state.capability : wanted / 10 != state.capability / 10 || wanted > state.capability)
    {
        dlclose(library);
        return NoBinaryForGpu;
    }
    auto* module = new Module { library, attach, nullptr, 0, {} };
    module->shared = shared(&module->shared_bytes);
    *handle = *state.modules.insert(module).first;
    return Success;
}

EXPORT Result cuModuleLoadDataEx(void** handle, const void* image, unsigned, int*, void**)
{
    return cuModuleLoadData(handle, image);
}

EXPORT Result cuModuleUnload(void* handle)
{
    ENTER("cuModuleUnload");
    auto* module = (Module*)handle;
    if (!state.modules.count(module))
        return InvalidHandle;
    drain_all();
    state.modules.erase(module);
    dlclose(module->library);
    delete module;
    return Success;
}

EXPORT Result cuModuleGetFunction(void** handle, void* of, const char* name)
{
    ENTER("cuModuleGetFunction");
    auto* module = (Module*)of;
    if (!state.modules.count(module))
        return InvalidHandle;
    auto* kernel = (const Kernel*)dlsym(module->library, (std::string("emulator_kernel_") + name).c_str());
    if (!kernel)
        return NotFound;
    auto& function = module->functions[name];
    if (!function)
        function.reset(new Function { module, name, kernel, StaticLimit });
    *handle = function.get();
    return Success;
}

EXPORT Result cuFuncGetAttribute(int* value, int attribute, void* handle)
{
    ENTER("cuFuncGetAttribute");
    auto* function = find(handle);
    if (!function)
        return InvalidHandle;
    switch (attribute)
    {
        case 0: *value = function->kernel->max_threads ? (int)function->kernel->max_threads : 1024; break;
        case 1: *value = (int)function->module->shared_bytes; break;
        case 2: case 3: *value = 0; break;
        case 4: *value = 32; break;
        case 5: case 6: *value = state.capability; break;
        case 8: *value = function->dynamic_limit; break;
        default: *value = 0; break;
    }
    return Success;
}

EXPORT Result cuFuncSetAttribute(void* handle, int attribute, int value)
{
    ENTER("cuFuncSetAttribute");
    auto* function = find(handle);
    if (!function)
        return InvalidHandle;
    if (attribute == 8)
    {
        if (value < 0 || value > optin())
            return InvalidValue;
        function->dynamic_limit = value;
    }
    return Success;
}

EXPORT Result cuOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, void* handle, int threads, size_t dynamic_bytes)
{
    ENTER("cuOccupancyMaxActiveBlocksPerMultiprocessor");
    if (!find(handle) || threads <= 0)
        return InvalidValue;
    int by_threads = 2048 / threads, by_memory = dynamic_bytes ? (int)((size_t)optin() / dynamic_bytes) : 32;
    *blocks = by_threads < by_memory ? by_threads : by_memory;
    return Success;
}

EXPORT Result cuLaunchKernel(void* handle, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x, unsigned block_y,
    unsigned block_z, unsigned dynamic_bytes, void* on, void** parameters, void** extra)
{
    ENTER("cuLaunchKernel");
    auto* function = find(handle);
    auto* stream = find_stream(on);
    if (!function || !stream)
        return InvalidHandle;
    unsigned long long threads = 1ull * block_x * block_y * block_z;
    if (!grid_x || !grid_y || !grid_z || !threads || grid_x > 0x7fffffff || grid_y > 65535 || grid_z > 65535 || block_z > 64
        || threads > 1024 || (int)dynamic_bytes > function->dynamic_limit || extra)
        return InvalidValue;
    if (function->kernel->max_threads && threads > function->kernel->max_threads)
        return LaunchOutOfResources;
    auto arguments = std::make_shared<Arguments>(*function->kernel, parameters);
    return submit(stream, [=]
    {
        if (auto bad = check_pointers(*function, *arguments))
            return bad;
        std::string reason;
        auto& module = *function->module;
        int code = run_grid(function->name.c_str(), *function->kernel, module.attach, module.shared, module.shared_bytes,
            arguments->pointers.data(), { grid_x, grid_y, grid_z }, { block_x, block_y, block_z }, dynamic_bytes, reason);
        return code ? break_context((Result)code, reason) : Success;
    });
}
