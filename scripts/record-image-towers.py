"""Records src/test/resources/parity/image-towers: towers alone, as timm and transformers save them, and what they make of images.
Run: python scripts/record-image-towers.py src/test/resources/parity/image-towers
Needs timm 1.0.29, transformers 5.18.0, torch, safetensors; nothing is downloaded."""
import json, sys
from pathlib import Path
import torch
from safetensors.torch import save_file
from timm.layers import SwiGLUPacked
from timm.models._hub import save_for_hf
from timm.models.vision_transformer import VisionTransformer
from transformers import CLIPVisionConfig, CLIPVisionModel, CLIPVisionModelWithProjection

BASE = dict(img_size=24, patch_size=8, embed_dim=24, depth=2, num_heads=3, mlp_ratio=2.0, num_classes=0, dynamic_img_size=True)
TIMM = {
    # UNI's form: LayerScale, a class token with a position.
    "uni": (dict(init_values=1e-5), {}),
    # UNI2-h's form: registers without positions, SwiGLU.
    "uni2": (dict(init_values=1e-5, reg_tokens=3, no_embed_class=True, mlp_ratio=2.66667 * 2),
             dict(mlp_layer=SwiGLUPacked, act_layer=torch.nn.SiLU)),
}
COLOURS = dict(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])

def drawn(model, generator):
    with torch.no_grad():
        for p in model.parameters():
            p.add_(torch.randn(p.shape, generator=generator) * 0.1)
    return model.eval()

def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    generator, golden = torch.Generator().manual_seed(5), {}
    for size in (24, 40):
        golden[f"pixels-{size}"] = torch.randn(3, 3, size, size, generator=generator)
    for name, (sizes, layers) in TIMM.items():
        torch.manual_seed(3)
        model = drawn(VisionTransformer(**{**BASE, **sizes}, **layers), generator)
        args = {**BASE, **sizes, **(dict(mlp_layer="SwiGLUPacked", act_layer="silu") if layers else {})}
        model.pretrained_cfg = dict(architecture="eosin_toy_vit", input_size=[3, 24, 24], **COLOURS)
        save_for_hf(model, str(folder / name), model_config=dict(architecture="eosin_toy_vit"), model_args=args, safe_serialization=name == "uni")
        with torch.no_grad():
            for size in (24, 40):
                tokens = model.forward_features(golden[f"pixels-{size}"])
                golden[f"{name}-{size}"] = tokens[:, 0].clone()
                golden[f"{name}-{size}-mean"] = tokens[:, model.num_prefix_tokens:].mean(1)
    torch.manual_seed(4)
    config = CLIPVisionConfig(hidden_size=24, intermediate_size=48, num_hidden_layers=2, num_attention_heads=3, image_size=24, patch_size=8,
                              projection_dim=16, hidden_act="quick_gelu")
    model = drawn(CLIPVisionModelWithProjection(config), generator)
    model.save_pretrained(folder / "vision")
    with torch.no_grad():
        golden["vision-24-projected"] = model(golden["pixels-24"]).image_embeds
    alone = CLIPVisionModel(config).eval()
    inner = {k.removeprefix("vision_model."): v for k, v in model.state_dict().items() if k.startswith("vision_model.")}
    alone.load_state_dict({k: inner[k.removeprefix("vision_model.")] for k in alone.state_dict()})
    alone.save_pretrained(folder / "vision-alone")
    with torch.no_grad():
        golden["vision-24"] = alone(golden["pixels-24"]).pooler_output
    save_file({k: v.contiguous() for k, v in golden.items()}, folder / "golden.safetensors")

main(Path(sys.argv[1]))
