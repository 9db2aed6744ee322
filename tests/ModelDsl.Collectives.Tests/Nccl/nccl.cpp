// An emulated NCCL for processes on one host: the functions that the bindings use, under their real names, over a file in shared
// memory. Calls are queued on streams of the emulated CUDA driver, whose path is in EMULATED_CUDA. Like the real one in
// non-blocking mode it returns at once, waits forever for ranks that do not join, and ends when it is aborted.
// EMULATED_NCCL_VERSION is the version that it reports; EMULATED_NCCL_FAIL=ncclAllReduce:3 makes a function fail.
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <fcntl.h>
#include <string>
#include <sys/mman.h>
#include <unistd.h>
#include <vector>

#define EXPORT extern "C" __attribute__((visibility("default")))

namespace
{

enum Result { Success = 0, InternalError = 3, InvalidArgument = 4, InvalidUsage = 5, InProgress = 7 };
enum Type { Int32 = 2, Int64 = 4, Float32 = 7, Float64 = 8, BFloat16 = 9 };
enum Operation { Sum, Product, Maximum, Minimum, Average };
constexpr int NotReady = 600; // of the driver: retried
constexpr int MaxRanks = 8;
constexpr size_t SlotBytes = 1 << 20;

struct UniqueId { char path[128]; };

struct Config { size_t size; unsigned magic, version; int blocking; };

// A rank's output: number counts its calls, done counts how many of another's it has read.
struct Slot
{
    std::atomic<uint64_t> written, read;
    size_t count;
    int type, kind;
    alignas(64) unsigned char data[SlotBytes];
};

struct Shared
{
    std::atomic<int> joined;
    Slot collective[MaxRanks];
    Slot message[MaxRanks][MaxRanks]; // from, to
};

struct Comm
{
    Shared* shared;
    std::string path;
    int rank, size;
    std::atomic<bool> aborted { false };
    uint64_t collectives = 0, sent[MaxRanks] = {}, received[MaxRanks] = {};
};

struct Call
{
    int kind; // of the functions below
    Comm* comm;
    const void* source;
    void* destination;
    size_t count;
    Type type;
    int operation, peer;
    uint64_t number;
    bool written = false, ended = false;
};

enum Kind { KindAllReduce = 1, KindReduceScatter, KindAllGather, KindBroadcast, KindSend, KindReceive };

struct Group { std::vector<Call> calls; void* stream = nullptr; };

thread_local int depth;
thread_local Group* group;
thread_local std::string last_error;

size_t bytes_of(Type type)
{
    return type == Int64 || type == Float64 ? 8 : type == BFloat16 ? 2 : 4;
}

int forced(const char* function)
{
    const char* wanted = getenv("EMULATED_NCCL_FAIL");
    size_t length = strlen(function);
    if (!wanted || strncmp(wanted, function, length) || wanted[length] != ':')
        return Success;
    last_error = std::string("emulated failure of ") + function;
    return atoi(wanted + length + 1);
}

void* driver(const char* function)
{
    static void* library = dlopen(getenv("EMULATED_CUDA"), RTLD_NOW | RTLD_LOCAL);
    return dlsym(library, function);
}

template<typename T> T combine(T x, T y, int operation)
{
    switch (operation)
    {
        case Product: return x * y;
        case Maximum: return x > y ? x : y;
        case Minimum: return x < y ? x : y;
        default: return x + y;
    }
}

template<typename T> void reduce(Call& call, size_t offset)
{
    auto* result = (T*)call.destination;
    for (size_t i = 0; i < call.count; i++)
    {
        T value = ((T*)call.comm->shared->collective[0].data)[offset + i];
        for (int rank = 1; rank < call.comm->size; rank++)
            value = combine(value, ((T*)call.comm->shared->collective[rank].data)[offset + i], call.operation);
        result[i] = call.operation == Average ? T(value / call.comm->size) : value;
    }
}

struct Bf16
{
    uint16_t bits;
    Bf16(float value) { uint32_t b; memcpy(&b, &value, 4); bits = uint16_t((b + 0x7fff + (b >> 16 & 1)) >> 16); }
    operator float() const { uint32_t b = uint32_t(bits) << 16; float value; memcpy(&value, &b, 4); return value; }
};

void reduce_bf16(Call& call, size_t offset)
{
    for (size_t i = 0; i < call.count; i++)
    {
        float value = ((Bf16*)call.comm->shared->collective[0].data)[offset + i];
        for (int rank = 1; rank < call.comm->size; rank++)
            value = combine<float>(value, ((Bf16*)call.comm->shared->collective[rank].data)[offset + i], call.operation);
        ((Bf16*)call.destination)[i] = Bf16(call.operation == Average ? value / call.comm->size : value);
    }
}

void reduce(Call& call, size_t offset)
{
    switch (call.type)
    {
        case Int32: reduce<int32_t>(call, offset); break;
        case Int64: reduce<int64_t>(call, offset); break;
        case Float32: reduce<float>(call, offset); break;
        case Float64: reduce<double>(call, offset); break;
        case BFloat16: reduce_bf16(call, offset); break;
    }
}

bool message_step(Call& call)
{
    Comm& comm = *call.comm;
    size_t bytes = call.count * bytes_of(call.type);
    if (call.kind == KindSend)
    {
        Slot& slot = comm.shared->message[comm.rank][call.peer];
        if (!call.written && slot.read == call.number - 1)
        {
            memcpy(slot.data, call.source, bytes);
            slot.count = call.count;
            slot.written = call.number;
            call.written = true;
        }
        return call.written && slot.read == call.number;
    }
    Slot& slot = comm.shared->message[call.peer][comm.rank];
    if (slot.written != call.number || slot.count != call.count)
        return false;
    memcpy(call.destination, slot.data, bytes);
    slot.read = call.number;
    return true;
}

// One look at the other ranks; whether the call has ended.
bool step(Call& call)
{
    Comm& comm = *call.comm;
    if (comm.aborted)
        return true;
    if (call.kind >= KindSend)
        return message_step(call);
    Slot* slots = comm.shared->collective;
    size_t size = bytes_of(call.type), bytes = call.count * size;
    Slot& mine = slots[comm.rank];
    if (!call.written)
    {
        for (int rank = 0; rank < comm.size; rank++)
            if (slots[rank].read < call.number - 1)
                return false; // the call before is still being read
        memcpy(mine.data, call.source, call.kind == KindReduceScatter ? bytes * comm.size : bytes);
        mine.count = call.count;
        mine.type = call.type;
        mine.kind = call.kind;
        mine.written = call.number;
        call.written = true;
    }
    for (int rank = 0; rank < comm.size; rank++)
        if (slots[rank].written < call.number || slots[rank].count != call.count || slots[rank].type != call.type || slots[rank].kind != call.kind)
            return false; // not there, or in another call: the real one hangs too
    if (call.kind == KindAllReduce)
        reduce(call, 0);
    else if (call.kind == KindReduceScatter)
        reduce(call, comm.rank * call.count);
    else if (call.kind == KindBroadcast)
        memcpy(call.destination, slots[call.peer].data, bytes);
    else
        for (int rank = 0; rank < comm.size; rank++)
            memcpy((char*)call.destination + rank * bytes, slots[rank].data, bytes);
    mine.read = call.number;
    return true;
}

int work(void* data)
{
    auto* group = (Group*)data;
    bool all = true;
    for (auto& call : group->calls)
    {
        call.ended = call.ended || step(call);
        all = all && call.ended;
    }
    if (!all)
        return NotReady;
    delete group;
    return 0;
}

int submit(Group* calls)
{
    auto queue = (int (*)(void*, int (*)(void*), void*))driver("emulator_queue");
    return queue(calls->stream, work, calls) == 0 ? Success : InternalError;
}

int enqueue(const char* function, Call call, void* stream)
{
    if (int bad = forced(function))
        return bad;
    Comm* comm = call.comm;
    size_t parts = call.kind == KindReduceScatter ? comm->size : 1;
    if (!comm || call.count * bytes_of(call.type) * parts > SlotBytes || call.peer >= comm->size)
        return InvalidArgument;
    call.number = call.kind == KindSend ? ++comm->sent[call.peer] : call.kind == KindReceive ? ++comm->received[call.peer] : ++comm->collectives;
    if (depth > 0)
    {
        group->calls.push_back(call);
        group->stream = stream;
        return Success;
    }
    return submit(new Group { { call }, stream });
}

}

EXPORT int ncclGetVersion(int* version)
{
    const char* told = getenv("EMULATED_NCCL_VERSION");
    *version = told ? atoi(told) : 22203;
    return Success;
}

EXPORT const char* ncclGetErrorString(int result)
{
    return result == InternalError ? "internal error" : result == InvalidUsage ? "invalid usage" : result == 6 ? "remote process exited or there was a network error" : "other error";
}

EXPORT const char* ncclGetLastError(Comm*)
{
    return last_error.c_str();
}

EXPORT int ncclGetUniqueId(UniqueId* id)
{
    if (int bad = forced("ncclGetUniqueId"))
        return bad;
    static std::atomic<int> made { 0 };
    memset(id, 0, sizeof *id);
    snprintf(id->path, sizeof id->path, "/modeldsl-emulated-nccl-%d-%d", getpid(), made++);
    return Success;
}

EXPORT int ncclCommInitRankConfig(Comm** made, int size, UniqueId id, int rank, Config* config)
{
    if (int bad = forced("ncclCommInitRankConfig"))
        return bad;
    if (config->size != 48 || config->magic != 0xcafebeef || config->version != 21700 || config->blocking != 0 || size > MaxRanks || rank < 0 || rank >= size)
        return InvalidArgument;
    int file = shm_open(id.path, O_CREAT | O_RDWR, 0600);
    if (file < 0 || ftruncate(file, sizeof(Shared)))
        return 2;
    auto* shared = (Shared*)mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    *made = new Comm;
    (*made)->shared = shared, (*made)->path = id.path, (*made)->rank = rank, (*made)->size = size;
    if (++shared->joined == size)
        shm_unlink(id.path);
    return InProgress;
}

EXPORT int ncclCommGetAsyncError(Comm* comm, int* state)
{
    *state = comm->shared->joined < comm->size ? (int)InProgress : forced("ncclCommGetAsyncError");
    return Success;
}

EXPORT int ncclCommFinalize(Comm*)
{
    return Success;
}

EXPORT int ncclCommDestroy(Comm*)
{
    return Success; // calls of a graph may still point to it
}

EXPORT int ncclCommAbort(Comm* comm)
{
    comm->aborted = true;
    shm_unlink(comm->path.c_str());
    return Success;
}

EXPORT int ncclAllReduce(const void* source, void* destination, size_t count, Type type, Operation operation, Comm* comm, void* stream)
{
    return enqueue("ncclAllReduce", { KindAllReduce, comm, source, destination, count, type, operation, 0, 0 }, stream);
}

EXPORT int ncclReduceScatter(const void* source, void* destination, size_t count, Type type, Operation operation, Comm* comm, void* stream)
{
    return enqueue("ncclReduceScatter", { KindReduceScatter, comm, source, destination, count, type, operation, 0, 0 }, stream);
}

EXPORT int ncclAllGather(const void* source, void* destination, size_t count, Type type, Comm* comm, void* stream)
{
    return enqueue("ncclAllGather", { KindAllGather, comm, source, destination, count, type, 0, 0, 0 }, stream);
}

EXPORT int ncclBroadcast(const void* source, void* destination, size_t count, Type type, int root, Comm* comm, void* stream)
{
    return enqueue("ncclBroadcast", { KindBroadcast, comm, source, destination, count, type, 0, root, 0 }, stream);
}

EXPORT int ncclSend(const void* source, size_t count, Type type, int peer, Comm* comm, void* stream)
{
    return enqueue("ncclSend", { KindSend, comm, source, nullptr, count, type, 0, peer, 0 }, stream);
}

EXPORT int ncclRecv(void* destination, size_t count, Type type, int peer, Comm* comm, void* stream)
{
    return enqueue("ncclRecv", { KindReceive, comm, nullptr, destination, count, type, 0, peer, 0 }, stream);
}

EXPORT int ncclGroupStart()
{
    if (depth++ == 0)
        group = new Group;
    return Success;
}

EXPORT int ncclGroupEnd()
{
    if (depth == 0)
        return InvalidUsage;
    if (--depth > 0)
        return Success;
    if (int bad = forced("ncclGroupEnd"))
        return bad;
    return group->calls.empty() ? (int)Success : submit(group);
}
