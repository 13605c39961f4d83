#!/usr/bin/env python3
"""Training steps of a Q-Former with random weights in transformers: the other side of `eosin bench qformer`.
usage: bench-transformers-qformer.py align|instruct BATCH TOKENS STEPS THREADS
bert-base with 32 queries behind a frozen ViT-B/32 that is computed in every step, dropout 0.1. align: BLIP-2's three losses, each by the
module's own passes (queries, text, both over 3 x BATCH rows, both), words scored by a head; instruct: an OPT of bert-base's size, frozen,
the last half of TOKENS asked for. Prints one JSON line; rates leave out the first step."""
import json, os, resource, statistics, sys, time

what, batch, tokens, steps, threads = sys.argv[1], *map(int, sys.argv[2:6])
for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = str(threads)
sys.modules["torchvision"] = None  # no image is read
import torch, transformers as T
from torch.nn.functional import cross_entropy, normalize

torch.set_num_threads(threads)
torch.manual_seed(0)
vision = T.Blip2VisionConfig(
    hidden_size=768, intermediate_size=3072, num_hidden_layers=12, num_attention_heads=12, image_size=224, patch_size=32)
qformer = T.Blip2QFormerConfig(
    hidden_size=768, num_hidden_layers=12, num_attention_heads=12, intermediate_size=3072, cross_attention_frequency=2,
    encoder_hidden_size=768, vocab_size=30523, use_qformer_text_input=what == "align")
pixels = torch.randn(batch, 3, 224, 224)
if what == "align":
    model = T.Blip2ForImageTextRetrieval(
        T.Blip2Config(vision_config=vision, qformer_config=qformer, num_query_tokens=32, image_text_hidden_size=256)).train()
    head = torch.nn.Linear(768, 30523)
    frozen, trained = [model.vision_model], list(model.parameters()) + list(head.parameters())
    ids = torch.randint(5, 30000, (batch, tokens))

    def loss():
        with torch.no_grad():
            image = model.vision_model(pixel_values=pixels).last_hidden_state
        queries = model.query_tokens.expand(batch, -1, -1)
        seen = model.qformer(query_embeds=queries, encoder_hidden_states=image).last_hidden_state
        read = model.qformer(query_embeds=model.embeddings(input_ids=ids), query_length=0).last_hidden_state
        images = normalize(model.vision_projection(seen), dim=-1)
        texts = normalize(model.text_projection(read[:, 0]), dim=-1)
        alike = torch.einsum("bqd,cd->bcq", images, texts).max(-1).values / 0.07
        itc = (cross_entropy(alike, torch.arange(batch)) + cross_entropy(alike.t(), torch.arange(batch))) / 2
        both = model.qformer(
            query_embeds=model.embeddings(
                input_ids=torch.cat([ids, ids, ids.roll(1, 0)]), query_embeds=model.query_tokens.expand(3 * batch, -1, -1)),
            query_length=32, encoder_hidden_states=torch.cat([image, image.roll(1, 0), image])).last_hidden_state
        wanted = torch.cat([torch.ones(batch), torch.zeros(2 * batch)]).long()
        itm = cross_entropy(model.itm_head(both[:, :32]).mean(1), wanted)
        told = model.qformer(
            query_embeds=model.embeddings(input_ids=ids, query_embeds=queries), query_length=32,
            encoder_hidden_states=image).last_hidden_state[:, 32:]
        return itc + itm + cross_entropy(head(told)[:, :-1].flatten(0, 1), ids[:, 1:].flatten())
else:
    text = T.OPTConfig(
        hidden_size=768, ffn_dim=3072, num_hidden_layers=12, num_attention_heads=12, vocab_size=50272, word_embed_proj_dim=768)
    model = T.Blip2ForConditionalGeneration(T.Blip2Config(
        vision_config=vision, qformer_config=qformer, text_config=text, num_query_tokens=32, image_token_index=50265)).train()
    frozen, trained = [model.vision_model, model.language_model], list(model.parameters())
    ids = torch.randint(5, 50000, (batch, 32 + tokens))
    ids[:, :32] = 50265
    labels = ids.clone()
    labels[:, :32 + tokens - tokens // 2] = -100

    def loss():
        return model(pixel_values=pixels, input_ids=ids, attention_mask=torch.ones_like(ids), labels=labels).loss

for part in frozen:
    part.requires_grad_(False)
trained = [parameter for parameter in trained if parameter.requires_grad]
optimiser = torch.optim.AdamW(trained, lr=1e-5)


def step():
    optimiser.zero_grad()
    loss().backward()
    optimiser.step()


step()
rates, used = [], time.process_time()
for _ in range(steps):
    started = time.perf_counter()
    step()
    rates.append(batch / (time.perf_counter() - started))
print(json.dumps({
    "what": "transformers-qformer-" + what, "rows_per_s": round(statistics.median(rates), 3), "rates": [round(r, 3) for r in rates],
    "cpu_s_per_step": round((time.process_time() - used) / steps, 3), "trained": sum(p.numel() for p in trained),
    "peak_rss_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, "torch": torch.__version__,
    "transformers": T.__version__}))
