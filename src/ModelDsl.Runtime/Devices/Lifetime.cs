namespace ModelDsl.Runtime;

/// <summary>
/// The life of an object that owns native memory. Calls in progress are counted, so that Dispose frees the memory at once or,
/// where another thread is using it, when the last of them ends; once, however often it is called.
/// </summary>
/// <param name="name">Of the object's type, for messages.</param>
/// <param name="free">Called once.</param>
internal sealed class Lifetime(string name, Action free)
{
    private const int Disposed = 1 << 30;

    private int _state; // calls in progress, and Disposed
    private int _thread; // that is inside an exclusive call; 0 is none
    private int _depth; // of its calls

    /// <summary>A call that others may be beside.</summary>
    /// <exception cref="ObjectDisposedException"/>
    public Use Enter()
    {
        Begin();
        return new(this, exclusive: false);
    }

    /// <summary>A call that no other thread may be beside; a thread may call from within its own.</summary>
    /// <exception cref="ObjectDisposedException"/>
    /// <exception cref="ConcurrentUseException">Another thread is inside.</exception>
    public Use EnterAlone()
    {
        int thread = Environment.CurrentManagedThreadId;
        int holder = Interlocked.CompareExchange(ref _thread, thread, 0);
        if (holder != 0 && holder != thread)
            throw new ConcurrentUseException($"This {name} is in use by another thread, and only one at a time may use it: give each thread its own.");
        try
        {
            Begin();
        }
        catch when (holder == 0)
        {
            Volatile.Write(ref _thread, 0);
            throw;
        }
        _depth++;
        return new(this, exclusive: true);
    }

    public void Dispose()
    {
        if (Interlocked.Or(ref _state, Disposed) == 0)
            free();
    }

    private void Begin()
    {
        for (int state = Volatile.Read(ref _state), seen; ; state = seen)
        {
            if ((state & Disposed) != 0)
                throw new ObjectDisposedException(name);
            seen = Interlocked.CompareExchange(ref _state, state + 1, state);
            if (seen == state)
                return;
        }
    }

    private void Leave()
    {
        if (--_depth == 0)
            Volatile.Write(ref _thread, 0);
        Exit();
    }

    private void Exit()
    {
        if (Interlocked.Decrement(ref _state) == Disposed)
            free();
    }

    /// <summary>Ends a call. What it keeps alive is not finalised before.</summary>
    public readonly ref struct Use(Lifetime? lifetime, bool exclusive)
    {
        public void Dispose()
        {
            if (exclusive)
                lifetime!.Leave();
            else
                lifetime?.Exit();
        }
    }
}
