"""Losses and gradients of two small language models in PyTorch, float64: what the compiler's own are tested against.

    python3 tests/reference/small_models.py

writes tests/reference/small_llama.json and small_gpt2.json: the sizes, every input and weight, the loss, the gradient of
every weight by name, and the losses of ten AdamW steps. Stacked weights have the layer as their first axis. The models
are tests/ModelDsl.Compiler.Tests/Support/Small*.cs, written here a second time from their papers' formulas.
"""
import json
import math
import pathlib

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
SIZES = dict(B=2, T=5, V=11, W=8, L=3, F=12)


def rms_norm(x, scale):
    return x / torch.sqrt((x * x).mean(-1, keepdim=True) + 1e-5) * scale


def rotate(x):
    """Hugging Face's layout: element i of a head turns with element i + D / 2. x [B, T, H, D]."""
    half = x.shape[-1] // 2
    frequencies = 10000.0 ** (-torch.arange(half) / half)
    angles = torch.arange(x.shape[1])[:, None] * frequencies
    turn = torch.polar(torch.ones_like(angles), angles)[:, None, :]
    turned = torch.complex(x[..., :half], x[..., half:]) * turn
    return torch.cat([turned.real, turned.imag], -1)


def attention(q, k, v, window=0):
    """Causal; q [B, T, H, D], k and v [B, T, K, D]; a window of 0 is none."""
    group = q.shape[2] // k.shape[2]
    q, k, v = (y.transpose(1, 2) for y in (q, k.repeat_interleave(group, 2), v.repeat_interleave(group, 2)))
    scores = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])
    distance = torch.arange(q.shape[2])[:, None] - torch.arange(q.shape[2])[None, :]
    seen = distance >= 0
    if window > 0:
        seen &= distance < window
    return (scores.masked_fill(~seen, -math.inf).softmax(-1) @ v).transpose(1, 2)


def llama_weights(V, W, L, F, **_):
    return {
        "Token": (V, W), "Final.Norm": (W,), "Attend.Norm": (L, W), "Attend.Query": (L, W, W), "Attend.Key": (L, W // 2, W),
        "Attend.Value": (L, W // 2, W), "Attend.Output": (L, W, W), "Feed.Norm": (L, W), "Feed.GateUp": (L, 2 * F, W), "Feed.Down": (L, W, F),
    }


def llama(w, tokens):
    x = w["Token"][tokens]
    batch, length, width = x.shape
    for i in range(SIZES["L"]):
        y = rms_norm(x, w["Attend.Norm"][i])
        q = rotate((y @ w["Attend.Query"][i].T).view(batch, length, 4, -1))
        k = rotate((y @ w["Attend.Key"][i].T).view(batch, length, 2, -1))
        v = (y @ w["Attend.Value"][i].T).view(batch, length, 2, -1)
        x = x + attention(q, k, v, window=i % 2 * 2).reshape(x.shape) @ w["Attend.Output"][i].T
        gate, up = (rms_norm(x, w["Feed.Norm"][i]) @ w["Feed.GateUp"][i].T).chunk(2, -1)
        x = x + (F.silu(gate) * up) @ w["Feed.Down"][i].T
    return rms_norm(x, w["Final.Norm"]) @ w["Token"].T


def gpt2_weights(V, W, L, F, T, **_):
    return {
        "Token": (V, W), "Position": (T + 3, W), "Final.Scale": (W,), "Final.Bias": (W,),
        "Attend.Scale": (L, W), "Attend.Bias": (L, W), "Attend.Fused": (L, 3 * W, W), "Attend.FusedBias": (L, 3 * W),
        "Attend.Output": (L, W, W), "Attend.OutputBias": (L, W), "Feed.Scale": (L, W), "Feed.Bias": (L, W),
        "Feed.Up": (L, F, W), "Feed.UpBias": (L, F), "Feed.Down": (L, W, F), "Feed.DownBias": (L, W),
    }


def gpt2(w, tokens):
    x = w["Token"][tokens] + w["Position"][: tokens.shape[1]]
    batch, length, width = x.shape
    for i in range(SIZES["L"]):
        y = F.layer_norm(x, (width,), w["Attend.Scale"][i], w["Attend.Bias"][i])
        q, k, v = (z.view(batch, length, 4, -1) for z in F.linear(y, w["Attend.Fused"][i], w["Attend.FusedBias"][i]).chunk(3, -1))
        x = x + F.linear(attention(q, k, v).reshape(x.shape), w["Attend.Output"][i], w["Attend.OutputBias"][i])
        y = F.layer_norm(x, (width,), w["Feed.Scale"][i], w["Feed.Bias"][i])
        x = x + F.linear(F.gelu(F.linear(y, w["Feed.Up"][i], w["Feed.UpBias"][i]), approximate="tanh"), w["Feed.Down"][i], w["Feed.DownBias"][i])
    return F.layer_norm(x, (width,), w["Final.Scale"], w["Final.Bias"]) @ w["Token"].T


def write(name, model, shapes):
    random = torch.Generator().manual_seed(3)
    draw = lambda shape: torch.round(torch.rand(shape, generator=random) * 1e4 - 5e3) / 1e4
    weights = {key: draw(shape).requires_grad_() for key, shape in shapes(**SIZES).items()}
    tokens, targets = (torch.randint(0, SIZES["V"], (SIZES["B"], SIZES["T"]), generator=random) for _ in range(2))
    targets[0, 1] = -1
    inputs = {"tokens": tokens, "targets": targets, **weights}
    reference = {"sizes": SIZES, "inputs": {key: flat(value) for key, value in inputs.items()}}

    optimizer = torch.optim.AdamW(weights.values(), lr=1e-2, betas=(0.9, 0.95), eps=1e-8, weight_decay=0.1)
    losses = []
    for step in range(10):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(weights, tokens).flatten(0, 1), targets.flatten(), ignore_index=-1)
        loss.backward()
        if step == 0:
            reference["gradients"] = {key: flat(value.grad) for key, value in weights.items()}
        losses.append(loss.item())
        optimizer.step()
    reference["losses"] = losses
    pathlib.Path(__file__).with_name(name).write_text(json.dumps(reference, separators=(",", ":")).replace("},", "},\n").replace("],", "],\n") + "\n")


def flat(tensor):
    return tensor.detach().flatten().tolist()


write("small_llama.json", llama, llama_weights)
write("small_gpt2.json", gpt2, gpt2_weights)
