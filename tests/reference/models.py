"""Reference values of small models, computed by PyTorch in float64.

Writes one JSON file a model into tests/ModelDsl.Conformance.Tests/References: sizes, inputs, the result of Forward, the
loss, the gradient of every weight by name, and the losses of ten steps of AdamW on the same batch. The models are written
here from their papers, independently of the DSL. Weights are no part of the files: weight(name, shape) gives them to both
sides. Tried with PyTorch 1.13:

    /usr/bin/python3 tests/reference/models.py
"""

import json
import math
import os
import re

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
EPS = float(torch.tensor(1e-5, dtype=torch.float32))
FOLDER = os.path.join(os.path.dirname(__file__), "..", "ModelDsl.Conformance.Tests", "References")


def weight(name, *shape):
    """0.2 sin(1.7 i + k), plus one for scales of norms; k is the sum of the name's characters modulo 97."""
    k = sum(map(ord, name)) % 97
    i = torch.arange(math.prod(shape), dtype=torch.float64)
    return ((1 if name.endswith(".Scale") else 0) + 0.2 * torch.sin(1.7 * i + k)).reshape(shape).requires_grad_()


def tokens(batch, length, vocab, factor, offset):
    return [[(factor * (b * length + t) + offset) % vocab for t in range(length)] for b in range(batch)]


class Weights(dict):
    """Made on first use, in that order."""

    def get(self, name, *shape):
        if name not in self:
            self[name] = weight(name, *shape)
        return self[name]

    def linear(self, name, x, outputs, layers=None, layer=None, bias=True):
        lead = [] if layers is None else [layers]
        w = self.get(name + ".Weight", *lead, outputs, x.shape[-1])
        y = x @ (w if layer is None else w[layer]).T
        if bias:
            b = self.get(name + ".Bias", *lead, outputs)
            y = y + (b if layer is None else b[layer])
        return y

    def vector(self, name, width, layers=None, layer=None):
        w = self.get(name, *([] if layers is None else [layers]), width)
        return w if layer is None else w[layer]


def layer_norm(weights, name, x, layers=None, layer=None):
    scale = weights.vector(name + ".Scale", x.shape[-1], layers, layer)
    bias = weights.vector(name + ".Bias", x.shape[-1], layers, layer)
    return F.layer_norm(x, x.shape[-1:], scale, bias, EPS)


def rms_norm(weights, name, x, layers=None, layer=None):
    return x / torch.sqrt(x.pow(2).mean(-1, keepdim=True) + EPS) * weights.vector(name + ".Scale", x.shape[-1], layers, layer)


def attention(query, key, value, causal=True, window=0, cap=0.0):
    """[B, T, H, D] over [B, T, K, D], K dividing H."""
    group = query.shape[2] // key.shape[2]
    key, value = (x.repeat_interleave(group, dim=2).transpose(1, 2) for x in (key, value))
    scores = query.transpose(1, 2) @ key.transpose(2, 3) / math.sqrt(query.shape[-1])
    if cap > 0:
        scores = cap * torch.tanh(scores / cap)
    length = query.shape[1]
    distance = torch.arange(length)[:, None] - torch.arange(length)[None, :]
    seen = torch.ones(length, length, dtype=torch.bool)
    if causal:
        seen = seen & (distance >= 0)
    if window > 0:
        seen = seen & (distance < window)
    scores = scores.masked_fill(~seen, float("-inf"))
    return (scores.softmax(-1) @ value).transpose(1, 2)


def rope(x, theta, neighbours):
    half = x.shape[-1] // 2
    angle = torch.arange(x.shape[1])[:, None] * theta ** (-torch.arange(half) / half)
    turn = torch.polar(torch.ones_like(angle), angle)[None, :, None, :]
    a, b = (x[..., 0::2], x[..., 1::2]) if neighbours else (x[..., :half], x[..., half:])
    y = torch.complex(a, b) * turn
    return torch.stack((y.real, y.imag), -1).flatten(-2) if neighbours else torch.cat((y.real, y.imag), -1)


def gpt2(size, inputs, weights):
    ids = torch.tensor(inputs["tokens"])
    width, layers, heads = size["Width"], size["Layers"], size["Heads"]
    token = weights.get("Token.Weight", size["Vocab"], width)
    position = weights.get("Position.Weight", size["Context"], width)
    x = token[ids] + position[: ids.shape[1]]
    for n in range(layers):
        block = "Blocks.{}."
        y = layer_norm(weights, block + "AttentionNorm", x, layers, n)
        y = weights.linear(block + "Attention.QueryKeyValue", y, 3 * width, layers, n)
        query, key, value = (part.unflatten(-1, (heads, width // heads)) for part in y.split(width, -1))
        x = x + weights.linear(block + "Attention.Output", attention(query, key, value).flatten(-2), width, layers, n)
        y = layer_norm(weights, block + "MlpNorm", x, layers, n)
        y = weights.linear(block + "Mlp.Up", y, 4 * width, layers, n)
        y = 0.5 * y * (1 + torch.tanh(math.sqrt(2 / math.pi) * (y + 0.044715 * y**3)))
        x = x + weights.linear(block + "Mlp.Down", y, width, layers, n)
    return layer_norm(weights, "Final", x) @ token.T


def llama(size, inputs, weights, neighbours=False, normed=False, tied=False, cap=0.0):
    ids = torch.tensor(inputs["tokens"])
    width, layers, heads, key_heads, head = (size[n] for n in ("Width", "Layers", "Heads", "KeyHeads", "HeadWidth"))
    token = weights.get("Token.Weight", size["Vocab"], width)
    x = token[ids]
    for n in range(layers):
        block = "Blocks.{}."
        y = rms_norm(weights, block + "AttentionNorm", x, layers, n)
        query, key, value = (
            weights.linear(f"{block}Attention.{name}", y, count * head, layers, n, bias=False).unflatten(-1, (count, head))
            for name, count in (("Query", heads), ("Key", key_heads), ("Value", key_heads)))
        if normed:
            query = rms_norm(weights, block + "Attention.QueryNorm", query, layers, n)
            key = rms_norm(weights, block + "Attention.KeyNorm", key, layers, n)
        query, key = rope(query, 10000.0, neighbours), rope(key, 10000.0, neighbours)
        mixed = attention(query, key, value, window=size["Window"] if n % 2 == 0 else 0, cap=cap)
        x = x + weights.linear(block + "Attention.Output", mixed.flatten(-2), width, layers, n, bias=False)
        y = rms_norm(weights, block + "MlpNorm", x, layers, n)
        gate = weights.linear(block + "Mlp.Gate", y, size["Hidden"], layers, n, bias=False)
        up = weights.linear(block + "Mlp.Up", y, size["Hidden"], layers, n, bias=False)
        x = x + weights.linear(block + "Mlp.Down", F.silu(gate) * up, width, layers, n, bias=False)
    x = rms_norm(weights, "Final", x)
    return x @ token.T if tied else weights.linear("Head", x, size["Vocab"], bias=False)


def classifier(size, inputs, weights):
    x = torch.tensor(inputs["image"])
    x = torch.relu(weights.linear("Enter", x, size["Hidden"]))
    x = torch.relu(weights.linear("Middle", x, size["Hidden"]))
    return weights.linear("Leave", x, size["Classes"])


def decode(size, weights, code):
    return weights.linear("Image", torch.relu(weights.linear("Decoder", code, size["Hidden"])), size["Pixels"])


def autoencoder(size, inputs, weights):
    features = torch.relu(weights.linear("Encoder", torch.tensor(inputs["image"]), size["Hidden"]))
    return decode(size, weights, weights.linear("Mean", features, size["Code"]))


def autoencoder_loss(size, inputs, weights, step):
    """The noise is that of seed 0 and the step: CounterRandom in generators/ModelDsl.Compiler/Ops."""
    image = torch.tensor(inputs["image"])
    features = torch.relu(weights.linear("Encoder", image, size["Hidden"]))
    mean = weights.linear("Mean", features, size["Code"])
    log_variance = weights.linear("LogVariance", features, size["Code"])
    noise = torch.tensor(normals(0, step, "#0", mean.numel())).reshape(mean.shape)
    logits = decode(size, weights, mean + torch.exp(0.5 * log_variance) * noise)
    rebuilt = F.binary_cross_entropy_with_logits(logits, image, reduction="mean") * size["Pixels"]
    divergence = 0.5 * (mean**2 + log_variance.exp() - log_variance - 1).sum(-1).mean()
    return rebuilt + divergence


def vision_transformer(size, inputs, weights):
    image = torch.tensor(inputs["image"])
    patch, width, layers, heads = (size[n] for n in ("Patch", "Width", "Layers", "Heads"))
    squares = F.unfold(image, patch, stride=patch).transpose(1, 2)
    x = weights.linear("Patches.Projection", squares, width)
    x = x + weights.get("Position", x.shape[1], width)
    for n in range(layers):
        block = "Blocks.{}."
        y = layer_norm(weights, block + "AttentionNorm", x, layers, n)
        y = weights.linear(block + "Attention.QueryKeyValue", y, 3 * width, layers, n)
        query, key, value = (part.unflatten(-1, (heads, width // heads)) for part in y.split(width, -1))
        x = x + weights.linear(block + "Attention.Output", attention(query, key, value, causal=False).flatten(-2), width, layers, n)
        y = layer_norm(weights, block + "MlpNorm", x, layers, n)
        x = x + weights.linear(block + "Mlp.Down", F.gelu(weights.linear(block + "Mlp.Up", y, 4 * width, layers, n)), width, layers, n)
    return weights.linear("Head", layer_norm(weights, "Final", x).mean(1), size["Classes"])


def next_token(logits, inputs):
    return F.cross_entropy(logits.flatten(0, 1), torch.tensor(inputs["targets"]).flatten(), ignore_index=-1)


def classes(logits, inputs):
    return F.cross_entropy(logits, torch.tensor(inputs["label"]))


MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15


def mix(z):
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 & MASK
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB & MASK
    return z ^ (z >> 31)


def normals(seed, step, stream, count):
    name = 0xCBF29CE484222325
    for c in stream:
        name = (name ^ ord(c)) * 0x100000001B3 & MASK
    key = mix((mix((mix((mix((seed + GOLDEN) & MASK) + step) & MASK) + name) & MASK)))
    result = []
    for element in range(count):
        h = mix((key + (element + 1) * GOLDEN) & MASK)
        u, v = ((h >> 32) + 0.5) / 2**32, (h & 0xFFFFFFFF) / 2**32
        result.append(math.sqrt(-2 * math.log(u)) * math.cos(2 * math.pi * v))
    return result


def write(name, model, structure, size, floats, inputs, forward, loss):
    """structure: the key of the model's variant. loss(weights, step)."""
    weights = Weights()
    result = forward(weights)
    value = loss(weights, 0)
    value.backward()
    gradients = {n: w.grad.flatten().tolist() for n, w in weights.items()}
    optimizer = torch.optim.AdamW([
        {"params": [w for n, w in weights.items() if decays(n, w)], "weight_decay": 0.1},
        {"params": [w for n, w in weights.items() if not decays(n, w)], "weight_decay": 0.0},
    ], lr=1e-2, betas=(0.9, 0.95), eps=1e-8)
    losses = []
    for step in range(10):
        optimizer.zero_grad()
        value = loss(weights, step)
        losses.append(value.item())
        value.backward()
        optimizer.step()
    text = json.dumps({
        "model": model, "structure": structure, "sizes": size, "floats": floats, "inputs": inputs,
        "forward": short(result.flatten().tolist()), "loss": losses[0], "losses": losses,
        "gradients": {n: short(g) for n, g in gradients.items()}}, indent=1)
    text = re.sub(r"\s*\n\s+(?=[-\d\]])", " ", text)
    with open(os.path.join(FOLDER, name + ".json"), "w") as file:
        file.write(text + "\n")
    print(f"{name}: {len(text) // 1024} KB, losses {losses[0]:.6f} to {losses[-1]:.6f}")


def short(values):
    """To twelve digits: what float64 in another order of summation agrees to, and half the bytes."""
    return [float(f"{v:.12g}") for v in values]


def decays(name, w):
    """Matrices decay, vectors do not; the weights of a repeat have its axis in front."""
    return w.dim() - ("{}" in name) >= 2


def language(name, model, structure, size, floats, forward, vocab, length, uncounted):
    inputs = {"tokens": tokens(2, length, vocab, 7, 3), "targets": tokens(2, length, vocab, 5, 1)}
    for b, t in uncounted:
        inputs["targets"][b][t] = -1
    run = lambda weights: forward(size, inputs, weights)
    write(name, model, structure, size | {"B": 2, "T": length}, floats, inputs, run, lambda weights, step: next_token(run(weights), inputs))


def wave(*shape):
    return (0.5 + 0.5 * torch.sin(2.3 * torch.arange(math.prod(shape)) + 0.4)).reshape(shape).tolist()


def main():
    os.makedirs(FOLDER, exist_ok=True)
    small = {"Vocab": 13, "Context": 8, "Width": 8, "Layers": 2, "Heads": 2}
    language("gpt2", "Gpt2", "", small, {}, gpt2, 13, 6, [(0, 5), (1, 2)])

    small = {"Vocab": 13, "Width": 10, "Layers": 2, "Heads": 4, "KeyHeads": 2, "HeadWidth": 4, "Hidden": 14, "Window": 4}
    floats = {"Theta": 10000.0, "SoftCap": 0.0, "Eps": EPS}
    key = "QueryKeyNorm={} Rotary={} TiedHead={}".format
    language("llama", "Llama", key("false", "Halves", "false"), small, floats, llama, 13, 7, [])
    language("llama-neighbours", "Llama", key("false", "Neighbours", "false"), small, floats,
             lambda *a: llama(*a, neighbours=True), 13, 7, [])
    language("llama-normed", "Llama", key("true", "Halves", "true"), small, floats | {"SoftCap": 2.0},
             lambda *a: llama(*a, normed=True, tied=True, cap=2.0), 13, 7, [])

    small = {"Pixels": 16, "Hidden": 12, "Classes": 5, "B": 3, "T": 1}
    inputs = {"image": wave(3, 16), "label": [4, 0, 2]}
    write("classifier", "Classifier", "", small, {}, inputs, lambda w: classifier(small, inputs, w),
          lambda w, step: classes(classifier(small, inputs, w), inputs))

    coder = {"Pixels": 16, "Hidden": 12, "Code": 4, "B": 3, "T": 1}
    picture = {"image": wave(3, 16)}
    write("autoencoder", "VariationalAutoencoder", "", coder, {}, picture, lambda w: autoencoder(coder, picture, w),
          lambda w, step: autoencoder_loss(coder, picture, w, step))

    vit = {"Side": 8, "Channels": 2, "Patch": 4, "Width": 8, "Layers": 2, "Heads": 2, "Classes": 5, "B": 2, "T": 1}
    photo = {"image": wave(2, 2, 8, 8), "label": [3, 1]}
    write("vision-transformer", "VisionTransformer", "", vit, {}, photo, lambda w: vision_transformer(vit, photo, w),
          lambda w, step: classes(vision_transformer(vit, photo, w), photo))


main()
