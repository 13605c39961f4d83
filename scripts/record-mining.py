"""Records src/test/resources/mining: k-means of scikit-learn from given centres and its relocation of empty clusters,
tiles ranked by cosines with texts, and those that a similarity filter leaves.
Run: python scripts/record-mining.py src/test/resources
Needs numpy and scikit-learn 1.9.1."""
import json, sys
from pathlib import Path
import numpy as np, sklearn
from sklearn.cluster import KMeans
from sklearn.metrics.pairwise import cosine_similarity
from sklearn.preprocessing import normalize

TILES, WIDTH, TEXTS, CLUSTERS, GAP = 160, 12, 5, 13, 1e-6
random = np.random.default_rng(11)
middles = normalize(random.normal(size=(9, WIDTH)))
drawn = middles[random.integers(9, size=TILES)] + 0.22 * random.normal(size=(TILES, WIDTH))
tiles, texts = normalize(drawn).round(6), normalize(random.normal(size=(TEXTS, WIDTH))).round(6)
first = tiles[random.permutation(TILES)[:CLUSTERS]]
found = KMeans(CLUSTERS, init=first, n_init=1, max_iter=300, tol=0, algorithm="lloyd").fit(tiles)
far = np.tile(tiles[:1], (6, 1)) + np.array([[0.0], [9], [9.5], [10], [0.01], [0.02]])
relocated = KMeans(6, init=far, n_init=1, max_iter=1, tol=0, algorithm="lloyd").fit(tiles)
between, said = cosine_similarity(tiles), cosine_similarity(tiles, texts)


def ranked(scores):
    order = np.argsort(-scores, kind="stable")
    assert -np.diff(scores[order]).max() > GAP  # no place may hang on rounding
    return order.tolist()


def filtered(order, most):
    assert np.abs(between - most).min() > GAP
    kept = []
    for tile in order:
        if not kept or between[tile, kept].max() <= most:
            kept.append(tile)
    return kept


by_max, by_sum = ranked(said.max(axis=1)), ranked(said.sum(axis=1))
case = {"numpy": np.__version__, "sklearn": sklearn.__version__, "tiles": tiles.tolist(), "texts": texts.tolist(),
        "first": first.tolist(), "labels": found.labels_.tolist(), "inertia": found.inertia_,
        "centres": found.cluster_centers_.round(9).tolist(), "far": far.round(6).tolist(), "relocated": relocated.inertia_,
        "by_max": by_max, "by_sum": by_sum, "largest": said.max(axis=1).tolist(), "sums": said.sum(axis=1).tolist(),
        "filtered": {str(most): filtered(by_max, most) for most in (0.88, 0.72, 0.53)}}
folder = Path(sys.argv[1]) / "mining"
folder.mkdir(exist_ok=True)
(folder / "recorded.json").write_text(json.dumps(case) + "\n")
for name, vectors in (("tiles", tiles), ("texts", texts)):
    np.save(folder / f"{name}.npy", vectors.astype("<f4"))
(folder / "tiles.csv").write_text("path,group\n" + "".join(f"S{i // 16}_{i}.jpg,S{i // 16}\n" for i in range(TILES)))
(folder / "texts.csv").write_text("path,group\n" + "".join(f"text-{i},\n" for i in range(TEXTS)))
