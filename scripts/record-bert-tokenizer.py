"""Records src/test/resources/parity/tokenizer-bert-openclip: the captions of tokenizer-bert through open_clip's HFTokenizer
(repair, HTML entities, white space; truncation that keeps [SEP]; padding). Run:
python scripts/record-bert-tokenizer.py src/test/resources/parity. Needs open_clip 3.3.0 and transformers 5.18.0; offline."""
import json, shutil, sys, tempfile
from pathlib import Path

from open_clip.tokenizer import HFTokenizer

CONTEXT = 24
cases = Path(sys.argv[1])
with tempfile.TemporaryDirectory() as folder:
    shutil.copy(cases / "tokenizer-bert" / "tokenizer.json", folder)
    special = dict(pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]", mask_token="[MASK]")
    (Path(folder) / "tokenizer_config.json").write_text(json.dumps(dict(tokenizer_class="PreTrainedTokenizerFast", **special)))
    tokenizer = HFTokenizer(folder, context_length=CONTEXT)
    texts = [row["text"] for row in json.loads((cases / "tokenizer-bert" / "expected.json").read_text())["rows"]]
    rows = [dict(text=text, ids=ids) for text, ids in zip(texts, tokenizer(texts).tolist())]
out = cases / "tokenizer-bert-openclip"
out.mkdir(exist_ok=True)
(out / "expected.json").write_text(json.dumps(dict(context_length=CONTEXT, rows=rows), separators=(",", ":")) + "\n")
