"""Records src/test/resources/parity/bags: attention over the tiles of slides as eva 73b61a7 and Patho-Bench 660e770 (with TRIDENT
a91fa84) build it, written anew in torch from what they say of it: logits, and losses and weights of six updates of AdamW, without
dropout; of Patho-Bench's survival risks besides. Run: python scripts/record-bags.py src/test/resources/parity    Needs torch 2.13.0."""
import json, sys
from pathlib import Path
import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional as F

WIDTH, UPDATES, DECAY = 12, 6, 0.05
torch.set_num_threads(1)
torch.manual_seed(5)
SIZES = [3, 1, 7, 4, 5, 2]
bags = [torch.randn(n, WIDTH) for n in SIZES]
recorded = {"tiles": torch.cat(bags), "sizes": torch.tensor(SIZES)}

def layers(**sizes):
    return nn.ModuleDict({name: nn.Linear(*size) for name, size in sizes.items()})

def eva(classes):
    m = layers(projector=(WIDTH, 128), attention_a=(128, 128), attention_b=(128, 128), attention_c=(128, 1), hidden_1=(128, 128),
               hidden_2=(128, 64), classifier=(64, 1 if classes == 2 else classes))
    def logits(x):
        h = m["projector"](x)
        s = torch.softmax(m["attention_c"](torch.tanh(m["attention_a"](h)) * torch.sigmoid(m["attention_b"](h))), 0)
        return m["classifier"](F.relu(m["hidden_2"](F.relu(m["hidden_1"]((s * h).sum(0, keepdim=True))))))
    return m, logits

def patho_bench(classes):
    m = layers(before=(WIDTH, WIDTH), attention=(WIDTH, 512), score=(512, 1), behind=(WIDTH, WIDTH), classifier=(WIDTH, classes))
    def logits(x):
        h = F.gelu(m["before"](x))
        s = torch.softmax(m["score"](torch.tanh(m["attention"](h))), 0)
        return m["classifier"](F.gelu(m["behind"]((s * h).sum(0, keepdim=True))))
    return m, logits

def loss(given, labels):
    if given.shape[1] == 1:
        return F.binary_cross_entropy_with_logits(given[:, 0], labels.float())
    return F.cross_entropy(given, labels)

for name, build, classes, batch in (("eva-2", eva, 2, 3), ("eva-3", eva, 3, 3), ("patho-bench-3", patho_bench, 3, 1)):
    m, logits = build(classes)
    labels = torch.arange(len(bags)) % classes
    recorded[f"{name}.labels"] = labels
    for key, value in m.named_parameters():
        recorded[f"{name}.first.{key}"] = value.detach().clone()
    recorded[f"{name}.logits"] = torch.cat([logits(bag) for bag in bags]).detach()
    # Biases do not decay, as everywhere in Eosin.
    optimizer = torch.optim.AdamW([{"params": [p for p in m.parameters() if p.ndim > 1], "weight_decay": DECAY},
                                   {"params": [p for p in m.parameters() if p.ndim < 2], "weight_decay": 0.0}], lr=1e-3)
    losses = []
    for update in range(UPDATES):
        rows = [(update * batch + i) % len(bags) for i in range(batch)]
        value = loss(torch.cat([logits(bags[r]) for r in rows]), labels[rows])
        losses.append(value.item())
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
    recorded[f"{name}.losses"] = torch.tensor(losses)
    recorded[f"{name}.after"] = torch.cat([logits(bag) for bag in bags]).detach()

# What Patho-Bench's balanced loss is of a single slide: the same, whatever its class weighs.
given = torch.randn(3)
assert torch.equal(F.cross_entropy(given, torch.tensor(1)), F.cross_entropy(given, torch.tensor(1), weight=torch.tensor([1.0, 4.0, 0.5])))

# Survival: a hazard of each of four intervals, one patient an update.
def likelihood(given, interval, event):
    hazards = torch.sigmoid(given)
    passed = torch.cumprod(1 - hazards, 1)
    reached = torch.cat([torch.ones(len(given), 1), passed], 1)
    before, here, behind = (each.gather(1, interval[:, None]).clamp(min=1e-7).log()[:, 0] for each in (reached, hazards, reached[:, 1:]))
    return -torch.where(event, before + here, behind).mean()

def risks():
    return torch.cat([-torch.cumprod(1 - torch.sigmoid(logits(bag)), 1).sum(1) for bag in bags]).detach()

name = "patho-bench-survival"
m, logits = patho_bench(4)
intervals, events = torch.tensor([0, 3, 2, 1, 3, 0]), torch.tensor([True, True, False, True, False, False])
recorded |= {f"{name}.intervals": intervals, f"{name}.events": events.long(), f"{name}.risks": risks()}
recorded |= {f"{name}.first.{key}": value.detach().clone() for key, value in m.named_parameters()}
optimizer = torch.optim.AdamW([{"params": [p for p in m.parameters() if p.ndim > 1], "weight_decay": DECAY},
                               {"params": [p for p in m.parameters() if p.ndim < 2], "weight_decay": 0.0}], lr=1e-3)
losses = []
for update in range(2 * UPDATES):
    row = [update % len(bags)]
    value = likelihood(logits(bags[row[0]]), intervals[row], events[row])
    losses.append(value.item())
    optimizer.zero_grad()
    value.backward()
    optimizer.step()
recorded |= {f"{name}.losses": torch.tensor(losses), f"{name}.risks-after": risks()}

out = Path(sys.argv[1]) / "bags"
out.mkdir(exist_ok=True)
save_file(recorded, out / "recorded.safetensors")
(out / "case.json").write_text(json.dumps({"torch": torch.__version__, "updates": UPDATES, "decay": DECAY, "lr": 1e-3,
                                           "batch": {"eva-2": 3, "eva-3": 3, "patho-bench-3": 1}}))
