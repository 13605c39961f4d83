"""Records two transformer blocks with low-rank adapters, and their gradients, by torch's own autograd.

  python scripts/record-lora-blocks.py src/test/resources/parity/lora-clip

Each adapted weight is used as W + (alpha / r) B A, so that A and B get their gradients through the merged weight; Eosin adds
the adapters' output to the linear's instead. With dropout each adapted linear is peft's: W x + (alpha / r) B A dropout(x). What
is left out is drawn here as Eosin's documentation says, from (seed, global sample position, tower, block, token).
"""
import json
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


SEED, SHARE, POSITIONS = 11, 0.3, [5, 7_000_000_000, 6]
MASK64 = (1 << 64) - 1


def mix(z):
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK64
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK64
    return z ^ (z >> 31)


class Stream:
    """SplitMix64, started from (seed, purpose, epoch, position)."""

    def __init__(self, seed, purpose, epoch, position):
        state = mix((seed + 0x9E3779B97F4A7C15) & MASK64)
        state = mix(state ^ (purpose * 0xD1B54A32D192ED03 & MASK64))
        state = mix(state ^ ((epoch * 0xABC98388FB8FAC03 + 0x632BE59BD9B4E019) & MASK64))
        self.state = mix(state ^ ((position * 0x8CB92BA72F3D8DD7 + 0x2545F4914F6CDD1D) & MASK64))

    def long(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK64
        return mix(self.state)

    def bits(self, share):
        """64 comparisons of a uniform number with `share`, digit by digit."""
        digits, ones, undecided = int(share * 2.0**62), 0, MASK64
        for digit in range(61, -1, -1):
            if not undecided:
                break
            drawn = self.long()
            if digits >> digit & 1:
                ones |= undecided & ~drawn
                undecided &= drawn
            else:
                undecided &= ~drawn
        return ones


def string_hash(text):
    value = 0
    for letter in text:
        value = (31 * value + ord(letter)) & 0xFFFFFFFF
    return value - (1 << 32) if value >> 31 else value


def stays(position, tower, layer, tokens, inputs):
    """What enters the adapters, 0. or 1. [n,i]."""
    sample = Stream(SEED, 13, 0, position).long()
    stream = Stream(sample, 13, string_hash(tower), layer)
    rows = []
    for _ in range(tokens):
        words = [stream.bits(SHARE) for _ in range(-(-inputs // 64))]
        rows.append([1.0 - (words[i // 64] >> (i % 64) & 1) for i in range(inputs)])
    return torch.tensor(rows)


def block_dropped(x, p, causal, quick, layer, chosen):
    widths = {name: SHAPES[name + ".weight"][1] for name in chosen}
    masks = torch.stack([stays(at, "image", layer, x.shape[1], sum(widths.values())) for at in POSITIONS])
    masks = dict(zip(chosen, masks.split(list(widths.values()), -1)))

    def linear(h, name):
        y = F.linear(h, p[name + ".weight"], p[name + ".bias"])
        if name not in chosen:
            return y
        entering = h * masks[name] / (1 - SHARE)
        return y + ALPHA / RANK * F.linear(F.linear(entering, p[name + ".lora-a"]), p[name + ".lora-b"])

    return block_of(linear, x, p, causal, quick)


def block(x, p, causal, quick):
    def linear(h, name):
        w = p[name + ".weight"]
        a = p.get(name + ".lora-a")
        return F.linear(h, w if a is None else w + ALPHA / RANK * p[name + ".lora-b"] @ a, p[name + ".bias"])

    return block_of(linear, x, p, causal, quick)


def block_of(linear, x, p, causal, quick):

    b, n, c = x.shape
    h = F.layer_norm(x, (c,), p["attention-norm.weight"], p["attention-norm.bias"], 1e-5)
    qkv = linear(h, ADAPTED[0])
    q, k, v = (t.view(b, n, HEADS, c // HEADS).transpose(1, 2) for t in qkv.chunk(3, -1))
    scores = q @ k.transpose(-1, -2) / (c // HEADS) ** 0.5
    if causal:
        scores = scores + torch.full((n, n), float("-inf")).triu(1)
    a = (scores.softmax(-1) @ v).transpose(1, 2).reshape(b, n, c)
    x = x + linear(a, ADAPTED[1])
    h = F.layer_norm(x, (c,), p["mlp-norm.weight"], p["mlp-norm.bias"], 1e-5)
    f = linear(h, ADAPTED[2])
    g = f * torch.sigmoid(1.702 * f) if quick else F.gelu(f)
    return x + linear(g, ADAPTED[3])


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
    plain = [(False, True, "both"), (True, False, "both"), (False, False, "attention"), (True, True, "mlp")]
    dropped = [(True, True, "both"), (False, False, "attention"), (False, True, "mlp")]
    for causal, quick, targets, drops in [(*one, False) for one in plain] + [(*one, True) for one in dropped]:
        case = f"{targets}-{'causal' if causal else 'full'}-{'quick' if quick else 'gelu'}{'-dropped' if drops else ''}"
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
            p = {n[len(prefix):]: v for n, v in used.items() if n.startswith(prefix)}
            y = block_dropped(y, p, causal, quick, layer, chosen) if drops else block(y, p, causal, quick)
        y.backward(gradient)
        expected[f"{case}/tokens"] = y.detach()
        for name, value in used.items():
            if value.requires_grad:
                expected[f"{case}/{name}"] = value.grad
    save_file({n: v.contiguous() for n, v in inputs.items()}, folder + "/inputs.safetensors")
    save_file({n: v.contiguous() for n, v in expected.items()}, folder + "/expected.safetensors")
    config = dict(heads=HEADS, alpha=ALPHA, dropout=SHARE, seed=SEED, positions=POSITIONS)
    with open(folder + "/config.json", "w") as file:
        file.write(json.dumps(config) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
