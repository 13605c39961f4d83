#!/usr/bin/env python3
"""Training steps of a LLaVA model with random weights in transformers and peft: the other side of `eosin bench vllm`.
usage: bench-transformers-vllm.py train-projector|train-lora BATCH TOKENS LORA STEPS THREADS [fp32|bf16]
A frozen ViT-B/32 that is computed in every step (49 tokens an image, layer -2), a projector of two linears, a decoder of SmolLM2-135M's
shape, frozen but for peft's adapters on all its linears. TOKENS counts those of the image; the last half of the text is asked for. With bf16
frozen weights are bf16, trained ones fp32 under autocast. Prints one JSON line; rates leave out the first step."""
import json, os, resource, statistics, sys, time

what, batch, tokens, lora, steps, threads = sys.argv[1], *map(int, sys.argv[2:7])
narrow = sys.argv[7:8] == ["bf16"]
for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = str(threads)
sys.modules["torchvision"] = None  # no image is read
import torch, transformers as T

torch.set_num_threads(threads)
torch.manual_seed(0)
image = 49
vision = T.CLIPVisionConfig(
    hidden_size=768, intermediate_size=3072, num_hidden_layers=12, num_attention_heads=12, image_size=224, patch_size=32)
text = T.LlamaConfig(
    hidden_size=576, intermediate_size=1536, num_hidden_layers=30, num_attention_heads=9, num_key_value_heads=3, vocab_size=49152,
    max_position_embeddings=2048, rms_norm_eps=1e-5, rope_theta=100000.0, tie_word_embeddings=True)
model = T.LlavaForConditionalGeneration(T.LlavaConfig(
    vision_config=vision, text_config=text, image_token_index=49151, vision_feature_layer=-2,
    vision_feature_select_strategy="default", image_seq_length=image)).train()
for parameter in model.parameters():
    parameter.requires_grad_(False)
core = model.model if hasattr(model, "model") else model
for parameter in core.multi_modal_projector.parameters():
    parameter.requires_grad_(True)
if what == "train-lora":
    from peft import LoraConfig, inject_adapter_in_model
    inject_adapter_in_model(LoraConfig(r=lora, lora_alpha=2 * lora, target_modules=[
        "q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]), core.language_model)
    for name, parameter in model.named_parameters():
        if "lora_" in name:
            parameter.requires_grad_(True)
if narrow:
    for parameter in model.parameters():
        if not parameter.requires_grad:
            parameter.data = parameter.data.to(torch.bfloat16)
ids = torch.randint(5, 49000, (batch, tokens))
ids[:, :image] = 49151
labels = ids.clone()
labels[:, :image + (tokens - image) // 2] = -100
pixels = torch.randn(batch, 3, 224, 224).to(torch.bfloat16 if narrow else torch.float32)
optimiser = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-5)


def step():
    optimiser.zero_grad()
    with torch.autocast("cpu", torch.bfloat16, enabled=narrow):
        loss = model(input_ids=ids, pixel_values=pixels, attention_mask=torch.ones_like(ids), labels=labels).loss
    loss.backward()
    optimiser.step()


step()
rates = []
user = os.times().user
for _ in range(steps):
    started = time.perf_counter()
    step()
    rates.append(batch / (time.perf_counter() - started))
print(json.dumps({
    "what": "transformers-vllm-" + what, "rows_per_s": round(statistics.median(rates), 3), "rates": [round(r, 3) for r in rates],
    "cpu_s_per_step": round((os.times().user - user) / steps, 3),
    "peak_rss_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, "torch": torch.__version__,
    "transformers": T.__version__}))
