#!/usr/bin/env python3
"""Records the case generation-toy: what transformers' generate makes of a model whose scores are a fixed function of a row's ids.

    record-generation.py FOLDER    # writes generation.json; needs torch and transformers
"""
import json, random, sys
from pathlib import Path
import torch, transformers
from transformers import GenerationConfig, GenerationMixin, PreTrainedConfig, PreTrainedModel
from transformers.modeling_outputs import CausalLMOutput

VOCABULARY, PADDING = 19, 0
NOISE, REPEATS = 1e-5, 4


def scores(ids, vocabulary=VOCABULARY):
    state = 17
    for i in ids:
        state = (state * 31 + i + 1) % 2147483647
    row = []
    for v in range(vocabulary):
        z = (state * 1103515245 + v * 12820163 + 12345) % 2147483648
        z = (z ^ (z >> 13)) * 1274126177 % 2147483648
        row.append((z % 16777216) / 16777216 * 6 - 3)
    return row


class ToyConfig(PreTrainedConfig):
    model_type = "toy"
    num_hidden_layers = 1


class Toy(PreTrainedModel, GenerationMixin):
    config_class = ToyConfig
    noise = 0.0
    prompts = None  # given as embeddings only

    def __init__(self, config):
        super().__init__(config)
        self.table = torch.nn.Embedding(VOCABULARY, 1)

    def get_input_embeddings(self):
        return self.table

    def forward(self, input_ids=None, attention_mask=None, inputs_embeds=None, new_ids=None, **_):
        if inputs_embeds is not None:
            rows = [[] for _ in range(inputs_embeds.shape[0])]
        elif self.prompts is not None:
            rows = input_ids.tolist()
        else:
            rows = [[i for i, m in zip(r, mask) if m] for r, mask in zip(input_ids.tolist(), attention_mask.tolist())]
        if self.prompts is not None:
            each = len(rows) // len(self.prompts)
            rows = [self.prompts[i // each] + r for i, r in enumerate(rows)]
        x = torch.tensor([scores(r) for r in rows], dtype=torch.float32)[:, None]
        return CausalLMOutput(logits=x + self.noise * torch.randn_like(x))

    def prepare_inputs_for_generation(self, input_ids, attention_mask=None, inputs_embeds=None, is_first_iteration=False, **_):
        if is_first_iteration and inputs_embeds is not None:
            return {"inputs_embeds": inputs_embeds}
        if attention_mask is not None and attention_mask.shape[1] < input_ids.shape[1]:
            more = input_ids.shape[1] - attention_mask.shape[1]
            attention_mask = torch.cat([attention_mask, attention_mask.new_ones(attention_mask.shape[0], more)], 1)
        return {"input_ids": input_ids, "attention_mask": attention_mask}


def options(rng):
    o = {"max_new_tokens": rng.randint(1, 14), "eos_token_id": rng.sample(range(1, VOCABULARY), rng.choice([1, 1, 2, 3]))}
    if rng.random() < 0.8:
        o["num_beams"] = rng.choice([2, 3, 4, 5, 8])
        o["length_penalty"] = rng.choice([-1.0, 0.0, 0.6, 1.0, 2.0])
        o["early_stopping"] = rng.choice([False, False, True, "never"])
        if rng.random() < 0.4:
            o["num_return_sequences"] = rng.randint(2, o["num_beams"])
    if rng.random() < 0.4:
        o["min_new_tokens"] = rng.randint(1, o["max_new_tokens"])
    if rng.random() < 0.4:
        o["repetition_penalty"] = rng.choice([0.7, 1.2, 1.5])
    if rng.random() < 0.4:
        # Where no id may come twice, few new ones leave some that may follow.
        o["no_repeat_ngram_size"] = rng.randint(1 if o["max_new_tokens"] <= 5 else 2, 3)
    return o


def generate(model, ids, mask, source, o):
    config = GenerationConfig(pad_token_id=PADDING, do_sample=False, use_cache=False, **o)
    given = {"input_ids": ids, "attention_mask": mask}
    model.prompts = None
    if source == "embeds":
        model.prompts = [[i for i, m in zip(r, k) if m] for r, k in zip(ids.tolist(), mask.tolist())]
        given = {"inputs_embeds": torch.zeros(*ids.shape, 1), "attention_mask": mask}
    out = model.generate(**given, generation_config=config, return_dict_in_generate=True, output_scores=True)
    start = 0 if source == "embeds" else ids.shape[1]
    rows = []
    for row in out.sequences[:, start:].tolist():
        ends = [i for i, t in enumerate(row) if t in o["eos_token_id"]]
        rows.append(row[: ends[0] + 1] if ends else row)
    return rows, [round(s, 6) for s in out.sequences_scores.tolist()] if "num_beams" in o else None


def main():
    rng = random.Random(5)
    model = Toy(ToyConfig()).eval()
    lengths = [7, 3, 5, 1]
    rows = [[rng.randrange(1, VOCABULARY) for _ in range(n)] for n in lengths]
    ids = torch.tensor([[PADDING] * (max(lengths) - len(r)) + r for r in rows])
    mask = torch.tensor([[0] * (max(lengths) - len(r)) + [1] * len(r) for r in rows])
    runs, left_out = [], 0
    while len(runs) < 150:
        o, source = options(rng), rng.choice(["ids", "ids", "embeds"])
        model.noise = 0.0
        found, best = generate(model, ids, mask, source, o)
        model.noise = NOISE
        if any(generate(model, ids, mask, source, o)[0] != found for _ in range(REPEATS)):
            left_out += 1
            continue
        run = {"name": f"run-{len(runs)}", "input": source, "options": o, "ids": found}
        runs.append(run | ({"scores": best} if best else {}))
    case = {"vocabulary": VOCABULARY, "pad_token_id": PADDING, "noise_sd": NOISE, "prompts": {"input_ids": ids.tolist(), "attention_mask": mask.tolist()}}
    text = ",\n".join(json.dumps(r) for r in runs)
    Path(sys.argv[1], "generation.json").write_text(json.dumps(case)[:-1] + ', "runs": [\n' + text + "\n]}\n")
    print(len(runs), "runs;", left_out, "left out, which noise changes; transformers", transformers.__version__, "torch", torch.__version__)


main()
