"""Records src/test/resources/parity/openclip-retrieval: open_clip's validation metrics on random features, and of a model
that tells nothing apart. Run: python scripts/record-retrieval.py src/test/resources/parity
Needs open_clip 3.3.0 and torch 2.13.0."""
import json, sys
from pathlib import Path
import torch, torch.nn.functional as F
from open_clip_train.train import get_clip_metrics
from safetensors.torch import save_file

PAIRS, WIDTH, NOISE, SCALE, GAP = 200, 16, 2.0, 14.3, 1e-5

def ranks(logits):
    """As get_clip_metrics: where the own one stands, from 0."""
    own = torch.arange(len(logits)).view(-1, 1)
    return torch.where(torch.argsort(logits, descending=True) == own)[1]

def metrics(image, text):
    return {name: float(value) for name, value in get_clip_metrics(image, text, torch.tensor(SCALE)).items()}

torch.set_num_threads(1)
generator = torch.Generator().manual_seed(5)
image = torch.randn(PAIRS, WIDTH, generator=generator)
text = F.normalize(image + NOISE * torch.randn(PAIRS, WIDTH, generator=generator))
image = F.normalize(image)
cosines = image @ text.t()
for scores in (cosines, cosines.t()):  # no rank may hang on rounding
    gaps = (scores - scores.diag().view(-1, 1)).abs() + 2 * torch.eye(PAIRS)
    assert gaps.min() > GAP, gaps.min()
equal = F.normalize(torch.ones(PAIRS, WIDTH))
case = Path(sys.argv[1]) / "openclip-retrieval"
case.mkdir(exist_ok=True)
save_file({"image_features": image, "text_features": text}, case / "inputs.safetensors")
save_file({"rank_i2t": ranks(cosines), "rank_t2i": ranks(cosines.t())}, case / "expected.safetensors")
recorded = dict(random=metrics(image, text), collapsed=metrics(equal, equal))
(case / "metrics.json").write_text(json.dumps(recorded, indent=1) + "\n")
