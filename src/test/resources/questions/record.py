"""Writes the recorded pickles and tables; run with pyarrow 25.0.1."""
import pickle
import pyarrow as pa
import pyarrow.parquet as pq

rows = [
    {"image": "train_0001", "question": "What lines the lumen?", "answer": "columnar cells"},
    {"image": "train_0002", "question": "Is necrosis present?", "answer": "no"},
    {"image": "train_0001", "question": "How many glands?", "answer": 3},
]
for protocol in (2, 3, 4, 5):
    with open(f"path-vqa-{protocol}.pkl", "wb") as out:
        pickle.dump(rows, out, protocol=protocol)
images = [b"first image", b"second image", b"first image"]
table = pa.Table.from_pylist(
    [
        {"image": {"bytes": image, "path": row["image"] + ".jpg"}, "question": row["question"], "answer": str(row["answer"])}
        for row, image in zip(rows, images)
    ]
)
pq.write_table(table, "path-vqa.parquet")
choices = [
    {"image": "a.png", "question": "Which?", "answer": "B", "list": ["one", "two"], "first": "one", "second": "two", "kind": "choice", "fact": "count"},
    {"image": "b.png", "question": "Is it?", "answer": "Yes.", "list": [], "first": "", "second": None, "kind": None, "fact": None},
    {"image": "b.png", "question": "What?", "answer": "", "list": None, "first": None, "second": None, "kind": "open", "fact": ""},
]
pq.write_table(pa.Table.from_pylist(choices), "choices.parquet")
