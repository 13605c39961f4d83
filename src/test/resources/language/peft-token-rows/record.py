"""Two small decoders with adapters and trained token rows, as peft writes them, and what both compute.

Run: python record.py, with transformers 5, peft 0.21 and safetensors. Writes beside itself."""
import json
import pathlib
import shutil

import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import save_file
from transformers import LlamaConfig, LlamaForCausalLM

here = pathlib.Path(__file__).parent
ids = torch.tensor([[1, 5, 3, 9, 20, 5], [7, 9, 9, 2, 3, 11]])
for name, tied, tokens in (("tied", True, [5, 3, 9]), ("untied", False, {"embed_tokens": [9, 3]})):
    torch.manual_seed(1)
    config = LlamaConfig(
        vocab_size=30, hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=2,
        num_key_value_heads=1, tie_word_embeddings=tied, initializer_range=0.3)
    base = LlamaForCausalLM(config)
    folder = here / name
    shutil.rmtree(folder, ignore_errors=True)
    base.save_pretrained(folder / "base")
    model = get_peft_model(
        base, LoraConfig(r=2, target_modules=["q_proj"], trainable_token_indices=tokens, task_type="CAUSAL_LM"))
    with torch.no_grad():
        for key, weight in model.named_parameters():
            if weight.requires_grad:
                weight.add_(0.3 * torch.randn_like(weight))
    model.save_pretrained(folder / "adapter")
    (folder / "adapter" / "README.md").unlink(missing_ok=True)
    out = model(ids, labels=ids)
    out.loss.backward()
    expected = {"input_ids": ids, "logits": out.logits.detach().contiguous(), "loss": out.loss.detach()}
    for key, weight in model.named_parameters():
        if weight.requires_grad:
            expected["grad." + key.replace(".default", "")] = weight.grad.contiguous()
    save_file(expected, folder / "expected.safetensors")
    (folder / "base" / "generation_config.json").unlink(missing_ok=True)
