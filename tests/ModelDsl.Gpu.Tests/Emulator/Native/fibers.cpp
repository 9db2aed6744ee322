// The threads of a block as fibers (see fibers.h). Mistakes of a kernel that end with an error: a thread that exits
// while others wait at a barrier, lanes in different collectives, a wait that nothing ends, an access outside
// mapped memory, an infinite loop. Not detected: races in on-chip memory that the chosen order hides.
#include "fibers.h"
#include <algorithm>
#include <csetjmp>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <ctime>
#include <pthread.h>
#include <random>
#include <sys/mman.h>
#include <unistd.h>
#include <vector>
#if !defined(__x86_64__)
#include <ucontext.h>
#endif
#if !defined(sigev_notify_thread_id) // glibc has the field, but not under the name in timer_create(2)
#define sigev_notify_thread_id _sigev_un._tid
#endif

namespace emulator
{

unsigned schedule;
double time_limit = 300;

namespace
{

constexpr unsigned MaxThreads = 1024, WarpSize = 32, WarpGroup = 128, Barriers = 16;
constexpr size_t StackBytes = 128 << 10, GuardBytes = 4096, MaxDynamic = 256 << 10;
constexpr unsigned IdleRounds = 10000; // rounds in which all running threads only yield, before they count as stuck

enum class State { Ready, Yielded, Waiting, Done };

struct Fiber
{
#if defined(__x86_64__)
    void* stack_pointer;
#else
    ucontext_t context;
#endif
    State state;
    const char* waits_for; // null at a barrier
    unsigned barrier;
};

struct Collective
{
    const char* name;
    Operation operation;
    unsigned mask, arrived, count;
    void* arguments[WarpGroup];
};

struct Barrier { unsigned expected, arrived; };

Runtime runtime;
Fiber fibers[MaxThreads];
unsigned threads, running;
std::vector<Collective> warps[MaxThreads / WarpSize], groups[MaxThreads / WarpGroup];
Barrier barriers[Barriers];
unsigned char* stacks;
unsigned char* dynamic_end;
std::vector<unsigned char> static_view, dynamic_view; // what wgmma sees; empty until a kernel fences
bool fenced;
const Kernel* current;
void** current_arguments;

// A fault exits the fiber by a jump to the scheduler.
sigjmp_buf escape;
volatile sig_atomic_t inside;
pthread_t owner;
int fault_code;
std::string fault_reason;

// ---- changing stacks ----

#if defined(__x86_64__)

void* scheduler_stack;

extern "C" void emulator_switch(void** save, void* load);
asm(R"(
.text
.globl emulator_switch
.hidden emulator_switch
.type emulator_switch, @function
emulator_switch:
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    ret
)");

void begin(Fiber& fiber, unsigned char* top, void (*entry)())
{
    auto** words = (void**)top;
    *--words = nullptr;               // where entry would return to: it does not
    *--words = (void*)entry;
    for (int i = 0; i < 6; i++)
        *--words = nullptr;
    fiber.stack_pointer = words;
}

void enter(Fiber& fiber) { emulator_switch(&scheduler_stack, fiber.stack_pointer); }
void leave(Fiber& fiber) { emulator_switch(&fiber.stack_pointer, scheduler_stack); }

#else

ucontext_t scheduler_context;

void begin(Fiber& fiber, unsigned char* top, void (*entry)())
{
    getcontext(&fiber.context);
    fiber.context.uc_stack.ss_sp = top - StackBytes;
    fiber.context.uc_stack.ss_size = StackBytes;
    fiber.context.uc_link = nullptr;
    makecontext(&fiber.context, entry, 0);
}

void enter(Fiber& fiber) { swapcontext(&scheduler_context, &fiber.context); }
void leave(Fiber& fiber) { swapcontext(&fiber.context, &scheduler_context); }

#endif

// ---- faults ----

std::string place(unsigned thread)
{
    auto& size = runtime.block_size;
    return "thread (" + std::to_string(thread % size.x) + ", " + std::to_string(thread / size.x % size.y) + ", "
        + std::to_string(thread / size.x / size.y) + ") of block (" + std::to_string(runtime.block.x) + ", "
        + std::to_string(runtime.block.y) + ", " + std::to_string(runtime.block.z) + ")";
}

[[noreturn]] void fault(int code, std::string reason)
{
    fault_code = code;
    fault_reason = std::move(reason);
    siglongjmp(escape, 1);
}

void fail(int code, const char* reason)
{
    fault(code, std::string(reason) + ", " + place(running));
}

struct sigaction previous[NSIG];

void on_signal(int signal, siginfo_t* info, void* context)
{
    if (signal == SIGXCPU && !inside)
        return; // the grid has just ended
    if (inside && pthread_equal(owner, pthread_self()))
    {
        fault_code = signal == SIGXCPU ? 702 : signal == SIGFPE ? 719 : 700;
        auto at = (uintptr_t)info->si_addr;
        auto number = runtime.linear;
        auto* stack = stacks + number * (StackBytes + GuardBytes);
        char text[200];
        if (signal == SIGXCPU)
            snprintf(text, sizeof text, "still runs after %g s", time_limit);
        else if (signal == SIGFPE)
            snprintf(text, sizeof text, "integer division by zero");
        else if (at - (uintptr_t)stack < GuardBytes)
            snprintf(text, sizeof text, "stack of more than %zu bytes", StackBytes);
        else if (info->si_code == SI_KERNEL)
            snprintf(text, sizeof text, "misaligned vector access or an address that no memory has");
        else
            snprintf(text, sizeof text, "access to 0x%zx, which is no memory of the device", at);
        fault_reason = std::string(text) + ", " + place(number);
        siglongjmp(escape, 1);
    }
    auto& other = previous[signal];
    if (other.sa_handler == SIG_DFL || other.sa_flags & SA_RESETHAND)
    {
        struct sigaction standard = {};
        sigaction(signal, &standard, nullptr); // as it is when the other handler is called
    }
    if (other.sa_flags & SA_SIGINFO)
        other.sa_sigaction(signal, info, context);
    else if (other.sa_handler != SIG_IGN && other.sa_handler != SIG_DFL)
        other.sa_handler(signal);
}

constexpr int Signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGXCPU };

// While a grid runs; other faults are passed on.
void catch_signals()
{
    for (int signal : Signals)
    {
        struct sigaction ours = {};
        ours.sa_sigaction = on_signal;
        ours.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART | SA_NODEFER;
        sigaction(signal, &ours, &previous[signal]);
    }
}

void release_signals()
{
    for (int signal : Signals)
    {
        struct sigaction now;
        sigaction(signal, nullptr, &now);
        if (now.sa_sigaction == on_signal) // else another thread's fault has put the other handler back
            sigaction(signal, &previous[signal], nullptr);
    }
}

// Sends this thread SIGXCPU when it reaches the time limit: an infinite loop never waits.
struct Watch
{
    timer_t timer;

    Watch()
    {
        struct sigevent event = {};
        event.sigev_notify = SIGEV_THREAD_ID;
        event.sigev_signo = SIGXCPU;
        event.sigev_notify_thread_id = gettid();
        timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &timer);
        struct itimerspec limit = {};
        limit.it_value.tv_sec = (time_t)time_limit;
        limit.it_value.tv_nsec = (long)((time_limit - (double)limit.it_value.tv_sec) * 1e9);
        timer_settime(timer, 0, &limit, nullptr);
    }

    ~Watch() { timer_delete(timer); }
};

// ---- waits ----

void wait(const char* reason, unsigned barrier)
{
    auto& fiber = fibers[running];
    fiber.state = State::Waiting;
    fiber.waits_for = reason;
    fiber.barrier = barrier;
    leave(fiber);
}

unsigned existing(unsigned first, unsigned width)
{
    unsigned bits = 0;
    for (unsigned i = 0; i < width && i < 32; i++)
        if (first + i < threads && fibers[first + i].state != State::Done)
            bits |= 1u << i;
    return bits;
}

bool complete(Collective& collective, unsigned first, unsigned width)
{
    if (width == WarpSize)
    {
        unsigned expected = collective.mask & existing(first, width);
        if ((collective.arrived & expected) != expected)
            return false;
    }
    else if (collective.count < width)
        return false;
    collective.operation(collective.arguments, width);
    for (unsigned i = 0; i < width; i++)
        if (width == WarpSize ? collective.arrived >> i & 1 : true)
            if (first + i != running && fibers[first + i].state == State::Waiting)
                fibers[first + i].state = State::Ready;
    return true;
}

void on_collective(unsigned width, unsigned mask, const char* name, Operation operation, void* argument)
{
    unsigned first = running / width * width, lane = running - first;
    if (width == WarpSize && !(mask >> lane & 1))
        fault(719, std::string(name) + " with a mask without the calling lane, " + place(running));
    if (width != WarpSize && first + width > threads)
        fault(719, std::string(name) + " in a block that has no whole warp group here, " + place(running));
    auto& pending = width == WarpSize ? warps[running / width] : groups[running / width];
    auto found = std::find_if(pending.begin(), pending.end(), [&](auto& other) { return width != WarpSize || other.mask == mask; });
    if (found == pending.end())
    {
        pending.push_back({ name, operation, mask, 0, 0, {} });
        found = pending.end() - 1;
    }
    if (std::strcmp(found->name, name) != 0)
        fault(719, std::string("lanes of one warp meet in ") + found->name + " and in " + name + ", " + place(running));
    found->arguments[lane] = argument;
    found->arrived |= lane < 32 ? 1u << lane : 0;
    found->count++;
    if (complete(*found, first, width))
        pending.erase(found);
    else
        wait(name, 0);
}

void publish()
{
    if (!fenced)
        return;
    fenced = false;
    std::memcpy(static_view.data(), runtime.static_shared, static_view.size());
    std::memcpy(dynamic_view.data(), runtime.dynamic_shared, dynamic_view.size());
}

void make_views()
{
    static_view.assign(runtime.static_bytes, 0xff);
    dynamic_view.assign((size_t)(dynamic_end - runtime.dynamic_shared), 0xff);
}

void on_fence_async()
{
    if (static_view.empty())
        make_views();
    fenced = true;
}

const unsigned char* on_async_view(const unsigned char* address)
{
    if (static_view.empty())
        make_views();
    size_t in_static = (size_t)(address - runtime.static_shared);
    return in_static < static_view.size() ? &static_view[in_static] : &dynamic_view[(size_t)(address - runtime.dynamic_shared)];
}

void release(unsigned id)
{
    publish();
    barriers[id] = {};
    for (unsigned i = 0; i < threads; i++)
        if (fibers[i].state == State::Waiting && !fibers[i].waits_for && fibers[i].barrier == id)
            fibers[i].state = State::Ready;
}

void on_barrier(unsigned id, unsigned count, bool waits)
{
    if (id >= Barriers)
        fault(719, "barrier " + std::to_string(id) + " of 16, " + place(running));
    if (count % WarpSize && count != 0)
        fault(719, "barrier of " + std::to_string(count) + " threads, which is no multiple of 32, " + place(running));
    unsigned expected = count ? count : threads;
    auto& barrier = barriers[id];
    if (barrier.arrived && barrier.expected != expected)
        fault(719, "barrier " + std::to_string(id) + " of " + std::to_string(barrier.expected) + " and of "
            + std::to_string(expected) + " threads at once, " + place(running));
    barrier.expected = expected;
    if (++barrier.arrived == expected)
        release(id);
    else if (waits)
        wait(nullptr, id);
}

void on_yield()
{
    fibers[running].state = State::Yielded;
    leave(fibers[running]);
}

void on_preempt()
{
    if (schedule > 1)
        on_yield();
}

// ---- the scheduler ----

void leave_block()
{
    fibers[running].state = State::Done;
    auto& pending = warps[running / WarpSize];
    for (size_t i = 0; i < pending.size();)
        if (complete(pending[i], running / WarpSize * WarpSize, WarpSize))
            pending.erase(pending.begin() + (long)i);
        else
            i++;
}

void body()
{
    current->call(current_arguments);
    leave_block();
    leave(fibers[running]);
    __builtin_unreachable();
}

void select(unsigned thread)
{
    auto& size = runtime.block_size;
    running = runtime.linear = thread;
    runtime.thread = { thread % size.x, thread / size.x % size.y, thread / size.x / size.y };
}

std::string stuck()
{
    unsigned waiting = 0, done = 0, first = threads;
    for (unsigned i = 0; i < threads; i++)
    {
        waiting += fibers[i].state == State::Waiting;
        done += fibers[i].state == State::Done;
        if (first == threads && fibers[i].state != State::Done)
            first = i;
    }
    auto& fiber = fibers[first];
    std::string where = fiber.state == State::Yielded ? "in a loop" : fiber.waits_for ? fiber.waits_for : "barrier " + std::to_string(fiber.barrier);
    return "deadlock: " + std::to_string(waiting) + " of " + std::to_string(threads) + " threads wait and " + std::to_string(done)
        + " have left; " + place(first) + " waits at " + where;
}

// Which warps rest this round: in a shuffled schedule one warp, or four neighbours, pause for up to 255 rounds while the
// others continue, then others pause.
struct Rest
{
    std::mt19937 random;
    unsigned first = 0, warps = 0, rounds = 0;

    void next()
    {
        if (rounds-- > 0)
            return;
        unsigned all = (threads + WarpSize - 1) / WarpSize;
        warps = random() % 2 ? 1 : 4;
        first = random() % all / warps * warps;
        if (warps >= all)
            warps = 0; // somebody has to run
        rounds = random() % (random() % 2 ? 8 : 256);
    }

    bool holds(unsigned thread) const { return thread / WarpSize - first < warps; }
};

void run_block(const std::vector<unsigned>& order, Rest* rest)
{
    for (unsigned i = 0; i < threads; i++)
    {
        fibers[i].state = State::Ready;
        begin(fibers[i], stacks + (i + 1) * (StackBytes + GuardBytes), body);
    }
    for (auto& warp : warps)
        warp.clear();
    for (auto& group : groups)
        group.clear();
    std::fill(std::begin(barriers), std::end(barriers), Barrier {});
    std::memset(runtime.static_shared, 0xff, runtime.static_bytes);
    std::memset(runtime.dynamic_shared, 0xff, (size_t)(dynamic_end - runtime.dynamic_shared));
    runtime.serial++;
    static_view.clear();
    dynamic_view.clear();
    fenced = false;

    unsigned idle = 0;
    for (;;)
    {
        bool ran = false, progress = false;
        if (rest)
            rest->next();
        for (unsigned i : order)
        {
            if (fibers[i].state != State::Ready && fibers[i].state != State::Yielded)
                continue;
            ran = true;
            if (rest && rest->holds(i))
                continue;
            select(i);
            enter(fibers[i]);
            progress |= fibers[i].state != State::Yielded;
        }
        if (!ran)
            break;
        idle = progress ? 0 : idle + 1;
        if (idle > IdleRounds)
            fault(702, stuck());
    }
    for (unsigned i = 0; i < threads; i++)
        if (fibers[i].state != State::Done)
            fault(702, stuck());
    for (unsigned char* p = runtime.dynamic_shared + runtime.dynamic_bytes; p < dynamic_end; p++)
        if (*p != 0xff)
            fault(700, "write beyond the launch's on-chip memory, a thread of block (" + std::to_string(runtime.block.x) + ", "
                + std::to_string(runtime.block.y) + ", " + std::to_string(runtime.block.z) + ")");
}

void* map(size_t bytes)
{
    void* p = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return p == MAP_FAILED ? nullptr : p;
}

// Stacks, each above a guard page, and the dynamic on-chip memory, which ends at a guard page.
void prepare()
{
    if (stacks)
        return;
    stacks = (unsigned char*)map(MaxThreads * (StackBytes + GuardBytes));
    for (unsigned i = 0; i < MaxThreads; i++)
        mprotect(stacks + i * (StackBytes + GuardBytes), GuardBytes, PROT_NONE);
    auto* dynamic = (unsigned char*)map(MaxDynamic + GuardBytes);
    dynamic_end = dynamic + MaxDynamic;
    mprotect(dynamic_end, GuardBytes, PROT_NONE);
    runtime.collective = on_collective;
    runtime.barrier = on_barrier;
    runtime.yield = on_yield;
    runtime.preempt = on_preempt;
    runtime.fence_async = on_fence_async;
    runtime.publish = publish;
    runtime.async_view = on_async_view;
    runtime.fail = fail;
}

}

int run_grid(const char* name, const Kernel& kernel, void (*attach)(Runtime*), unsigned char* static_shared, unsigned static_bytes,
    void** arguments, Index grid, Index block, unsigned dynamic_bytes, std::string& reason)
{
    prepare();
    catch_signals();
    attach(&runtime);
    threads = block.x * block.y * block.z;
    current = &kernel;
    current_arguments = arguments;
    runtime.block_size = block;
    runtime.grid_size = grid;
    runtime.static_shared = static_shared;
    runtime.static_bytes = static_bytes;
    runtime.dynamic_bytes = dynamic_bytes;
    runtime.dynamic_shared = dynamic_end - (dynamic_bytes + 1023) / 1024 * 1024;

    std::vector<unsigned> order(threads);
    for (unsigned i = 0; i < threads; i++)
        order[i] = schedule == 1 ? threads - 1 - i : i;
    if (schedule > 1)
        std::shuffle(order.begin(), order.end(), std::mt19937(schedule));

    Rest rest { std::mt19937(schedule) };

    owner = pthread_self();
    int code = 0;
    {
        Watch watch;
        if (sigsetjmp(escape, 1) == 0)
        {
            inside = 1;
            for (runtime.block.z = 0; runtime.block.z < grid.z; runtime.block.z++)
                for (runtime.block.y = 0; runtime.block.y < grid.y; runtime.block.y++)
                    for (runtime.block.x = 0; runtime.block.x < grid.x; runtime.block.x++)
                        run_block(order, schedule > 1 ? &rest : nullptr);
        }
        else
        {
            code = fault_code;
            reason = std::string("kernel ") + name + ": " + fault_reason;
        }
        inside = 0;
    }
    release_signals();
    return code;
}

}
