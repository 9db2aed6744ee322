"""Training steps of GPT-2 in PyTorch: torch_step.py vocab context width layers heads batch length threads.

Reads a number of steps a line, writes their seconds; in the end writes the process's peak memory in bytes.
"""
import os
import sys
import time

import torch

sys.path.append(os.path.join(os.path.dirname(__file__), "..", "Peers"))
from torch_gpt2 import Gpt2

vocab, context, width, layers, heads, batch, length, threads = map(int, sys.argv[1:])
torch.set_num_threads(threads)
torch.manual_seed(1)
model = Gpt2(vocab, context, width, layers, heads)
optimizer = model.optimizer(rate=1e-4, beta2=0.95)


def seconds_of_step():
    tokens, targets = torch.randint(vocab, (2, batch, length))
    begin = time.perf_counter()
    optimizer.zero_grad(set_to_none=True)
    loss = model(tokens, targets)
    loss.backward()
    optimizer.step()
    loss.item()
    return time.perf_counter() - begin


def peak_bytes():
    # Not getrusage: its maximum is inherited from the process that started this one.
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) << 10 for line in status if line.startswith("VmHWM"))


print("PyTorch " + torch.__version__, flush=True)
for line in sys.stdin:
    print(*(seconds_of_step() for _ in range(int(line))), flush=True)
print(peak_bytes())
