#!/usr/bin/env python3
"""Compares Eosin with transformers on a tiny LLaVA model of random weights, in both directions.

    python3 scripts/check-llava.py FOLDER     # needs torch, transformers, tokenizers, Pillow

Makes FOLDER/theirs with transformers (LlavaForConditionalGeneration, its processor and llava-hf's manner of chat
template), lets `eosin generate` answer about pictures of several shapes, and compares the answers with generate()'s.
Then `eosin merge` writes FOLDER/ours, in shards; transformers opens it and must answer the same, its prompt made by
AutoProcessor and apply_chat_template. EOSIN names the program (./eosin unless set). Optional: nothing in Eosin needs
Python.
"""
import json
import os
import subprocess
import sys
from pathlib import Path

import torch

try:
    import torchvision  # noqa: F401
except (ImportError, RuntimeError):
    # One that does not fit torch breaks transformers, which does without.
    sys.modules["torchvision"] = None
import transformers
from PIL import Image
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import (AutoProcessor, CLIPImageProcessor, CLIPVisionConfig, LlamaConfig, LlavaConfig,
                          LlavaForConditionalGeneration, LlavaProcessor, PreTrainedTokenizerFast)

EOSIN = os.environ.get("EOSIN", "./eosin").split()
TEMPLATE = ("{% for message in messages %}{% if message['role'] != 'system' %}{{ message['role'].upper() + ': '}}{% endif %}"
            "{% for content in message['content'] | selectattr('type', 'equalto', 'image') %}{{ '<image>\n' }}{% endfor %}"
            "{% for content in message['content'] | selectattr('type', 'equalto', 'text') %}{{ content['text'] + ' '}}{% endfor %}"
            "{% endfor %}{% if add_generation_prompt %}{{ 'ASSISTANT:' }}{% endif %}")
QUESTIONS = ["What does the tile show?", "Is there a tumour, and where?", "Name the colour of the nuclei."]
TOKENS = 12


def tokenizer():
    made = Tokenizer(models.BPE(unk_token=None))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    special = ["<unk>", "<s>", "</s>"]
    text = QUESTIONS * 4 + ["USER: ASSISTANT: A chat between a curious user and an artificial intelligence assistant."]
    made.train_from_iterator(text, trainers.BpeTrainer(vocab_size=380, special_tokens=special,
                                                       initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    made.add_special_tokens(["<image>", "<pad>"])
    made.post_processor = processors.TemplateProcessing(single="<s> $A", pair="<s> $A $B", special_tokens=[("<s>", 1)])
    return PreTrainedTokenizerFast(tokenizer_object=made, bos_token="<s>", eos_token="</s>", unk_token="<unk>",
                                   pad_token="<pad>", padding_side="left", chat_template=TEMPLATE)


def make(folder):
    torch.manual_seed(1)
    words = tokenizer()
    image = words.convert_tokens_to_ids("<image>")
    vision = CLIPVisionConfig(hidden_size=48, intermediate_size=96, num_hidden_layers=3, num_attention_heads=4,
                              image_size=28, patch_size=7, projection_dim=32)
    text = LlamaConfig(hidden_size=64, intermediate_size=128, num_hidden_layers=2, num_attention_heads=4,
                       num_key_value_heads=2, vocab_size=len(words) + 3, max_position_embeddings=512,
                       bos_token_id=1, eos_token_id=2, pad_token_id=words.pad_token_id, initializer_range=0.3)
    config = LlavaConfig(vision_config=vision, text_config=text, image_token_index=image, vision_feature_layer=-2)
    model = LlavaForConditionalGeneration(config).eval()
    for name, weight in model.named_parameters():
        if "norm" not in name:
            torch.nn.init.normal_(weight, std=0.25)
    model.save_pretrained(folder)
    pictures = CLIPImageProcessor(size={"shortest_edge": 28}, crop_size={"height": 28, "width": 28})
    processor = LlavaProcessor(image_processor=pictures, tokenizer=words, patch_size=7, chat_template=TEMPLATE,
                               vision_feature_select_strategy="default", num_additional_image_tokens=1)
    processor.save_pretrained(folder)
    return model


def pictures(folder):
    made = []
    for i, size in enumerate([(40, 40), (64, 32), (33, 50)]):
        noise = torch.randint(0, 256, (size[1] // 4 + 1, size[0] // 4 + 1, 3), dtype=torch.uint8,
                              generator=torch.Generator().manual_seed(i))
        picture = Image.fromarray(noise.numpy()).resize(size, Image.BICUBIC)
        picture.save(folder / f"picture-{i}.png")
        made.append(picture)
    return made


def theirs(folder, question, picture):
    processor = AutoProcessor.from_pretrained(folder)
    model = LlavaForConditionalGeneration.from_pretrained(folder, torch_dtype=torch.float32).eval()
    chat = [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": question}]}]
    text = processor.apply_chat_template(chat, add_generation_prompt=True)
    inputs = processor(images=picture, text=text, return_tensors="pt")
    with torch.no_grad():
        inputs.pop("token_type_ids", None)  # older tokenizers make them, the model takes none
        ids = model.generate(**inputs, max_new_tokens=TOKENS, do_sample=False)[0, inputs["input_ids"].shape[1]:]
        logits = model(**inputs).logits[0, -1]
    return processor.tokenizer.decode(ids, skip_special_tokens=True), text, logits, inputs["input_ids"][0].tolist()


def eosin(*arguments):
    done = subprocess.run([*EOSIN, *map(str, arguments)], capture_output=True)
    out, err = done.stdout.decode(), done.stderr.decode()
    if done.returncode:
        sys.exit(f"eosin {' '.join(map(str, arguments))}\n{out}{err}")
    print(err, end="")
    return out


def answers(folder, model, name):
    rows = folder / f"{name}.jsonl"
    rows.write_text("".join(json.dumps({"id": str(i), "question": q, "image": f"picture-{i}.png"}) + "\n"
                            for i, q in enumerate(QUESTIONS)))
    out = folder / f"{name}-answers.jsonl"
    for old in [*folder.glob(f"*{name}-answers*")]:
        old.unlink()
    eosin("generate", "--model", model, "--rows", rows, "--out", out, "--max-new-tokens", TOKENS)
    found = [json.loads(line) for line in out.open()]
    return {row["id"]: row["answer"] for row in found if "answer" in row}


def compare(folder, model, name, shown):
    ours = answers(folder, model, name)
    one = eosin("generate", "--model", model, "--prompt", QUESTIONS[0], "--image", folder / "picture-0.png",
                "--max-new-tokens", TOKENS).rstrip("\n")
    same = 0
    for i, (question, picture) in enumerate(zip(QUESTIONS, shown)):
        text, prompt, _, ids = theirs(model, question, picture)
        same += text.strip() == ours[str(i)].strip()
        if text.strip() != ours[str(i)].strip():
            print(f"{name} {i}: transformers {text!r}, eosin {ours[str(i)]!r}; prompt {prompt!r}")
    print(f"{name}: {same} of {len(QUESTIONS)} answers of {TOKENS} tokens are equal; one by one: "
          f"{one.strip() == ours['0'].strip()}; begins with {ids[:2]}")
    return same == len(QUESTIONS)


folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
print("transformers", transformers.__version__)
make(folder / "theirs")
shown = pictures(folder)
right = compare(folder, folder / "theirs", "theirs", shown)
eosin("merge", folder / "theirs", "--out", folder / "ours", "--template", "v1", "--shard-size", "0.2 MB", "--replace")
right &= compare(folder, folder / "ours", "ours", shown)
print("all equal" if right else "NOT EQUAL")
sys.exit(0 if right else 1)
