"""Trains a GPT-2 on characters in PyTorch: torch_quality.py layers width heads batch length steps rate threads.

The first lines of the input are the vocabulary's size, the training tokens and the validation tokens. Then reads a seed
a line, trains, and writes the validation loss.
"""
import math
import os
import sys

import torch

sys.path.append(os.path.join(os.path.dirname(__file__), "..", "Peers"))
from torch_gpt2 import Gpt2

layers, width, heads, batch, length, steps = map(int, sys.argv[1:7])
peak, threads = float(sys.argv[7]), int(sys.argv[8])
torch.set_num_threads(threads)
vocab = int(sys.stdin.readline())
training, validation = (torch.tensor([int(t) for t in sys.stdin.readline().split()]) for _ in range(2))
warmup, floor = steps // 20, peak / 10


def rate(step):
    if step < warmup:
        return peak * (step + 1) / warmup
    return floor + (peak - floor) * 0.5 * (1 + math.cos(math.pi * (step - warmup) / (steps - warmup)))


def train(seed):
    torch.manual_seed(seed)
    model = Gpt2(vocab, length, width, layers, heads)
    optimizer = model.optimizer(rate=peak, beta2=0.99)
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = rate(step)
        starts = torch.randint(len(training) - length, (batch, 1))
        crops = training[starts + torch.arange(length + 1)]
        optimizer.zero_grad(set_to_none=True)
        model(crops[:, :-1], crops[:, 1:]).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    return model


@torch.no_grad()
def validation_loss(model):
    """Over every whole window of the validation tokens."""
    windows = validation.unfold(0, length + 1, length)
    losses = [(model(w[:, :-1], w[:, 1:]).item(), len(w)) for w in windows.split(256)]
    return sum(loss * n for loss, n in losses) / len(windows)


print("PyTorch " + torch.__version__, flush=True)
for line in sys.stdin:
    print(validation_loss(train(int(line))), flush=True)
