"""Records src/test/resources/parity/bert-timm-*: toy CustomTextCLIP models of open_clip with a BERT text
tower and a timm ViT image tower. Run: python scripts/record-bert-timm-clip.py src/test/resources/parity
Needs open_clip 3.3.0, timm 1.0.29, transformers 5.18.0, torch; nothing is downloaded."""
import json, math, sys, tempfile
from pathlib import Path
import torch
from open_clip.loss import ClipLoss
from open_clip.model import CustomTextCLIP
from safetensors.torch import save_file
from timm.layers import SwiGLUPacked
from timm.models import register_model
from timm.models.vision_transformer import VisionTransformer
from transformers import BertConfig

VIT = dict(img_size=24, patch_size=8, embed_dim=24, depth=2, num_heads=3, mlp_ratio=2.0)
BERT = dict(vocab_size=50, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=48, max_position_embeddings=20,
            type_vocab_size=2, pad_token_id=0, layer_norm_eps=1e-12, hidden_act="gelu", hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
CASES = {
    "bert-timm-gelu": dict(embed_dim=16, vit=dict(init_values=0.1, reg_tokens=2), vision=dict(timm_pool="", timm_proj="linear"),
        bert={}, text=dict(hf_pooler_type="cls_last_hidden_state_pooler", hf_proj_type="mlp")),
    "bert-timm-swiglu": dict(embed_dim=16,
        vit=dict(init_values=1e-5, reg_tokens=3, no_embed_class=True, mlp_layer="SwiGLUPacked", act_layer="silu", mlp_ratio=2.66667 * 2),
        vision=dict(timm_pool="avg", timm_proj="mlp"), bert=dict(pad_token_id=1), text=dict(hf_pooler_type="mean_pooler", hf_proj_type="linear")),
    "bert-timm-plain": dict(embed_dim=24, vit={}, vision=dict(timm_pool="avg", timm_proj="none"),
        bert=dict(hidden_size=24), text=dict(hf_pooler_type="cls_pooler", hf_proj_type=None)),
}
STEPS, WARMUP, LR, BETAS, EPS, DECAY = 5, 2, 1e-3, (0.9, 0.98), 1e-6, 0.2

@register_model
def eosin_toy_vit(pretrained=False, pretrained_cfg=None, pretrained_cfg_overlay=None, cache_dir=None, **kwargs):
    own = dict(eosin_toy_vit.sizes)
    own["mlp_layer"] = {"SwiGLUPacked": SwiGLUPacked}.get(own.pop("mlp_layer", None))
    own["act_layer"] = {"silu": torch.nn.SiLU}.get(own.pop("act_layer", None))
    model = VisionTransformer(**{k: v for k, v in own.items() if v is not None}, **kwargs)
    model.default_cfg = {}
    return model

def captions(generator, rows, padding):
    ids = torch.full((rows, 12), padding)
    for row in range(rows):
        length = 12 if row == 0 else int(torch.randint(3, 12, (), generator=generator))
        ids[row, :length] = torch.randint(5, 50, (length,), generator=generator)
        ids[row, 0], ids[row, length - 1] = 2, 3
    return ids

def clip_step(model, images, texts):
    image, text = model.encode_image(images, normalize=True), model.encode_text(texts, normalize=True)
    return image, text, ClipLoss()(image, text, model.logit_scale.exp())

def record(name, case, folder):
    generator, _ = torch.Generator().manual_seed(7), torch.manual_seed(7)
    eosin_toy_vit.sizes, bert = {**VIT, **case["vit"]}, {**BERT, **case["bert"]}
    vision = dict(timm_model_name="eosin_toy_vit", timm_model_pretrained=False, image_size=24, **case["vision"])
    with tempfile.TemporaryDirectory() as local:
        BertConfig(**bert).save_pretrained(local)
        text = dict(hf_model_name=local, hf_model_pretrained=False, context_length=12, **case["text"])
        model = CustomTextCLIP(embed_dim=case["embed_dim"], vision_cfg=vision, text_cfg=text).train()
    with torch.no_grad():
        for p in model.parameters():
            p.add_(torch.randn(p.shape, generator=generator) * 0.05) if p.ndim else None
    folder.mkdir(parents=True, exist_ok=True)
    config = dict(embed_dim=case["embed_dim"], quick_gelu=False, vision_cfg=dict(vision, timm_model_kwargs=eosin_toy_vit.sizes),
                  text_cfg=dict(text, hf_model_name="toy-bert", hf_model_config=dict(bert, model_type="bert")))
    (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n")
    state = {k: v.detach().clone() for k, v in model.state_dict().items()}
    if name == "bert-timm-gelu":  # what older files of open_clip hold and nothing reads
        state["text.transformer.pooler.dense.weight"], state["text.transformer.pooler.dense.bias"] = torch.ones(32, 32), torch.ones(32)
        state["text.transformer.embeddings.position_ids"] = torch.arange(20)[None]
    save_file(state, folder / "model.safetensors", metadata=dict(format="pt"))
    images, texts = torch.randn((2, 4, 3, 24, 24), generator=generator), torch.stack([captions(generator, 4, bert["pad_token_id"]) for _ in range(2)])
    save_file(dict(images=images, texts=texts), folder / "inputs.safetensors")
    image, text, loss = clip_step(model, images[0], texts[0])
    loss.backward()
    out = dict(image_features=image, text_features=text, clip_loss=loss)
    out = {k: v.detach().clone() for k, v in (out | {"grad." + k: p.grad for k, p in model.named_parameters()}).items()}
    plain = lambda k, p: p.ndim < 2 or "bn" in k or "ln" in k or "bias" in k or "logit_scale" in k  # open_clip_train's rule
    named = dict(model.named_parameters())
    groups = [[k for k, p in named.items() if plain(k, p)], [k for k, p in named.items() if not plain(k, p)]]
    optimizer = torch.optim.AdamW([dict(params=[named[k] for k in groups[0]], weight_decay=0.0),
                                   dict(params=[named[k] for k in groups[1]], weight_decay=DECAY)], lr=LR, betas=BETAS, eps=EPS)
    rows = []
    for step in range(STEPS):
        lr = LR * (step + 1) / WARMUP if step < WARMUP else 0.5 * (1 + math.cos(math.pi * (step - WARMUP) / (STEPS - WARMUP))) * LR
        for group in optimizer.param_groups:
            group["lr"] = lr
        optimizer.zero_grad()
        loss = clip_step(model, images[step % 2], texts[step % 2])[2]
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        model.logit_scale.data.clamp_(0, math.log(100))
        rows.append((loss.item(), norm.item(), model.logit_scale.item(), lr))
    for i, key in enumerate(["loss", "grad_norm", "logit_scale_after", "lr"]):
        out[key] = torch.tensor([row[i] for row in rows], dtype=torch.float64 if key == "lr" else torch.float32)
    out |= {"final." + k: p.detach() for k, p in named.items()}
    save_file(out, folder / "expected.safetensors")
    training = dict(steps=STEPS, warmup_steps=WARMUP, lr=LR, betas=BETAS, eps=EPS, weight_decay=DECAY, grad_clip_norm=1.0, no_decay=groups[0], decay=groups[1])
    (folder / "training.json").write_text(json.dumps(training, indent=1) + "\n")
for name, case in CASES.items():
    record(name, case, Path(sys.argv[1]) / name)
