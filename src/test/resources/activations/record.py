"""Records hidden states as Multimodal-Probes leaves them, with torch 2.13.0.

python record.py     writes probes/, half/ and expected.safetensors beside itself

Twelve layers of six rows, so that the order of names is not that of numbers; quantised to 8 bits
along the second dimension with zeros that are floating-point numbers, as that program has them,
and in fp16. What torch makes of them again is expected.
"""

from pathlib import Path

import torch
from safetensors.torch import save_file

HERE = Path(__file__).parent
LAYERS, ROWS, WIDTH = 12, 6, 5

torch.manual_seed(7)
expected = {}
for name in ("probes", "half"):
    (HERE / name).mkdir(exist_ok=True)
for layer in range(LAYERS):
    states = torch.randn(ROWS, WIDTH) * torch.tensor([0.1, 1.0, 3.0, 10.0, 40.0]) + layer
    least, most = states.min(dim=0)[0], states.max(dim=0)[0]
    scale = (most - least) / 255
    kept = torch.quantize_per_channel(states, scale, torch.round(-least / scale), 1, torch.quint8)
    torch.save(kept, HERE / "probes" / f"tiles.{layer}.pt")
    expected[f"probes.{layer}"] = torch.load(HERE / "probes" / f"tiles.{layer}.pt").dequantize()
    if layer in (2, 10):
        torch.save(states.half(), HERE / "half" / f"tiles.{layer}.pt")
        expected[f"half.{layer}"] = states.half().float()
whole = torch.quantize_per_tensor(states, 0.25, 100, torch.quint8)
torch.save(whole, HERE / "whole.pt")
expected["whole"] = torch.load(HERE / "whole.pt").dequantize()
torch.save({"states": states}, HERE / "dictionary.pt")
save_file(expected, HERE / "expected.safetensors")
