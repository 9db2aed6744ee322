using System.Buffers.Binary;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace ModelDsl.Runtime.Collectives;

/// <summary>
/// One TCP connection between rank 0 and another: frames of a length (4 bytes), a <see cref="MonitorMessage"/> and a body.
/// Sends from any thread, receives on one.
/// </summary>
internal sealed class MonitorConnection : IDisposable
{
    private const int HeaderBytes = 5, MaxBody = 16 << 20;

    private readonly Lock _sending = new();
    private readonly Socket _socket;
    private byte[] _sent = new byte[256], _received = new byte[256];

    public MonitorConnection(Socket socket)
    {
        _socket = socket;
        socket.NoDelay = true;
        socket.SendTimeout = 2000;
        // A host that loses its power says nothing: probes find out within about 15 s.
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 6);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 3);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
    }

    public TimeSpan ReceiveTimeout { set => _socket.ReceiveTimeout = (int)value.TotalMilliseconds; }

    public void Send<T>(MonitorMessage message, in T body) where T : unmanaged =>
        Send(message, MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in body)));

    public void Send(MonitorMessage message, string text) => Send(message, Encoding.UTF8.GetBytes(text));

    /// <summary>Sends, or does nothing where the other side is gone: the receiving side notices.</summary>
    public void Send(MonitorMessage message, ReadOnlySpan<byte> body)
    {
        lock (_sending)
        {
            if (_sent.Length < HeaderBytes + body.Length)
                _sent = new byte[HeaderBytes + body.Length];
            BinaryPrimitives.WriteInt32LittleEndian(_sent, body.Length);
            _sent[4] = (byte)message;
            body.CopyTo(_sent.AsSpan(HeaderBytes));
            try
            {
                for (int done = 0; done < HeaderBytes + body.Length;)
                    done += _socket.Send(_sent, done, HeaderBytes + body.Length - done, SocketFlags.None);
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException)
            {
            }
        }
    }

    /// <summary>Waits for the next frame; false when the connection has closed, or the time-out has passed.</summary>
    /// <param name="body">Valid until the next call.</param>
    public bool TryReceive(out MonitorMessage message, out ReadOnlySpan<byte> body)
    {
        message = default;
        body = default;
        if (!Fill(HeaderBytes))
            return false;
        int length = BinaryPrimitives.ReadInt32LittleEndian(_received);
        message = (MonitorMessage)_received[4];
        if (length is < 0 or > MaxBody)
            return false; // no monitor talks like this
        if (_received.Length < length)
            _received = new byte[length];
        if (!Fill(length))
            return false;
        body = _received.AsSpan(0, length);
        return true;
    }

    private bool Fill(int length)
    {
        try
        {
            for (int done = 0; done < length;)
            {
                int count = _socket.Receive(_received, done, length - done, SocketFlags.None);
                if (count == 0)
                    return false;
                done += count;
            }
            return true;
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }

    /// <summary>Ends what is being received on another thread too.</summary>
    public void Dispose()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (SocketException)
        {
        }
        _socket.Dispose();
    }
}
