"""Records src/test/resources/parity/fine-tuning: four updates of openclip-gelu's image tower with a linear layer above it, as PLIP's
study makes them (AdamW on everything, cosine to nothing), and what it takes the last tiles for. open_clip's encode_image without
normalisation; the layer's first values are recorded. Run: python scripts/record-fine-tuning.py src/test/resources/parity
Needs torch 2.13.0 and open_clip 3.3.0."""
import json, math, sys
from pathlib import Path
import open_clip, torch
from safetensors.torch import load_file, save_file

UPDATES, BATCH, CLASSES, RATE, DECAY = 4, 6, 3, 1e-3, 0.1
folder = Path(sys.argv[1])
config = json.loads((folder / "openclip-gelu" / "config.json").read_text())
torch.set_num_threads(1)
torch.manual_seed(3)
model = open_clip.CLIP(**config)
model.load_state_dict(load_file(folder / "openclip-gelu" / "model.safetensors"))
model.train()
head = torch.nn.Linear(config["embed_dim"], CLASSES)
size = config["vision_cfg"]["image_size"]
tiles = torch.randint(0, 256, (UPDATES + 1, BATCH, 3, size, size), dtype=torch.uint8)
classes = torch.randint(0, CLASSES, (UPDATES, BATCH))
mean = torch.tensor(open_clip.OPENAI_DATASET_MEAN).view(3, 1, 1)
std = torch.tensor(open_clip.OPENAI_DATASET_STD).view(3, 1, 1)
recorded = {"tiles": tiles, "classes": classes, "head.weight": head.weight.detach().clone(), "head.bias": head.bias.detach().clone()}
named = list(model.visual.named_parameters()) + list(head.named_parameters())
# Gains, biases and the class token do not decay here, as everywhere in Eosin (open_clip's rule).
optimizer = torch.optim.AdamW([
    {"params": [p for _, p in named if p.ndim > 1], "weight_decay": DECAY},
    {"params": [p for _, p in named if p.ndim < 2], "weight_decay": 0.0},
], lr=RATE)
losses = []
for update in range(UPDATES):
    for group in optimizer.param_groups:
        group["lr"] = RATE * (1 + math.cos(math.pi * update / UPDATES)) / 2
    optimizer.zero_grad()
    logits = head(model.encode_image((tiles[update].float() / 255 - mean) / std))
    loss = torch.nn.functional.cross_entropy(logits, classes[update])
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
with torch.no_grad():
    recorded["losses"] = torch.tensor(losses)
    recorded["shares"] = head(model.encode_image((tiles[UPDATES].float() / 255 - mean) / std)).softmax(-1)
out = folder / "fine-tuning"
out.mkdir(exist_ok=True)
save_file({name: tensor.contiguous() for name, tensor in recorded.items()}, out / "steps.safetensors")
(out / "settings.json").write_text(json.dumps({"torch": torch.__version__, "open_clip": open_clip.__version__, "rate": RATE, "weight_decay": DECAY}, indent=1) + "\n")
(out / "README.md").write_text("""# fine-tuning

Four updates of openclip-gelu's image tower and a linear layer above what it projects, by open_clip 3.3.0 and torch's AdamW
(`scripts/record-fine-tuning.py`). `tiles` uint8 [updates+1,b,3,h,w]; `classes` [updates,b]; `head.*` first values of the linear
layer; `losses` before each update; `shares` softmax for the last tiles. Compared within 1e-5 (losses) and 1e-4 (shares).
""")
print(losses)
