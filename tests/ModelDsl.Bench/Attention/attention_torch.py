"""Causal attention in PyTorch as matmul, masked softmax, matmul. Reads shapes, writes median seconds, forward and backward."""
import statistics, sys, time
import torch

torch.set_num_threads(int(sys.argv[1]))
print("PyTorch " + torch.__version__, flush=True)


def attention(q, k, v, mask):
    group = q.shape[1] // k.shape[1]
    if group > 1:
        k, v = k.repeat_interleave(group, 1), v.repeat_interleave(group, 1)
    scores = torch.matmul(q, k.transpose(-2, -1)) * q.shape[-1] ** -0.5
    return torch.matmul(torch.softmax(scores.masked_fill(mask, float("-inf")), -1), v)


def median(step, seconds=0.4):
    step()
    times, end = [], time.perf_counter() + seconds
    while len(times) < 5 or time.perf_counter() < end:
        begin = time.perf_counter()
        step()
        times.append(time.perf_counter() - begin)
    return statistics.median(times)


for line in sys.stdin:
    b, h, hk, tq, tk, d = map(int, line.split())
    q = torch.randn(b, h, tq, d, requires_grad=tq > 1)
    k, v = (torch.randn(b, hk, tk, d, requires_grad=tq > 1) for _ in range(2))
    mask = torch.ones(tq, tk, dtype=torch.bool).triu(1 + tk - tq)
    with torch.no_grad():
        forward = median(lambda: attention(q, k, v, mask))
    backward = 0.0
    if tq > 1:
        out = attention(q, k, v, mask)
        dout = torch.randn_like(out)
        backward = median(lambda: torch.autograd.grad(out, (q, k, v), dout, retain_graph=True))
    print(forward, backward, flush=True)
