"""Records src/test/resources/parity/optimisers: ten steps of torch's SGD and Muon and of timm's Lion on a wide and a tall matrix
and a vector. Run: python scripts/record-optimisers.py src/test/resources/parity
Needs torch 2.13.0 and timm."""
import importlib.util, json, sys, types
from pathlib import Path
import torch
from safetensors.torch import save_file

STEPS, SHAPES = 10, {"a.blocks.0.wide.weight": (6, 10), "a.blocks.0.tall.weight": (12, 4), "a.bias": (7,)}


def lion():
    """timm's class by its file: the whole of timm wants a torchvision that fits torch."""
    folder = Path(importlib.util.find_spec("timm").origin).parent / "optim"
    for name in ("timm", "timm.optim"):
        sys.modules.setdefault(name, types.ModuleType(name)).__path__ = [str(folder)]
    spec = importlib.util.spec_from_file_location("timm.optim.lion", folder / "lion.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Lion


CASES = {
    "sgd": (torch.optim.SGD, {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.05}),
    "sgd-nesterov": (torch.optim.SGD, {"lr": 0.05, "momentum": 0.8, "nesterov": True}),
    "lion": (lion(), {"lr": 0.01, "betas": (0.9, 0.99), "weight_decay": 0.1}),
    "muon": (torch.optim.Muon, {"lr": 0.02, "momentum": 0.95, "weight_decay": 0.1}),
    "muon-matched": (torch.optim.Muon, {"lr": 0.02, "momentum": 0.9, "nesterov": False, "weight_decay": 0.0, "adjust_lr_fn": "match_rms_adamw"}),
}
torch.set_num_threads(1)
generator = torch.Generator().manual_seed(11)
tensors = {f"first.{name}": torch.randn(shape, generator=generator) for name, shape in SHAPES.items()}
for step in range(1, STEPS + 1):
    for name, shape in SHAPES.items():
        tensors[f"gradient.{step}.{name}"] = torch.randn(shape, generator=generator)
for case, (kind, settings) in CASES.items():
    decay = settings["weight_decay"] if "weight_decay" in settings else 0.0
    weights = {name: torch.nn.Parameter(tensors[f"first.{name}"].clone()) for name in SHAPES if "muon" not in case or len(SHAPES[name]) == 2}
    groups = [
        {"params": [w for w in weights.values() if w.ndim > 1], "weight_decay": decay},
        {"params": [w for w in weights.values() if w.ndim == 1], "weight_decay": 0.0},
    ]
    optimizer = kind([group for group in groups if group["params"]], **settings)
    for step in range(1, STEPS + 1):
        for name, weight in weights.items():
            weight.grad = tensors[f"gradient.{step}.{name}"].clone()
        optimizer.step()
        for name, weight in weights.items():
            tensors[f"{case}.{step}.{name}"] = weight.detach().clone()
folder = Path(sys.argv[1]) / "optimisers"
folder.mkdir(parents=True, exist_ok=True)
save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, folder / "steps.safetensors")
(folder / "settings.json").write_text(json.dumps({"torch": torch.__version__, "steps": STEPS, "settings": {case: settings for case, (_, settings) in CASES.items()}}, indent=1) + "\n")
