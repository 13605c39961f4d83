"""Records embeddings of whole folders by transformers and open_clip: files in, unit vectors out.

Run in the repository's root: python src/test/resources/embeddings/record.py
"""
import json
import pathlib

import numpy as np
import open_clip
import torch
import transformers
from PIL import Image
from safetensors.torch import load_file, save_file

ROOT = pathlib.Path("src/test/resources")
IMAGES = ROOT / "parity/preprocess/images"
OUT = ROOT / "embeddings"
TEXTS = ["a tile of tumour", "stroma", "a tile of stroma with tumour a tile"]
WORDS = ["a", "tile", "of", "tumour", "stroma", "with"]


def tokenizer(start, end):
    """A tokenizer of whole words, as small as the models' vocabularies ask for."""
    vocab = {word: i + 1 for i, word in enumerate(WORDS)}
    vocab.update({"[UNK]": 0, "<start>": start, "<end>": end})
    special = lambda token, i: {
        "id": i, "content": token, "single_word": False, "lstrip": False, "rstrip": False,
        "normalized": False, "special": True}
    return {
        "version": "1.0", "truncation": None, "padding": None,
        "added_tokens": [special("<start>", start), special("<end>", end)],
        "normalizer": None, "pre_tokenizer": {"type": "Whitespace"},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [{"SpecialToken": {"id": "<start>", "type_id": 0}},
                       {"Sequence": {"id": "A", "type_id": 0}},
                       {"SpecialToken": {"id": "<end>", "type_id": 0}}],
            "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
            "special_tokens": {"<start>": {"id": "<start>", "ids": [start], "tokens": ["<start>"]},
                               "<end>": {"id": "<end>", "ids": [end], "tokens": ["<end>"]}}},
        "decoder": None,
        "model": {"type": "WordLevel", "vocab": vocab, "unk_token": "[UNK]"}}


def ids(tokens, end):
    fast = transformers.PreTrainedTokenizerFast(tokenizer_object=tokens, pad_token="<end>")
    return torch.tensor(fast(TEXTS, padding="max_length", max_length=77)["input_ids"])


def unit(vectors):
    return torch.nn.functional.normalize(vectors.float(), dim=-1).contiguous()


def main():
    from tokenizers import Tokenizer

    files = sorted(IMAGES.iterdir())
    expected = {}
    # Hugging Face's: the case hf-clip-plip, whose largest id is the end of text.
    hf = tokenizer(288, 289)
    (OUT / "hf-tokenizer.json").write_text(json.dumps(hf, indent=1))
    model = transformers.CLIPModel.from_pretrained(ROOT / "parity/hf-clip-plip").eval()
    from transformers import CLIPImageProcessorPil
    processor = CLIPImageProcessorPil(
        size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32}, resample=3,
        do_convert_rgb=True)
    (OUT / "preprocessor_config.json").write_text(json.dumps({
        "image_processor_type": "CLIPImageProcessor", "do_convert_rgb": True, "do_resize": True,
        "size": {"shortest_edge": 32}, "resample": 3, "do_center_crop": True,
        "crop_size": {"height": 32, "width": 32}, "do_rescale": True, "rescale_factor": 1 / 255,
        "do_normalize": True, "image_mean": processor.image_mean, "image_std": processor.image_std}, indent=1))
    with torch.no_grad():
        for file in files:
            pixels = processor(images=Image.open(file), return_tensors="pt")["pixel_values"]
            out = model.vision_model(pixel_values=pixels).pooler_output
            expected[f"hf.{file.name}"] = unit(model.visual_projection(out))[0]
        text = ids(Tokenizer.from_str(json.dumps(hf)), 289)
        out = model.text_model(input_ids=text).pooler_output
        expected["hf.texts"] = unit(model.text_projection(out))
        expected["hf.logit_scale"] = model.logit_scale.exp().reshape(1)
    # open_clip's: the case openclip-gelu.
    config = json.loads((ROOT / "parity/openclip-gelu/config.json").read_text())
    vocabulary = config.get("model_cfg", config)["text_cfg"]["vocab_size"]
    size = config.get("model_cfg", config)["vision_cfg"]["image_size"]
    oc = tokenizer(vocabulary - 2, vocabulary - 1)
    (OUT / "openclip-tokenizer.json").write_text(json.dumps(oc, indent=1))
    net = open_clip.model.CLIP(**{k: v for k, v in config.get("model_cfg", config).items()}).eval()
    missing = net.load_state_dict(load_file(ROOT / "parity/openclip-gelu/model.safetensors"), strict=False)
    assert not missing.unexpected_keys and set(missing.missing_keys) <= {"attn_mask"}, missing
    transform = open_clip.image_transform(size, is_train=False)
    with torch.no_grad():
        for file in files:
            pixels = transform(Image.open(file))[None]
            expected[f"openclip.{file.name}"] = net.encode_image(pixels, normalize=True)[0].float()
        text = ids(Tokenizer.from_str(json.dumps(oc)), vocabulary - 1)
        # open_clip pads with 0, behind the end of text, which nothing before it sees.
        expected["openclip.texts"] = unit(net.encode_text(text, normalize=True))
        expected["openclip.logit_scale"] = net.logit_scale.exp().reshape(1)
    save_file({k: v.detach().clone().contiguous() for k, v in expected.items()}, OUT / "expected.safetensors")
    print({k: tuple(v.shape) for k, v in expected.items()})
    print(transformers.__version__, open_clip.__version__, torch.__version__, np.__version__)


main()
