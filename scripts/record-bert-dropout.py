"""Records src/test/resources/parity/bert-dropout: one training step of a toy CustomTextCLIP of open_clip whose BERT drops what
given masks say. Run: python scripts/record-bert-dropout.py src/test/resources/parity/bert-dropout
Needs open_clip 3.3.0, transformers 5.18.0, torch, numpy; nothing is downloaded."""
import json, sys, tempfile
from pathlib import Path
import numpy as np
import torch
from open_clip.loss import ClipLoss
from open_clip.model import CustomTextCLIP
from safetensors.torch import save_file
from transformers import BertConfig

LAYERS, HEADS, WIDTH, ROWS, TOKENS = 2, 3, 30, 4, 11
BERT = dict(vocab_size=50, hidden_size=WIDTH, num_hidden_layers=LAYERS, num_attention_heads=HEADS, intermediate_size=48,
            max_position_embeddings=20, type_vocab_size=2, pad_token_id=0, layer_norm_eps=1e-12, hidden_act="gelu",
            hidden_dropout_prob=0.1, attention_probs_dropout_prob=0.25)
VISION = dict(image_size=16, layers=1, width=32, head_width=16, patch_size=8)

def split_mix(state):
    """SplitMix64's finaliser (Steele, Lea, Flood 2014)."""
    z = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))

def left_out(seed, groups, rows, columns, p):
    """One row's mask: 16 bits for each element, four to a word, word k being the seed's output k."""
    with np.errstate(over="ignore"):
        g, r, c = np.meshgrid(*[np.arange(size, dtype=np.uint64) for size in (groups, rows, columns)], indexing="ij")
        k = g * np.uint64(1 << 40) + r * np.uint64(1 << 20) + c // np.uint64(4)
        word = split_mix(np.uint64(seed) + (k + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15))
    # As a signed number, so the upper half of the 16 bits comes first.
    lane = ((word >> (np.uint64(16) * (c % np.uint64(4)))) & np.uint64(0xFFFF)).astype(np.uint16).view(np.int16)
    return torch.from_numpy(lane.astype(np.int64) < int(p * 65535) - 32767)

def masks(seeds):
    hidden, attention = BERT["hidden_dropout_prob"], BERT["attention_probs_dropout_prob"]
    shapes = [(1, TOKENS, WIDTH, hidden)]
    for _ in range(LAYERS):
        shapes += [(HEADS, TOKENS, TOKENS, attention), (1, TOKENS, WIDTH, hidden), (1, TOKENS, WIDTH, hidden)]
    found = [torch.stack([left_out(row[site], *shape) for row in seeds.numpy().astype(np.uint64)]) for site, shape in enumerate(shapes)]
    return [m if m.shape[1] > 1 else m[:, 0] for m in found], [shape[3] for shape in shapes]

generator, _ = torch.Generator().manual_seed(9), torch.manual_seed(9)
folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
with tempfile.TemporaryDirectory() as local:
    BertConfig(**BERT).save_pretrained(local)
    text = dict(hf_model_name=local, hf_model_pretrained=False, context_length=12, hf_pooler_type="cls_last_hidden_state_pooler", hf_proj_type="linear")
    model = CustomTextCLIP(embed_dim=16, vision_cfg=VISION, text_cfg=text).train()
model.text.transformer.set_attn_implementation("eager")
with torch.no_grad():
    for p in model.parameters():
        p.add_(torch.randn(p.shape, generator=generator) * 0.05) if p.ndim else None
config = dict(embed_dim=16, quick_gelu=False, vision_cfg=VISION, text_cfg=dict(text, hf_model_name="toy-bert", hf_model_config=dict(BERT, model_type="bert")))
(folder / "config.json").write_text(json.dumps(config, indent=1) + "\n")
save_file({k: v.detach().clone() for k, v in model.state_dict().items()}, folder / "model.safetensors", metadata=dict(format="pt"))

images, texts = torch.randn((ROWS, 3, 16, 16), generator=generator), torch.zeros((ROWS, TOKENS), dtype=torch.long)
for row, length in enumerate([TOKENS, 5, 9, 3]):
    texts[row, :length] = torch.randint(5, 50, (length,), generator=generator)
    texts[row, 0], texts[row, length - 1] = 2, 3
seeds = torch.randint(-(1 << 63), (1 << 63) - 1, (ROWS, 1 + 3 * LAYERS), generator=generator)
given, shares = masks(seeds)
save_file(dict(images=images, texts=texts, seeds=seeds), folder / "inputs.safetensors")

calls = []
def recorded_dropout(x, p=0.5, training=True, inplace=False):
    mask, share = given[len(calls)], shares[len(calls)]
    assert training and p == share and x.shape == mask.shape, (len(calls), p, x.shape)
    calls.append(p)
    return x * (~mask).to(x.dtype) / (1 - p)
torch.nn.functional.dropout = recorded_dropout
image = model.encode_image(images, normalize=True)
assert not calls
caption = model.encode_text(texts, normalize=True)
assert len(calls) == len(given)
loss = ClipLoss()(image, caption, model.logit_scale.exp())
loss.backward()
out = dict(image_features=image, text_features=caption, clip_loss=loss)
out = {k: v.detach().clone() for k, v in (out | {"grad." + k: p.grad for k, p in model.named_parameters()}).items()}
out |= {f"mask.{i}": m.to(torch.float32) for i, m in enumerate(given)}
save_file(out, folder / "expected.safetensors")
