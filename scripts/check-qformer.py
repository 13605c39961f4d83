# Compares what `eosin convert` writes of BLIP-2 and InstructBLIP models with transformers: processor, logits, generated ids.
# Usage: python scripts/check-qformer.py make FOLDER TOKENIZERS
#          makes FOLDER/blip2-opt, blip2-t5 and instructblip-llama, tiny models of random weights. TOKENIZERS is a
#          folder with tokenizer-opt, tokenizer-t5, tokenizer-llama and tokenizer-bert (src/test/resources/parity).
#          They have no places for images, as the folders that versions before 4.46 wrote.
#        for each: eosin convert FOLDER/NAME FOLDER/NAME-eosin --to hugging-face
#        python scripts/check-qformer.py compare FOLDER
#          opens both folders of each, gives one picture and two prompts through the written processor.
import json
import pathlib
import shutil
import sys

import torch
import transformers
from PIL import Image

NAMES = {'blip2-opt': 'opt', 'blip2-t5': 't5', 'instructblip-llama': 'llama'}
QUERIES, SIZE = 6, 32
PROMPTS = ['Question: what tissue is it? Short answer:', 'Describe the image.']


def text_config(kind, entries, special):
    if kind == 'opt':
        return transformers.OPTConfig(
            vocab_size=entries, hidden_size=48, num_hidden_layers=2, num_attention_heads=4, ffn_dim=96, max_position_embeddings=64, word_embed_proj_dim=48, **special
        )
    if kind == 't5':
        special.pop('bos_token_id')
        return transformers.T5Config(
            vocab_size=entries, d_model=32, d_kv=12, d_ff=80, num_layers=2, num_heads=4, feed_forward_proj='gated-gelu', tie_word_embeddings=False, decoder_start_token_id=0, **special
        )
    return transformers.LlamaConfig(
        vocab_size=entries, hidden_size=40, intermediate_size=80, num_hidden_layers=2, num_attention_heads=4, max_position_embeddings=128, **special
    )


def make(folder, tokenizers):
    for name, kind in NAMES.items():
        torch.manual_seed(7)
        target = folder / name
        target.mkdir(parents=True)
        source = tokenizers / f'tokenizer-{kind}'
        tokenizer = transformers.AutoTokenizer.from_pretrained(source)
        for file in source.glob('tokenizer*.json'):
            shutil.copy(file, target)
        special = {'bos_token_id': tokenizer.bos_token_id, 'eos_token_id': tokenizer.eos_token_id, 'pad_token_id': tokenizer.pad_token_id}
        instructed = name.startswith('instructblip')
        prefix = 'InstructBlip' if instructed else 'Blip2'
        of = lambda each: getattr(transformers, prefix + each)
        vision = of('VisionConfig')(hidden_size=40, intermediate_size=80, num_hidden_layers=2, num_attention_heads=4, image_size=SIZE, patch_size=8)
        words = transformers.AutoTokenizer.from_pretrained(tokenizers / 'tokenizer-bert')
        qformer = of('QFormerConfig')(
            vocab_size=len(words), hidden_size=48, intermediate_size=72, num_hidden_layers=4, num_attention_heads=4, encoder_hidden_size=40, max_position_embeddings=64
        )
        # The table ends with the tokenizer, so that <image> needs a row of its own.
        text = text_config(kind, len(tokenizer), special)
        config = of('Config')(vision_config=vision.to_dict(), qformer_config=qformer.to_dict(), text_config=text.to_dict(), num_query_tokens=QUERIES)
        model = of('ForConditionalGeneration')(config).eval()
        with torch.no_grad():
            for parameter_name, each in model.named_parameters():
                if not parameter_name.startswith('language_model.') and each.dim() > 1:
                    each.normal_(std=0.2)
                elif each.dim() > 1:
                    each.normal_(std=0.3)
            # EVA's keys have no biases.
            for layer in model.vision_model.encoder.layers if hasattr(model, 'vision_model') else model.model.vision_model.encoder.layers:
                layer.self_attn.qkv.bias[40:80] = 0
        if kind == 't5':
            # FlanT5's head is its own; this version of transformers makes a tied one, and says so in what it writes.
            head = model.language_model.lm_head if hasattr(model, 'language_model') else model.model.language_model.lm_head
            head.weight = torch.nn.Parameter(torch.randn_like(head.weight) * 0.3)
        model.save_pretrained(target)
        if kind == 't5':
            described = json.loads((target / 'config.json').read_text())
            described['text_config']['tie_word_embeddings'] = False
            (target / 'config.json').write_text(json.dumps(described))
        processor = transformers.BlipImageProcessor(size={'height': SIZE, 'width': SIZE}, do_resize=True)
        processor.save_pretrained(target)
        if instructed:
            shutil.copytree(tokenizers / 'tokenizer-bert', target / 'qformer_tokenizer', ignore=shutil.ignore_patterns('README*', 'expected*'))


def compare(folder):
    picture = Image.effect_mandelbrot((48, 40), (-2, -1, 1, 1), 60).convert('RGB')
    failed = False
    for name in NAMES:
        ours = folder / f'{name}-eosin'
        processor = transformers.AutoProcessor.from_pretrained(ours)
        kind = transformers.InstructBlipForConditionalGeneration if name.startswith('instructblip') else transformers.Blip2ForConditionalGeneration
        theirs, written = kind.from_pretrained(folder / name).eval(), kind.from_pretrained(ours).eval()
        image_id = written.config.image_token_index
        entries = theirs.config.text_config.vocab_size
        # The original has no row for <image>: the id of one that no prompt has stands for it.
        stand_in = entries - 1
        theirs.config.image_token_index = stand_in
        for prompt in PROMPTS:
            inputs = processor(images=picture, text=prompt, return_tensors='pt')
            places = (inputs['input_ids'] == image_id).sum().item()
            assert places == QUERIES, f'{name}: {places} places of the image, expected {QUERIES}'
            assert not (inputs['input_ids'] == stand_in).any()
            other = dict(inputs)
            other['input_ids'] = torch.where(inputs['input_ids'] == image_id, stand_in, inputs['input_ids'])
            more = {'decoder_input_ids': torch.zeros(1, 1, dtype=torch.long)} if 't5' in name else {}
            with torch.no_grad():
                found = written(**inputs, **more).logits[..., :entries]
                expected = theirs(**other, **more).logits
                ours_ids = written.generate(**inputs, max_new_tokens=8, do_sample=False)
                their_ids = theirs.generate(**other, max_new_tokens=8, do_sample=False)
            difference = (found - expected).abs().max().item()
            new, old = ours_ids[0].tolist(), their_ids[0].tolist()
            new = [stand_in if id == image_id else id for id in new]
            failed |= difference > 1e-4 or new != old
            print(f'{name}: logits differ by {difference:.1e}, ids {"equal" if new == old else "DIFFER"}: {json.dumps(new[-8:])}')
    sys.exit(1 if failed else 0)


if len(sys.argv) == 4 and sys.argv[1] == 'make':
    make(pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]))
elif len(sys.argv) == 3 and sys.argv[1] == 'compare':
    compare(pathlib.Path(sys.argv[2]))
else:
    sys.exit('usage: check-qformer.py make FOLDER TOKENIZERS | check-qformer.py compare FOLDER')
