#!/usr/bin/env python3
"""A decoder of SmolLM2-135M's shape with random weights in transformers and peft: the other side of `eosin bench language`.
usage: bench-transformers.py generate|prefill|train BATCH TOKENS NEW BEAMS LORA PRECISION STEPS THREADS
Prints one JSON line; rates leave out the first repeat."""
import json, os, resource, statistics, sys, time

what = sys.argv[1]
batch, tokens, new, beams, lora = map(int, sys.argv[2:7])
precision, steps, threads = sys.argv[7], int(sys.argv[8]), int(sys.argv[9])
for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = str(threads)
sys.modules["torchvision"] = None  # no image is read
import torch, transformers

torch.set_num_threads(threads)
torch.manual_seed(0)
model = transformers.LlamaForCausalLM(transformers.LlamaConfig(
    hidden_size=576, intermediate_size=1536, num_hidden_layers=30, num_attention_heads=9, num_key_value_heads=3, vocab_size=49152,
    max_position_embeddings=2048, rms_norm_eps=1e-5, rope_theta=100000.0, tie_word_embeddings=True))
model = model.to(torch.bfloat16 if precision == "bf16" else torch.float32)
ids = torch.randint(5, 49000, (batch, tokens))
if what == "generate":
    model.eval()
    config = transformers.GenerationConfig(
        max_new_tokens=new, min_new_tokens=new, num_beams=beams, do_sample=False, pad_token_id=0, eos_token_id=2)
    count, key = batch * new, "tokens_per_s"
    def step():
        with torch.no_grad():
            model.generate(ids, attention_mask=torch.ones_like(ids), generation_config=config)
elif what == "prefill":
    model.eval()
    count, key = batch * tokens, "tokens_per_s"
    def step():
        with torch.no_grad():
            model(ids, logits_to_keep=1)
else:
    model.train()
    if lora:
        from peft import LoraConfig, inject_adapter_in_model
        inject_adapter_in_model(LoraConfig(r=lora, lora_alpha=2 * lora, target_modules=[
            "q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]), model)
        for name, parameter in model.named_parameters():
            parameter.requires_grad_("lora_" in name)
    labels = ids.clone()
    labels[:, :tokens - tokens // 2] = -100  # the last half is asked for
    optimiser = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-5)
    count, key = batch, "rows_per_s"
    def step():
        optimiser.zero_grad()
        model(input_ids=ids, labels=labels).loss.backward()
        optimiser.step()
step()
rates = []
for _ in range(steps):
    started = time.perf_counter()
    step()
    rates.append(count / (time.perf_counter() - started))
print(json.dumps({"what": "transformers-" + what, key: round(statistics.median(rates), 3), "rates": [round(r, 3) for r in rates],
                  "peak_rss_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, "torch": torch.__version__,
                  "transformers": transformers.__version__}))
