"""PyTorch's side of the measurements: answers each line of JSON on standard input with a line of JSON.

Usage: python3 torch_peer.py cuda:0

    {"op": "prepare", "id": 1, "kind": "copy", "bytes": 1048576, "seconds": 0.03}   -> {"ok": true}
    {"op": "time", "id": 1}                                                       -> {"seconds": 1.2e-05}
    {"op": "release"}                                                             -> {"ok": true}

What cannot be done is answered with {"error": "why"}.
"""

import json
import sys
import time


def answer(**values):
    print(json.dumps(values), flush=True)


try:
    import torch
    import torch.nn.functional as F
except ImportError as error:
    answer(error=f"PyTorch is not installed here ({error})")
    sys.exit(1)

DEVICE = torch.device(sys.argv[1] if len(sys.argv) > 1 else "cuda:0")
IS_CUDA = DEVICE.type == "cuda"
TYPES = {
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "F8E4M3": getattr(torch, "float8_e4m3fn", None),
}


def normal(*shape, type="F32", deviation=1.0):
    values = torch.randn(*shape, device=DEVICE) * deviation
    return values.to(TYPES[type])


# Each kind is a function from its sizes to the work of one call. -------------------------------------------------------


def copy(bytes, **_):
    source = torch.randint(0, 255, (bytes,), dtype=torch.uint8, device=DEVICE)
    destination = torch.empty_like(source)
    return lambda: destination.copy_(source)


def gelu(x):
    return F.gelu(x, approximate="tanh")


def gemm(tf32, **sizes):
    work = product(**sizes)

    def with_mode():  # cases that are prepared together may differ in it
        torch.backends.cuda.matmul.allow_tf32 = tf32
        return work()

    return with_mode


def product(m, n, k, type, result, layout, epilogue, **_):
    if type == "F8E4M3":
        return gemm_fp8(m, n, k, result, epilogue)
    a = normal(k, m, type=type).t() if layout[0] == "t" else normal(m, k, type=type)
    b = normal(n, k, type=type, deviation=k**-0.5).t() if layout[1] == "t" else normal(k, n, type=type, deviation=k**-0.5)
    out = torch.empty(m, n, dtype=TYPES[result], device=DEVICE)
    bias = normal(n, type=type)
    auxiliary = normal(m, n, type=type) if epilogue.startswith("GeluGradient") else None
    stored_a = a.t() if layout[0] == "t" else a

    def gelu_bias():
        return torch._addmm_activation(bias, a, b, use_gelu=True)

    def gelu_auxiliary_bias():
        z = torch.addmm(bias, a, b)
        return z, gelu(z)

    def gelu_gradient():
        return torch.ops.aten.gelu_backward(torch.mm(a, b), auxiliary, approximate="tanh")

    def gelu_gradient_bias_gradient():
        gradient = gelu_gradient()
        return gradient, gradient.sum(0)

    def bias_gradient_of_a():
        return torch.mm(a, b, out=out), stored_a.sum(0)

    return {
        "None": lambda: torch.mm(a, b, out=out),
        "Bias": lambda: torch.addmm(bias, a, b, out=out),
        "Gelu": lambda: gelu(torch.mm(a, b)),
        "GeluBias": gelu_bias,
        "GeluAuxiliaryBias": gelu_auxiliary_bias,
        "GeluGradient": gelu_gradient,
        "GeluGradientBiasGradient": gelu_gradient_bias_gradient,
        "BiasGradientOfA": bias_gradient_of_a,
    }[epilogue]


def gemm_fp8(m, n, k, result, epilogue):
    a = normal(m, k, type="F8E4M3")
    b = normal(n, k, type="F8E4M3", deviation=k**-0.5).t()
    one = torch.ones((), device=DEVICE)
    bias = normal(n, type=result) if epilogue in ("Bias", "GeluBias") else None

    def scaled():
        return torch._scaled_mm(a, b, scale_a=one, scale_b=one, bias=bias, out_dtype=TYPES[result])

    if epilogue in ("None", "Bias"):
        return scaled
    if epilogue in ("Gelu", "GeluBias"):
        return lambda: gelu(scaled())
    raise NotImplementedError(f"fp8 has no {epilogue}")


def attention(batch, heads, length, head_size, backend, backward, **_):
    if not hasattr(F, "scaled_dot_product_attention"):
        raise NotImplementedError("this PyTorch has no scaled_dot_product_attention")
    from torch.nn.attention import SDPBackend, sdpa_kernel

    only = getattr(SDPBackend, backend)
    # [B, T, H, D] in memory, as a projection stores it.
    tensors = [normal(batch, length, heads, head_size, type="BF16").transpose(1, 2) for _ in range(4)]
    query, key, value = (tensor.requires_grad_(backward) for tensor in tensors[:3])
    gradient = tensors[3]

    def forward():
        with sdpa_kernel(only):
            return F.scaled_dot_product_attention(query, key, value, is_causal=True)

    if not backward:
        return forward
    output = forward()
    return lambda: torch.autograd.grad(output, (query, key, value), gradient, retain_graph=True)


def adamw(count, **_):
    weights = torch.nn.Parameter(normal(count))
    weights.grad = normal(count)
    options = {"fused": True} if IS_CUDA else {}
    return torch.optim.AdamW([weights], lr=3e-4, betas=(0.9, 0.95), eps=1e-8, weight_decay=0.1, **options).step


def graph(kernels, elements, **_):
    x = torch.zeros(elements, device=DEVICE)
    x.mul_(1.0001)
    captured = torch.cuda.CUDAGraph()
    with torch.cuda.graph(captured):
        for _ in range(kernels):
            x.mul_(1.0001)
    return captured.replay


KINDS = {"copy": copy, "gemm": gemm, "attention": attention, "adamw": adamw, "graph": graph}

# Timing ----------------------------------------------------------------------------------------------------------------


# The device's time is measured, not Python's: all calls are queued while the device still sleeps.
CALLS = 200 if IS_CUDA else 1000  # that fit into the device's queue
CLOCK = 2e9  # cycles of a second of sleep, at the highest clock


def host_seconds(work, calls):
    begin = time.perf_counter()
    for _ in range(calls):
        work()
    return time.perf_counter() - begin


def seconds_of(work, calls, sleep=0.0):
    if not IS_CUDA:
        return host_seconds(work, calls) / calls
    begin, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
    if sleep > 0:
        torch.cuda._sleep(int(sleep * CLOCK))
    begin.record()
    for _ in range(calls):
        work()
    end.record()
    end.synchronize()
    return begin.elapsed_time(end) * 1e-3 / calls


def prepare(request):
    work = KINDS[request["kind"]](**request)
    seconds_of(work, 2)
    calls = max(1, min(CALLS, int(request["seconds"] / max(seconds_of(work, 1), 1e-7))))
    sleep = 0.0
    if IS_CUDA:
        sleep = host_seconds(work, calls)
        torch.cuda.synchronize()
    return work, calls, sleep


def main():
    if IS_CUDA and not torch.cuda.is_available():
        return answer(error=f"PyTorch {torch.__version__} is here and finds no CUDA device")
    name = torch.cuda.get_device_name(DEVICE) if IS_CUDA else "the processor"
    answer(torch=torch.__version__, cuda=str(torch.version.cuda), device=name, python=sys.version.split()[0])
    ready = {}
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request["op"] == "prepare":
                ready[request["id"]] = prepare(request)
                answer(ok=True)
            elif request["op"] == "time":
                answer(seconds=seconds_of(*ready[request["id"]]))
            else:
                ready.clear()
                if IS_CUDA:
                    torch.cuda.empty_cache()
                answer(ok=True)
        except Exception as error:  # PyTorch's refusals are reported, and the next case is tried
            answer(error=f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}")


main()
