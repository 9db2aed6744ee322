// Streams, events, captures and graphs. Work stays in its stream's queue until something waits for it, so that a host that
// forgets to wait sees old data. Not supported: priorities, the rules for calls of other threads during a capture.
#include "emulator.h"
#include <chrono>
#include <thread>

using namespace emulator;

namespace
{

double now()
{
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

Event* find_event(void* handle)
{
    return state.events.count((Event*)handle) ? (Event*)handle : nullptr;
}

// A forbidden operation on a captured stream ends the capture.
Result invalidate(Stream& stream)
{
    stream.capture->invalid = true;
    return CaptureUnsupported;
}

Result reach(Event& event)
{
    if (event.capture)
        return CapturedEvent;
    return event.stream ? wait(*event.stream, event.position) : state.broken;
}

void leave_capture(Graph* graph)
{
    for (auto* stream : state.streams)
        if (stream->capture == graph)
            stream->capture = nullptr, stream->origin = false;
}

}

namespace emulator
{

Stream* find_stream(void* handle)
{
    // 0, CU_STREAM_LEGACY and CU_STREAM_PER_THREAD are the same stream.
    if ((uintptr_t)handle <= 2)
        return &state.null_stream;
    return state.streams.count((Stream*)handle) ? (Stream*)handle : nullptr;
}

bool capturing()
{
    for (auto* stream : state.streams)
        if (stream->capture && !stream->capture->relaxed)
            return true;
    return false;
}

Result submit(Stream* stream, Work work)
{
    if (stream->capture)
    {
        stream->capture->nodes.push_back(std::move(work));
        return Success;
    }
    if (stream == &state.null_stream)
        if (auto bad = drain_all())
            return bad;
    stream->queue.push_back(std::move(work));
    stream->submitted++;
    return Success;
}

Result drain(Stream& stream, uint64_t position)
{
    while (stream.done < position && !stream.queue.empty() && state.broken == Success)
    {
        Work work = std::move(stream.queue.front());
        stream.queue.pop_front();
        Result result = work();
        if (result == NotReady)
        {
            stream.queue.push_front(std::move(work)); // it waits for another process, and is retried
            break;
        }
        stream.done++;
        if (result != Success)
            break_context(result, "");
    }
    return state.broken;
}

Result wait(Stream& stream, uint64_t position)
{
    Result bad;
    while ((bad = drain(stream, position)) == Success && stream.done < position)
    {
        state.lock.unlock();
        std::this_thread::sleep_for(std::chrono::microseconds(100));
        state.lock.lock();
    }
    return bad;
}

Result drain_all()
{
    drain(state.null_stream, state.null_stream.submitted);
    for (auto* stream : state.streams)
        drain(*stream, stream->submitted);
    return state.broken;
}

void release_streams()
{
    for (auto* stream : state.streams) delete stream;
    for (auto* event : state.events) delete event;
    for (auto* graph : state.graphs) delete graph;
    for (auto* graph : state.executables) delete graph;
    state.streams.clear();
    state.events.clear();
    state.graphs.clear();
    state.executables.clear();
    state.null_stream = {};
}

}

// ---- streams ----

EXPORT Result cuStreamCreate(void** stream, unsigned)
{
    ENTER("cuStreamCreate");
    *stream = *state.streams.insert(new Stream).first;
    return Success;
}

EXPORT Result cuStreamCreateWithPriority(void** stream, unsigned, int)
{
    ENTER("cuStreamCreateWithPriority");
    *stream = *state.streams.insert(new Stream).first;
    return Success;
}

EXPORT Result cuStreamDestroy_v2(void* handle)
{
    ENTER("cuStreamDestroy_v2");
    auto* stream = find_stream(handle);
    if (!stream || stream == &state.null_stream)
        return InvalidHandle;
    drain(*stream, stream->submitted);
    for (auto* event : state.events)
        if (event->stream == stream)
            event->stream = nullptr;
    state.streams.erase(stream);
    delete stream;
    return Success;
}

EXPORT Result cuStreamSynchronize(void* handle)
{
    ENTER("cuStreamSynchronize");
    auto* stream = find_stream(handle);
    if (!stream)
        return InvalidHandle;
    return stream->capture ? invalidate(*stream) : wait(*stream, stream->submitted);
}

EXPORT Result cuStreamQuery(void* handle)
{
    ENTER("cuStreamQuery");
    auto* stream = find_stream(handle);
    if (!stream)
        return InvalidHandle;
    if (stream->capture)
        return invalidate(*stream);
    if (stream->done == stream->submitted)
        return Success;
    auto bad = drain(*stream, stream->done + 1); // a query also makes progress
    return bad ? bad : stream->done == stream->submitted ? Success : NotReady;
}

EXPORT Result cuStreamWaitEvent(void* handle, void* mark, unsigned)
{
    ENTER("cuStreamWaitEvent");
    auto* stream = find_stream(handle);
    auto* event = find_event(mark);
    if (!stream || !event)
        return InvalidHandle;
    if (event->capture)
    {
        stream->capture = event->capture;
        return Success;
    }
    if (!event->stream)
        return Success;
    return submit(stream, [other = event->stream, position = event->position]
    {
        if (!state.streams.count(other) && other != &state.null_stream)
            return Success;
        auto bad = drain(*other, position);
        return bad ? bad : other->done < position ? NotReady : Success;
    });
}

EXPORT Result cuLaunchHostFunc(void* handle, void (*function)(void*), void* data)
{
    ENTER("cuLaunchHostFunc");
    auto* stream = find_stream(handle);
    return stream ? submit(stream, [=] { function(data); return Success; }) : InvalidHandle;
}

// For emulated libraries: work that may return NotReady while it waits for another process.
EXPORT Result emulator_queue(void* handle, Result (*work)(void*), void* data)
{
    ENTER("emulator_queue");
    auto* stream = find_stream(handle);
    return stream ? submit(stream, [=] { return work(data); }) : InvalidHandle;
}

// ---- events ----

EXPORT Result cuEventCreate(void** event, unsigned)
{
    ENTER("cuEventCreate");
    *event = *state.events.insert(new Event).first;
    return Success;
}

EXPORT Result cuEventDestroy_v2(void* handle)
{
    ENTER("cuEventDestroy_v2");
    auto* event = find_event(handle);
    if (!event)
        return InvalidHandle;
    state.events.erase(event);
    delete event;
    return Success;
}

EXPORT Result cuEventRecord(void* handle, void* on)
{
    ENTER("cuEventRecord");
    auto* stream = find_stream(on);
    auto* event = find_event(handle);
    if (!stream || !event)
        return InvalidHandle;
    event->capture = stream->capture;
    if (stream->capture)
        return Success;
    event->time = -1;
    auto bad = submit(stream, [event]
    {
        if (state.events.count(event))
            event->time = now();
        return Success;
    });
    event->stream = stream;
    event->position = stream->submitted;
    return bad;
}

EXPORT Result cuEventSynchronize(void* handle)
{
    ENTER("cuEventSynchronize");
    auto* event = find_event(handle);
    return event ? reach(*event) : InvalidHandle;
}

EXPORT Result cuEventQuery(void* handle)
{
    ENTER("cuEventQuery");
    auto* event = find_event(handle);
    if (!event)
        return InvalidHandle;
    if (event->capture)
        return CapturedEvent;
    if (!event->stream || event->stream->done >= event->position)
        return Success;
    auto bad = drain(*event->stream, event->stream->done + 1);
    return bad ? bad : event->stream->done >= event->position ? Success : NotReady;
}

EXPORT Result cuEventElapsedTime(float* milliseconds, void* start, void* end)
{
    ENTER("cuEventElapsedTime");
    auto* first = find_event(start);
    auto* last = find_event(end);
    if (!first || !last)
        return InvalidHandle;
    if ((!first->stream && first->time < 0) || (!last->stream && last->time < 0))
        return InvalidHandle; // never recorded
    if (first->time < 0 || last->time < 0)
        return NotReady;
    *milliseconds = (float)(last->time - first->time);
    return Success;
}

EXPORT Result cuEventElapsedTime_v2(float* milliseconds, void* start, void* end)
{
    return cuEventElapsedTime(milliseconds, start, end);
}

// ---- captures and graphs ----

EXPORT Result cuStreamBeginCapture_v2(void* handle, int mode)
{
    ENTER("cuStreamBeginCapture_v2");
    auto* stream = find_stream(handle);
    if (!stream)
        return InvalidHandle;
    if (stream == &state.null_stream || stream->capture)
        return stream->capture ? invalidate(*stream) : CaptureUnsupported;
    stream->capture = *state.graphs.insert(new Graph).first;
    stream->capture->relaxed = mode == 2;
    stream->origin = true;
    return Success;
}

EXPORT Result cuStreamEndCapture(void* handle, void** graph)
{
    ENTER("cuStreamEndCapture");
    *graph = nullptr;
    auto* stream = find_stream(handle);
    if (!stream)
        return InvalidHandle;
    if (!stream->capture || !stream->origin)
        return CaptureUnmatched;
    auto* made = stream->capture;
    leave_capture(made);
    for (auto* event : state.events)
        if (event->capture == made)
            event->capture = nullptr;
    if (made->invalid)
    {
        state.graphs.erase(made);
        delete made;
        return CaptureInvalidated;
    }
    *graph = made;
    return Success;
}

EXPORT Result cuStreamIsCapturing(void* handle, int* status)
{
    ENTER("cuStreamIsCapturing");
    auto* stream = find_stream(handle);
    if (!stream)
        return InvalidHandle;
    *status = !stream->capture ? 0 : stream->capture->invalid ? 2 : 1;
    return Success;
}

EXPORT Result cuThreadExchangeStreamCaptureMode(int* mode)
{
    ENTER("cuThreadExchangeStreamCaptureMode");
    static thread_local int now = 0;
    std::swap(now, *mode);
    return Success;
}

EXPORT Result cuGraphGetNodes(void* graph, void** nodes, size_t* count)
{
    ENTER("cuGraphGetNodes");
    if (!state.graphs.count((Graph*)graph))
        return InvalidHandle;
    if (nodes)
        return NotSupported;
    *count = ((Graph*)graph)->nodes.size();
    return Success;
}

EXPORT Result cuGraphInstantiateWithFlags(void** executable, void* graph, unsigned long long)
{
    ENTER("cuGraphInstantiateWithFlags");
    if (!state.graphs.count((Graph*)graph))
        return InvalidHandle;
    *executable = *state.executables.insert(new Graph(*(Graph*)graph)).first;
    return Success;
}

EXPORT Result cuGraphExecUpdate_v2(void* executable, void* graph, void* information)
{
    ENTER("cuGraphExecUpdate_v2");
    if (!state.executables.count((Graph*)executable) || !state.graphs.count((Graph*)graph))
        return InvalidHandle;
    bool same = ((Graph*)executable)->nodes.size() == ((Graph*)graph)->nodes.size();
    *(int*)information = same ? 0 : 2; // CU_GRAPH_EXEC_UPDATE_ERROR_TOPOLOGY_CHANGED
    if (!same)
        return GraphUpdateFailure;
    ((Graph*)executable)->nodes = ((Graph*)graph)->nodes;
    return Success;
}

EXPORT Result cuGraphUpload(void* executable, void* stream)
{
    ENTER("cuGraphUpload");
    return state.executables.count((Graph*)executable) && find_stream(stream) ? Success : InvalidHandle;
}

EXPORT Result cuGraphLaunch(void* executable, void* handle)
{
    ENTER("cuGraphLaunch");
    auto* stream = find_stream(handle);
    if (!stream || !state.executables.count((Graph*)executable))
        return InvalidHandle;
    for (auto& node : ((Graph*)executable)->nodes)
        if (auto bad = submit(stream, node))
            return bad;
    return Success;
}

EXPORT Result cuGraphDestroy(void* graph)
{
    ENTER("cuGraphDestroy");
    if (!state.graphs.erase((Graph*)graph))
        return InvalidHandle;
    delete (Graph*)graph;
    return Success;
}

EXPORT Result cuGraphExecDestroy(void* executable)
{
    ENTER("cuGraphExecDestroy");
    if (!state.executables.erase((Graph*)executable))
        return InvalidHandle;
    delete (Graph*)executable;
    return Success;
}
