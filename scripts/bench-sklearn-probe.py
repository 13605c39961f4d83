#!/usr/bin/env python3
"""scikit-learn's lbfgs on features: the other side of `eosin bench probe --input FILE`.
usage: bench-sklearn-probe.py FILE [C] [ROUNDS] [THREADS] [ROWS WIDTH CLASSES]
Makes FILE (safetensors, unit rows around the middles of their classes) where it is missing. Of rising exactness the first is
timed whose objective is within a millionth of the least. fp64 on both sides. Prints one JSON line."""
import json, os, statistics, sys, time
from pathlib import Path

file = Path(sys.argv[1])
c = float(sys.argv[2]) if len(sys.argv) > 2 else 1.0
rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 5
threads = sys.argv[4] if len(sys.argv) > 4 else str(os.cpu_count())
for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = threads
import numpy as np
import sklearn
from safetensors.numpy import load_file, save_file
from sklearn.linear_model import LogisticRegression

if not file.exists():
    rows, width, classes = map(int, sys.argv[5:8]) if len(sys.argv) > 7 else (20_000, 512, 9)
    random = np.random.default_rng(1)
    labels = np.arange(rows) % classes
    features = 0.12 * random.standard_normal((classes, width))[labels] + random.standard_normal((rows, width))
    features /= np.linalg.norm(features, axis=1, keepdims=True)
    save_file({"features": features.astype(np.float32), "labels": labels.astype(np.int64)}, file)
data = load_file(file)
x, y = data["features"].astype(np.float64), data["labels"]

def fit(tolerance):
    return LogisticRegression(C=c, solver="lbfgs", tol=tolerance, max_iter=100_000).fit(x, y)

def objective(model):
    scores = x @ model.coef_.T + model.intercept_
    if scores.shape[1] == 1:
        scores = np.hstack([np.zeros_like(scores), scores])
    top = scores.max(axis=1, keepdims=True)
    log_sums = top[:, 0] + np.log(np.exp(scores - top).sum(axis=1))
    return c * (log_sums - scores[np.arange(len(y)), y]).sum() + (model.coef_ ** 2).sum() / 2

best = objective(fit(1e-11))
for tolerance in (1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8):
    if objective(fit(tolerance)) <= best * (1 + 1e-6):
        break
seconds = []
for _ in range(rounds):
    started = time.perf_counter()
    model = fit(tolerance)
    seconds.append(time.perf_counter() - started)
reached = objective(model)
print(json.dumps({
    "what": "sklearn-probe", "seconds": round(statistics.median(seconds), 3), "tolerance": tolerance, "objective": reached,
    "above_the_best": (reached - best) / best, "iterations": int(max(model.n_iter_)),
    "settings": {"rows": len(x), "width": x.shape[1], "classes": int(y.max()) + 1, "c": c, "type": "fp64", "rounds": rounds,
                 "threads": int(threads), "sklearn": sklearn.__version__}}))
