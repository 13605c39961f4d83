"""Writes the recorded tables; run with pyarrow 25.0.1."""
import json, os, random
import pyarrow as pa
import pyarrow.parquet as pq

random.seed(20)
PIECES = ["word", " ", '"', ",", "\n", "\r\n", "\t", "\\", "é", "µ", "中", "😀", "{}", "\u0001", "\u2028"]

def text():
    return "x" + "".join(random.choice(PIECES) for _ in range(random.randrange(20)))

rows = []
for i in range(60):
    rows.append({
        "image": {"bytes": bytes(random.randrange(256) for _ in range(random.randrange(1, 120))), "path": f"{i}.png"},
        "file": "a.png",
        "caption": text(),
        "captions": [text() for _ in range(1 + i % 3)] + ([None] if i % 5 == 0 else []),
        "weighted": [{"text": text(), "weight": w} for w in (1.0, 0.5)[: 1 + i % 2]],
        "label": i % 4,
        "meta": {"slide": f"s{i // 7}", "split": "train" if i % 3 else "test"},
    })
table = pa.Table.from_pylist(rows)
plain = dict(use_dictionary=False)
pq.write_table(table, "snappy-dictionary.parquet")
pq.write_table(table, "zstd-groups.parquet", compression="zstd", row_group_size=17)
pq.write_table(table, "gzip-pages.parquet", compression="gzip", data_page_size=64, write_batch_size=3, **plain)
pq.write_table(table, "lz4-v2.parquet", compression="lz4", data_page_version="2.0", data_page_size=64, write_batch_size=3)
pq.write_table(table, "none-delta-v2.parquet", compression="none", data_page_version="2.0", row_group_size=20,
               use_dictionary=False, column_encoding={"caption": "DELTA_BYTE_ARRAY", "image.bytes": "DELTA_LENGTH_BYTE_ARRAY"})
pq.write_table(table.select(["image", "caption", "label"]).slice(0, 4), "small.parquet", write_statistics=False, store_schema=False)
with open("rows.jsonl", "w", encoding="utf-8") as out:
    for row in rows:
        row["image"] = row["image"]["bytes"].hex()
        out.write(json.dumps(row, ensure_ascii=False) + "\n")
