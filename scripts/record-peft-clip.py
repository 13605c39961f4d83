"""Records a small CLIPModel of transformers with low-rank adapters by peft: features, loss, gradients and a short training run.

  python scripts/record-peft-clip.py src/test/resources/parity/hf-clip-plip src/test/resources/parity/peft-clip

Model and batch are those of the first folder; adapters are drawn here and written to the second one under Eosin's names. Query, key
and value are one linear in Eosin and share one pair, so their A is one parameter here too, and their B are thirds of one.
"""
import json
import shutil
import sys
import tempfile

import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import load_file, save_file
from transformers import CLIPConfig, CLIPModel

RANK, ALPHA, STEPS = 3, 6, 5
LEARNING_RATE, BETAS, EPS, DECAY = 1e-2, (0.9, 0.98), 1e-6, 0.1
QKV = ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"]
PARTS = {
    "attention.query-key-value": QKV,
    "attention.output": ["self_attn.out_proj"],
    "mlp.up": ["mlp.fc1"],
    "mlp.down": ["mlp.fc2"],
}


def model_of(case):
    model = CLIPModel(CLIPConfig.from_json_file(case + "/config.json"))
    missing = model.load_state_dict(load_file(case + "/model.safetensors"), strict=False)
    assert not missing.missing_keys and all("position_ids" in key for key in missing.unexpected_keys), missing
    targets = [name.split(".")[-1] for names in PARTS.values() for name in names]
    return get_peft_model(model, LoraConfig(r=RANK, lora_alpha=ALPHA, target_modules=targets))


def linears(model):
    """Eosin's name of each adapted linear, and peft's layers behind it."""
    for tower, encoder in [("image", model.vision_model.encoder), ("text", model.text_model.encoder)]:
        for i, layer in enumerate(encoder.layers):
            for part, names in PARTS.items():
                yield f"{tower}.blocks.{i}.{part}", [layer.get_submodule(name) for name in names]


def adapters_of(model, generator):
    """Fills the pairs. A is tied; B by Eosin's name, as parts."""
    adapters = {}
    for name, layers in linears(model):
        a = layers[0].lora_A["default"].weight
        for layer in layers[1:]:
            layer.lora_A["default"].weight = a
        parts = [layer.lora_B["default"].weight for layer in layers]
        with torch.no_grad():
            for p in [a, *parts]:
                p.copy_(0.1 * torch.randn(p.shape, generator=generator))
        adapters[name + ".lora-a"], adapters[name + ".lora-b"] = [a], parts
    return adapters


def whole(adapters, prefix, value):
    return {prefix + name: torch.cat([value(p).detach().clone() for p in parts]) for name, parts in adapters.items()}


def main(case, folder):
    peft = model_of(case)
    model = peft.base_model.model
    model.logit_scale.requires_grad_(True)
    adapters = adapters_of(model, torch.Generator().manual_seed(21))
    save_file(whole(adapters, "", lambda p: p), folder + "/adapters.safetensors")
    with tempfile.TemporaryDirectory() as saved:
        peft.save_pretrained(saved)
        for name in ["adapter_config.json", "adapter_model.safetensors"]:
            shutil.copyfile(f"{saved}/{name}", f"{folder}/{name}")
    batch = load_file(case + "/inputs.safetensors")
    optimiser = torch.optim.AdamW(
        [{"params": [p for parts in adapters.values() for p in parts], "weight_decay": DECAY},
         {"params": [model.logit_scale], "weight_decay": 0.0}],
        lr=LEARNING_RATE, betas=BETAS, eps=EPS)
    expected, losses, scales = {}, [], []
    for step in range(STEPS):
        out = peft(pixel_values=batch["pixel_values"], input_ids=batch["input_ids"], return_loss=True)
        optimiser.zero_grad()
        out.loss.backward()
        if step == 0:
            expected["image_features"], expected["text_features"] = out.image_embeds.detach(), out.text_embeds.detach()
            expected["grad.logit-scale"] = model.logit_scale.grad.clone()
            expected.update(whole(adapters, "grad.", lambda p: p.grad))
        optimiser.step()
        with torch.no_grad():
            model.logit_scale.clamp_(0, 4.605170185988092)
        losses.append(out.loss.item())
        scales.append(model.logit_scale.item())
    expected["loss"], expected["logit_scale_after"] = torch.tensor(losses), torch.tensor(scales)
    expected.update(whole(adapters, "final.", lambda p: p))
    save_file({n: v.contiguous() for n, v in expected.items()}, folder + "/expected.safetensors")
    training = dict(steps=STEPS, lr=LEARNING_RATE, betas=BETAS, eps=EPS, weight_decay=DECAY)
    with open(folder + "/training.json", "w") as file:
        file.write(json.dumps(training) + "\n")
    print(losses, scales)


if __name__ == "__main__":
    torch.set_num_threads(1)
    main(*sys.argv[1:])
