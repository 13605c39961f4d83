"""Records two transformer blocks with low-rank adapters, and their gradients, by torch's own autograd.

  python scripts/record-lora-blocks.py src/test/resources/parity/lora-clip

Each adapted weight is used as W + (alpha / r) B A, so that A and B get their gradients through the merged weight; Eosin adds
the adapters' output to the linear's instead.
"""
import sys

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

LAYERS, WIDTH, HEADS, MLP, RANK, ALPHA = 2, 16, 2, 24, 3, 6.0
SHAPES = {
    "attention-norm.weight": (WIDTH,), "attention-norm.bias": (WIDTH,),
    "attention.query-key-value.weight": (3 * WIDTH, WIDTH), "attention.query-key-value.bias": (3 * WIDTH,),
    "attention.output.weight": (WIDTH, WIDTH), "attention.output.bias": (WIDTH,),
    "mlp-norm.weight": (WIDTH,), "mlp-norm.bias": (WIDTH,),
    "mlp.up.weight": (MLP, WIDTH), "mlp.up.bias": (MLP,),
    "mlp.down.weight": (WIDTH, MLP), "mlp.down.bias": (WIDTH,),
}
ADAPTED = ["attention.query-key-value", "attention.output", "mlp.up", "mlp.down"]


def block(x, p, causal, quick):
    def weight(name):
        w = p[name + ".weight"]
        a = p.get(name + ".lora-a")
        return w if a is None else w + ALPHA / RANK * p[name + ".lora-b"] @ a

    b, n, c = x.shape
    h = F.layer_norm(x, (c,), p["attention-norm.weight"], p["attention-norm.bias"], 1e-5)
    qkv = F.linear(h, weight(ADAPTED[0]), p[ADAPTED[0] + ".bias"])
    q, k, v = (t.view(b, n, HEADS, c // HEADS).transpose(1, 2) for t in qkv.chunk(3, -1))
    scores = q @ k.transpose(-1, -2) / (c // HEADS) ** 0.5
    if causal:
        scores = scores + torch.full((n, n), float("-inf")).triu(1)
    a = (scores.softmax(-1) @ v).transpose(1, 2).reshape(b, n, c)
    x = x + F.linear(a, weight(ADAPTED[1]), p[ADAPTED[1] + ".bias"])
    h = F.layer_norm(x, (c,), p["mlp-norm.weight"], p["mlp-norm.bias"], 1e-5)
    f = F.linear(h, weight(ADAPTED[2]), p[ADAPTED[2] + ".bias"])
    g = f * torch.sigmoid(1.702 * f) if quick else F.gelu(f)
    return x + F.linear(g, weight(ADAPTED[3]), p[ADAPTED[3] + ".bias"])


def main(folder):
    torch.manual_seed(5)
    inputs, expected = {}, {}
    x = torch.randn(3, 5, WIDTH)
    gradient = torch.randn(3, 5, WIDTH)
    inputs["tokens"], inputs["gradient"] = x, gradient
    weights = {}
    for layer in range(LAYERS):
        for name, shape in SHAPES.items():
            one = 0.3 * torch.randn(shape) + (1.0 if name.endswith("norm.weight") else 0.0)
            weights[f"{layer}.{name}"] = one
        for name in ADAPTED:
            rows, columns = SHAPES[name + ".weight"]
            weights[f"{layer}.{name}.lora-a"] = 0.3 * torch.randn(RANK, columns)
            weights[f"{layer}.{name}.lora-b"] = 0.3 * torch.randn(rows, RANK)
    inputs.update(weights)
    for causal, quick, targets in [(False, True, "both"), (True, False, "both"), (False, False, "attention"), (True, True, "mlp")]:
        case = f"{targets}-{'causal' if causal else 'full'}-{'quick' if quick else 'gelu'}"
        chosen = [name for name in ADAPTED if targets == "both" or name.startswith(targets)]
        used = {}
        for name, value in weights.items():
            if "lora" not in name:
                used[name] = value
            elif any(name.split(".", 1)[1].startswith(one + ".lora") for one in chosen):
                used[name] = value.clone().requires_grad_()
        y = x
        for layer in range(LAYERS):
            prefix = f"{layer}."
            y = block(y, {n[len(prefix):]: v for n, v in used.items() if n.startswith(prefix)}, causal, quick)
        y.backward(gradient)
        expected[f"{case}/tokens"] = y.detach()
        for name, value in used.items():
            if value.requires_grad:
                expected[f"{case}/{name}"] = value.grad
    save_file({n: v.contiguous() for n, v in inputs.items()}, folder + "/inputs.safetensors")
    save_file({n: v.contiguous() for n, v in expected.items()}, folder + "/expected.safetensors")


if __name__ == "__main__":
    main(sys.argv[1])
