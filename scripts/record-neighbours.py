"""Records src/test/resources/parity/neighbours: k nearest neighbours by cosine as scikit-learn's KNeighborsClassifier votes, uniform
and by distance, and the cosines with the mean directions of classes as scikit-learn's normalize makes them.
Run: python scripts/record-neighbours.py src/test/resources/parity
Needs numpy and scikit-learn 1.9.1."""
import json, sys
from pathlib import Path
import numpy as np, sklearn
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import normalize

ROWS, ASKED, WIDTH, CLASSES, GAP = 90, 30, 6, 4, 1e-6
random = np.random.default_rng(11)
middle = random.standard_normal((CLASSES, WIDTH))
labels = np.arange(ROWS) % CLASSES
known = ((middle[labels] + 1.2 * random.standard_normal((ROWS, WIDTH))) * random.uniform(0.5, 2, (ROWS, 1))).round(4)
asked = (middle[np.arange(ASKED) % CLASSES] + 1.2 * random.standard_normal((ASKED, WIDTH))).round(4)
asked[0] = 3 * known[5]  # at no distance from one: it takes all votes by distance
cosines = normalize(asked) @ normalize(known).T
gaps = -np.diff(-np.sort(-cosines, axis=1), axis=1)
assert gaps.min() > GAP, gaps.min()  # no neighbour may hang on rounding

case = {"numpy": np.__version__, "sklearn": sklearn.__version__, "known": known.tolist(), "labels": labels.tolist(),
        "asked": asked.tolist(), "shares": {}}
for k in (1, 5, 20):
    for weights in ("uniform", "distance"):
        # Of proportional vectors scikit-learn's distance is not 0 but for rounding.
        vote = weights if weights == "uniform" else lambda d: np.where(
            (d < 1e-12).any(axis=1, keepdims=True), (d < 1e-12).astype(float), 1 / np.maximum(d, 1e-300))
        found = KNeighborsClassifier(k, metric="cosine", algorithm="brute", weights=vote).fit(known, labels)
        case["shares"][f"{weights}-{k}"] = found.predict_proba(asked).tolist()
means = normalize([normalize(known)[labels == label].mean(axis=0) for label in range(CLASSES)])
case["prototype_cosines"] = (normalize(asked) @ means.T).tolist()
folder = Path(sys.argv[1]) / "neighbours"
folder.mkdir(exist_ok=True)
(folder / "case.json").write_text(json.dumps(case) + "\n")
