"""Records src/test/resources/parity/decay-probe: which weight decay the search of CLIP_benchmark 48de38c ends at for drawn tables of
accuracies, and a linear layer that torch's AdamW trains as it does (cosine to nothing, everything decays; all rows in a batch).
Run: python scripts/record-decay-probe.py src/test/resources/parity    Needs numpy and torch 2.13.0."""
import json, math, sys
from pathlib import Path
import numpy as np, torch

VALUES = np.logspace(-6, 2, num=97)
random = np.random.default_rng(11)

def best(table, places):
    found, most = 0, 0.0
    for place in places:
        if most < table[place]:
            found, most = place, table[place]
    return found

def searched(table):
    coarse = set(np.logspace(-6, 2, num=7).tolist())
    peak = best(table, [i for i, value in enumerate(VALUES.tolist()) if value in coarse])
    span = 8
    while span > 0:
        peak = best(table, [max(peak - span, 0), peak, min(peak + span, len(VALUES) - 1)])
        span //= 2
    return peak

tables = []
for number in range(24):
    bump = np.exp(-((np.arange(97) - random.integers(-5, 102)) / 25.0) ** 2)
    # Few steps, so that many are equal.
    table = np.round((bump + 0.2 * random.random(97)) * (4 if number % 2 else 40)) / 50
    tables.append((np.zeros(97) if number == 0 else table).tolist())
case = {"torch": torch.__version__, "values": VALUES.tolist(), "tables": tables, "places": [searched(t) for t in tables]}

ROWS, WIDTH, CLASSES, UPDATES = 20, 6, 3, 30
torch.manual_seed(2)
x = torch.nn.functional.normalize(torch.randn(ROWS, WIDTH, dtype=torch.float64), dim=1)
y = torch.arange(ROWS) % CLASSES
layer = torch.nn.Linear(WIDTH, CLASSES).double()
case["first"] = {"weight": layer.weight.tolist(), "bias": layer.bias.tolist()}
optimizer = torch.optim.AdamW(layer.parameters(), lr=0.1, weight_decay=0.3)
for update in range(UPDATES):
    for group in optimizer.param_groups:
        group["lr"] = 0.5 * (1 + math.cos(math.pi * update / UPDATES)) * 0.1
    optimizer.zero_grad()
    torch.nn.functional.cross_entropy(layer(x), y).backward()
    optimizer.step()
case |= {"x": x.tolist(), "y": y.tolist(), "updates": UPDATES, "lr": 0.1, "decay": 0.3,
         "last": {"weight": layer.weight.tolist(), "bias": layer.bias.tolist()}}
out = Path(sys.argv[1]) / "decay-probe"
out.mkdir(exist_ok=True)
(out / "case.json").write_text(json.dumps(case))
