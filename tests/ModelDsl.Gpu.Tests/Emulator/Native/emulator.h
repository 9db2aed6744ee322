// The emulated driver's state: one device, its memory, its streams, the requested errors. Every function of the
// driver takes one lock, so that calls from several threads are ordered.
#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#define EXPORT extern "C" __attribute__((visibility("default")))

namespace emulator
{

// CUresult, as far as it is used.
enum Result : int
{
    Success = 0, InvalidValue = 1, OutOfMemory = 2, NotInitialized = 3, NoDevice = 100, InvalidDevice = 101, InvalidImage = 200,
    InvalidContext = 201, NoBinaryForGpu = 209, InvalidHandle = 400, NotFound = 500, NotReady = 600, IllegalAddress = 700,
    LaunchOutOfResources = 701, LaunchTimeout = 702, LaunchFailed = 719, NotSupported = 801, CaptureUnsupported = 900,
    CaptureInvalidated = 901, CaptureUnmatched = 903, CaptureUnjoined = 904, CapturedEvent = 907, GraphUpdateFailure = 910,
};

// Work on the device: done when something waits for it. NotReady is retried; any other failure breaks
// the context.
using Work = std::function<Result()>;

struct Graph
{
    std::vector<Work> nodes;
    bool invalid = false;
    bool relaxed = false;       // memory may be allocated and freed meanwhile
};

struct Stream
{
    std::deque<Work> queue;
    uint64_t submitted = 0, done = 0;
    Graph* capture = nullptr;   // into which graph, while it is captured
    bool origin = false;        // of the capture
};

struct Event
{
    Stream* stream = nullptr;
    uint64_t position = 0;      // reached when so much of the stream is done
    double time = -1;           // milliseconds; below 0: never reached
    Graph* capture = nullptr;
};

struct Block { size_t bytes; unsigned char* mapping; size_t mapped; };

struct Context { int uses = 0; };

struct Module;

struct State
{
    std::recursive_mutex lock;
    int devices = 1, capability = 90, driver_version = 12040, multiprocessors = 4;
    size_t memory_bytes = size_t(1) << 30, used = 0;
    bool initialized = false;
    Context context;
    Result broken = Success;    // sticky
    std::string problem;        // a description of what broke it
    std::map<uintptr_t, Block> memory, host;
    std::set<Stream*> streams;
    std::set<Event*> events;
    std::set<Graph*> graphs;
    std::set<Graph*> executables;
    std::set<Module*> modules;
    Stream null_stream;
    std::map<std::string, std::vector<std::pair<int, Result>>> faults; // remaining calls that succeed, then the result
    std::map<std::string, long> calls;
};

extern State state;
extern thread_local Context* current;

// Counts the call; returns the result that it must return at once, or Success.
Result enter(const char* function, bool needs_context = true);

// Remembers the first failure of the device's work, which every later call returns.
Result break_context(Result code, const std::string& problem);

// ---- memory.cpp ----

// Whether all of these bytes are in one live allocation (of the device, or pinned host memory).
bool is_device(uintptr_t address, size_t bytes);
bool is_pinned(uintptr_t address, size_t bytes);
void release_memory();

// ---- streams.cpp ----

// Queues work, or records it if the stream is captured.
Result submit(Stream* stream, Work work);
Stream* find_stream(void* handle);
bool capturing();
// Runs the queued work up to a position, or up to work that waits for another process.
Result drain(Stream& stream, uint64_t position);
// Waits for other processes too; the caller holds the lock once.
Result wait(Stream& stream, uint64_t position);
Result drain_all();
void release_streams();

// ---- modules.cpp ----

void release_modules();

}

// The names that bindings look up: counts the call and returns a result that emulator_fail requested.
#define ENTER(function)                                                                                                 \
    std::lock_guard guard(emulator::state.lock);                                                                        \
    if (auto forced = emulator::enter(function); forced != emulator::Success)                                           \
        return forced
#define ENTER_WITHOUT_CONTEXT(function)                                                                                 \
    std::lock_guard guard(emulator::state.lock);                                                                        \
    if (auto forced = emulator::enter(function, false); forced != emulator::Success)                                    \
        return forced
