"""Trains a transformer with PyTorch as one writes it there; reads numbers of steps, answers each with a line.

Usage: pytorch_transformer.py layers d_model d_mlp heads context vocabulary contexts threads
"""
import math
import sys

import torch
from torch import nn
from torch.nn import functional as F

layers, d_model, d_mlp, heads, context, vocabulary, contexts, threads = map(int, sys.argv[1:])
torch.set_num_threads(threads)
torch.manual_seed(1)


def attend(q, k, v):
    if hasattr(F, "scaled_dot_product_attention"):
        return F.scaled_dot_product_attention(q, k, v, is_causal=True)
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    return F.softmax(scores.masked_fill(future, float("-inf")), dim=-1) @ v


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention_norm = nn.LayerNorm(d_model)
        self.attention = nn.Linear(d_model, 3 * d_model)
        self.attention_out = nn.Linear(d_model, d_model)
        self.mlp_norm = nn.LayerNorm(d_model)
        self.mlp_in = nn.Linear(d_model, d_mlp)
        self.mlp_out = nn.Linear(d_mlp, d_model)

    def forward(self, x):
        b, t, d = x.shape
        q, k, v = (part.view(b, t, heads, d // heads).transpose(1, 2) for part in self.attention(self.attention_norm(x)).split(d, dim=2))
        x = x + self.attention_out(attend(q, k, v).transpose(1, 2).reshape(b, t, d))
        return x + self.mlp_out(F.relu(self.mlp_in(self.mlp_norm(x))))


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.tokens = nn.Embedding(vocabulary, d_model)
        self.positions = nn.Embedding(context, d_model)
        self.blocks = nn.ModuleList(Block() for _ in range(layers))
        self.norm = nn.LayerNorm(d_model)
        self.head = nn.Linear(d_model, vocabulary)

    def forward(self, tokens):
        x = self.tokens(tokens) + self.positions(torch.arange(tokens.shape[1]))
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))


future = torch.ones(context, context, dtype=torch.bool).triu(1)
model = Model()
text = torch.randint(vocabulary, (1 << 20,))
matrices = [parameter for parameter in model.parameters() if parameter.dim() > 1]
vectors = [parameter for parameter in model.parameters() if parameter.dim() <= 1]
adam = torch.optim.AdamW([{"params": matrices, "weight_decay": 0.1}, {"params": vectors, "weight_decay": 0.0}], lr=1e-3, betas=(0.9, 0.98))


def step(number):
    starts = [(number * contexts + i) * context % (len(text) - context - 1) for i in range(contexts)]
    windows = torch.stack([text[start:start + context + 1] for start in starts])
    adam.zero_grad(set_to_none=True)
    logits = model(windows[:, :-1])
    F.cross_entropy(logits.reshape(-1, vocabulary), windows[:, 1:].reshape(-1)).backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    adam.step()


blas = next((line.split("BLAS_INFO=")[1].split(",")[0] for line in torch.__config__.show().splitlines() if "BLAS_INFO=" in line), "unknown")
print(f"PyTorch {torch.__version__} (BLAS {blas}, {torch.get_num_threads()} threads)", flush=True)
done = 0
for line in sys.stdin:
    for _ in range(int(line)):
        step(done)
        done += 1
    print("done", flush=True)
