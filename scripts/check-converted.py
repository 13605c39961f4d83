# Loads what `eosin convert` wrote with open_clip and with transformers and compares their logits with the original's.
# Usage: python scripts/check-converted.py ORIGINAL.pt MODEL_NAME OPEN_CLIP_FOLDER HUGGING_FACE_FOLDER
import sys

import open_clip
import torch
from transformers import CLIPModel, CLIPTokenizerFast

original, name, open_clip_folder, hugging_face_folder = sys.argv[1:]
size = open_clip.get_model_config(name)['vision_cfg']['image_size']
generator = torch.Generator().manual_seed(0)
images = torch.randn(4, 3, size, size, generator=generator)
captions = ['An H&E image of a gland.', 'lymphocytes', 'Necrosis beside viable tumour.', 'smooth muscle']


@torch.no_grad()
def open_clip_logits(model, tokenize):
    image, text, scale, *_ = model.eval()(images, tokenize(captions))
    return scale * image @ text.T


model = open_clip.create_model(name)
open_clip.load_checkpoint(model, original)
expected = open_clip_logits(model, open_clip.get_tokenizer(name))
local = f'local-dir:{open_clip_folder}'
found = open_clip_logits(open_clip.create_model(local), open_clip.get_tokenizer(local))
print(f'open_clip: largest difference {(found - expected).abs().max():.1e}')
model = CLIPModel.from_pretrained(hugging_face_folder).eval()
inputs = CLIPTokenizerFast.from_pretrained(hugging_face_folder)(captions, padding='max_length', max_length=77, return_tensors='pt')
with torch.no_grad():
    found = model(pixel_values=images, **inputs).logits_per_image
print(f'transformers: largest difference {(found - expected).abs().max():.1e}')
