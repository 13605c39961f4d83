# Loads a run's adapter/ with peft beside the CLIPModel that the run began with, and compares it with the run's merged final/.
# Usage: python scripts/check-adapter.py BASE_CLIP_MODEL_FOLDER RUN_FOLDER
import sys

import torch
from peft import PeftModel
from safetensors import safe_open
from transformers import CLIPModel

base, run = sys.argv[1:]
merged = CLIPModel.from_pretrained(f'{run}/final').eval()
plain = CLIPModel.from_pretrained(base).eval()
adapted = PeftModel.from_pretrained(CLIPModel.from_pretrained(base), f'{run}/adapter').eval()
with safe_open(f'{run}/adapter/adapter_model.safetensors', 'pt') as file:
    scale = float(file.metadata()['logit-scale'])
    loaded = {name.replace('.default', ''): value for name, value in adapted.named_parameters() if 'lora_' in name}
    assert loaded.keys() == set(file.keys()), loaded.keys() ^ set(file.keys())
    assert all(torch.equal(loaded[name], file.get_tensor(name)) for name in loaded)
print(f'{len(loaded)} tensors loaded; logit scale {scale:.6f}, in final/ {merged.logit_scale.item():.6f}')
vision, text = merged.config.vision_config, merged.config.text_config
generator = torch.Generator().manual_seed(0)
images = torch.randn(4, 3, vision.image_size, vision.image_size, generator=generator)
ids = torch.randint(3, text.vocab_size - 1, (4, text.max_position_embeddings), generator=generator)
ids[:, -1] = text.vocab_size - 1 if text.eos_token_id == 2 else text.eos_token_id  # 2: the largest id is pooled


@torch.no_grad()
def features(model):
    out = model(pixel_values=images, input_ids=ids)
    return torch.cat([out.image_embeds, out.text_embeds])


wanted = features(merged)
print(f'adapter: largest difference {(features(adapted) - wanted).abs().max():.1e}')
print(f'without it: largest difference {(features(plain) - wanted).abs().max():.1e}')
