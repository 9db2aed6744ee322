"""GPT-2 in plain PyTorch with the sizes, initial weights and decay groups of the GPT-2 record: what the peers train."""
import torch
from torch import nn
from torch.nn import functional as F


class Attention(nn.Module):
    def __init__(self, width, heads, context):
        super().__init__()
        self.heads = heads
        self.joint, self.output = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.register_buffer("future", torch.ones(context, context, dtype=torch.bool).triu(1), persistent=False)

    def forward(self, x):
        batch, length, width = x.shape
        # [3, B, heads, T, width / heads]
        q, k, v = self.joint(x).view(batch, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        if hasattr(F, "scaled_dot_product_attention"):
            mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        else:
            scores = (q @ k.transpose(-2, -1)) * (width // self.heads) ** -0.5
            mixed = scores.masked_fill(self.future[:length, :length], float("-inf")).softmax(-1) @ v
        return self.output(mixed.transpose(1, 2).reshape(batch, length, width))


class Block(nn.Module):
    def __init__(self, width, heads, context):
        super().__init__()
        self.attention_norm, self.attention = nn.LayerNorm(width), Attention(width, heads, context)
        self.mlp_norm, self.up, self.down = nn.LayerNorm(width), nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x):
        x = x + self.attention(self.attention_norm(x))
        return x + self.down(F.gelu(self.up(self.mlp_norm(x)), approximate="tanh"))


class Gpt2(nn.Module):
    def __init__(self, vocab, context, width, layers, heads):
        super().__init__()
        self.token, self.position = nn.Embedding(vocab, width), nn.Embedding(context, width)
        self.blocks = nn.Sequential(*(Block(width, heads, context) for _ in range(layers)))
        self.final = nn.LayerNorm(width)
        residual = ("attention.output.weight", "down.weight")
        for name, weight in self.named_parameters():
            if weight.dim() > 1:
                nn.init.normal_(weight, 0, 0.02 * ((2 * layers) ** -0.5 if name.endswith(residual) else 1))
            elif name.endswith("bias"):
                nn.init.zeros_(weight)

    def forward(self, tokens, targets):
        """The mean cross-entropy; both [B, T]."""
        x = self.token(tokens) + self.position.weight[: tokens.shape[1]]
        scores = F.linear(self.final(self.blocks(x)), self.token.weight)
        return F.cross_entropy(scores.flatten(0, 1), targets.flatten())

    def optimizer(self, rate, beta2):
        weights = list(self.parameters())
        groups = [
            {"params": [w for w in weights if w.dim() > 1], "weight_decay": 0.1},
            {"params": [w for w in weights if w.dim() <= 1], "weight_decay": 0.0},
        ]
        return torch.optim.AdamW(groups, lr=rate, betas=(0.9, beta2))
