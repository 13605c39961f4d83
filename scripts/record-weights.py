# Records src/test/resources/weights from the peers: torch, open_clip and safetensors.
# Usage: python scripts/record-weights.py src/test/resources/parity/checkpoints src/test/resources/weights
import json
import pathlib
import sys
from types import SimpleNamespace

import torch
from open_clip.model import CLIP, convert_to_custom_text_state_dict, resize_pos_embed, resize_text_pos_embed
from safetensors.torch import load_file, save_file

case, out = map(pathlib.Path, sys.argv[1:])
config = json.loads((case / 'config.json').read_text())
weights = load_file(case / 'model.safetensors')

# A TorchScript program, as OpenAI published CLIP: with three sizes among the buffers.
model = CLIP(**config)
model.load_state_dict(weights)
sizes = {
    'input_resolution': config['vision_cfg']['image_size'],
    'context_length': config['text_cfg']['context_length'],
    'vocab_size': config['text_cfg']['vocab_size'],
}
for name, size in sizes.items():
    if hasattr(model, name):
        delattr(model, name)
    model.register_buffer(name, torch.tensor(size))
torch.jit.script(model.eval()).save(out / 'program.pt')

# Two files under one index, as transformers 4 wrote large models.
few = {name: weights[name] for name in sorted(weights)[:6]}
shards = {}
for number, names in enumerate((sorted(few)[:4], sorted(few)[4:]), 1):
    file = f'pytorch_model-0000{number}-of-00002.bin'
    torch.save({name: few[name].clone() for name in names}, out / file)
    shards.update(dict.fromkeys(names, file))
total = sum(tensor.nbytes for tensor in few.values())
index = {'metadata': {'total_size': total}, 'weight_map': shards}
(out / 'pytorch_model.bin.index.json').write_text(json.dumps(index, indent=2) + '\n')

# The same weights as a CustomTextCLIP names them; the scale as some programs keep it.
custom = convert_to_custom_text_state_dict(dict(weights))
custom['logit_scale'] = custom['logit_scale'].reshape(1)
save_file(custom, out / 'custom_text.safetensors')

# Position embeddings of other sizes.
torch.manual_seed(0)
image, text = torch.randn(1 + 16, 6), torch.randn(24, 6)
tables = {'image.4x4': image, 'text.24': text}
for height, width in ((7, 7), (3, 3), (2, 5), (6, 4)):
    state = {'visual.positional_embedding': image}
    resize_pos_embed(state, SimpleNamespace(visual=SimpleNamespace(grid_size=(height, width))))
    tables[f'image.{height}x{width}'] = state['visual.positional_embedding'].contiguous()
for length in (32, 77, 10):
    state = {'positional_embedding': text}
    resize_text_pos_embed(state, SimpleNamespace(positional_embedding=torch.empty(length, 6)))
    tables[f'text.{length}'] = state['positional_embedding'].contiguous()
save_file(tables, out / 'positions.safetensors')
