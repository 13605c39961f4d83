"""Records src/test/resources/parity/survival: Cox regression by scipy's minimiser on the Breslow likelihood written out pair by
pair, the same with an elastic net (w = p - q, both at least 0, so that the penalty is smooth), c-index pair by pair, and
scikit-learn's Ridge. Run: python scripts/record-survival.py src/test/resources/parity
Needs numpy, scipy and scikit-learn 1.9.1."""
import json, sys
from pathlib import Path
import numpy as np, scipy, sklearn
from scipy.optimize import minimize
from sklearn.linear_model import Ridge

ROWS, WIDTH = 60, 5
random = np.random.default_rng(3)
x = random.standard_normal((ROWS, WIDTH)).round(3)
hazard = np.exp(x @ np.array([0.8, -0.5, 0.3, 0.0, 0.0]))
time = np.ceil(10 * random.exponential(1 / hazard)).clip(1, 25)  # whole numbers: many ties
event = (random.random(ROWS) < 0.7).astype(int)

def objective(w, c):
    f = x @ w
    total = sum(np.log(np.exp(f[time >= time[i]]).sum()) - f[i] for i in range(ROWS) if event[i])
    return c * total + w @ w / 2

def gradient(w, c):
    f = x @ w
    g = w.copy()
    for i in range(ROWS):
        if event[i]:
            at = time >= time[i]
            p = np.exp(f[at]) / np.exp(f[at]).sum()
            g += c * (p @ x[at] - x[i])
    return g

def concordance(risk):
    right = pairs = 0.0
    for i in range(ROWS):
        for j in range(ROWS):
            if event[i] and (time[i] < time[j] or time[i] == time[j] and not event[j]):
                pairs += 1
                right += 1.0 if risk[i] > risk[j] else 0.5 if risk[i] == risk[j] else 0.0
    return right / pairs

case = {"numpy": np.__version__, "scipy": scipy.__version__, "sklearn": sklearn.__version__,
        "x": x.tolist(), "time": time.tolist(), "event": event.tolist(), "cox": {}, "ridge": {}}
for c in (0.1, 1.0, 10.0):
    found = minimize(objective, np.zeros(WIDTH), args=(c,), jac=gradient, method="BFGS", options={"gtol": 1e-9})
    case["cox"][str(c)] = {"coef": found.x.tolist(), "objective": found.fun, "c_index": concordance(x @ found.x)}
def net(pq, alpha, share, f=True):
    w = pq[:WIDTH] - pq[WIDTH:]
    # objective(w, 1) - w @ w / 2 is the sum over events.
    value = (objective(w, 1.0) - w @ w / 2) / ROWS + alpha * (share * pq.sum() + (1 - share) * (w @ w) / 2)
    g = (gradient(w, 1.0) - w) / ROWS + alpha * (1 - share) * w
    return value, np.concatenate([g + alpha * share, -g + alpha * share])

case["elastic_net"] = []
for alpha, share in ((0.01, 0.5), (0.02, 0.5), (0.07, 0.5), (0.07, 1.0), (2.0, 0.5)):
    found = minimize(net, np.zeros(2 * WIDTH), args=(alpha, share), jac=True, method="L-BFGS-B", bounds=[(0, None)] * 2 * WIDTH,
                     options={"gtol": 1e-12, "ftol": 1e-16, "maxiter": 100000})
    w = found.x[:WIDTH] - found.x[WIDTH:]
    case["elastic_net"].append({"alpha": alpha, "l1_ratio": share, "coef": w.tolist(), "objective": found.fun,
                                "c_index": concordance(x @ w)})
case["c_index_of_rounded"] = concordance(np.round(x[:, 0]))
grades = np.clip(np.round(x @ np.array([1.0, 0.5, 0.0, 0.0, -0.5]) + 2), 0, 4)
case["grades"] = grades.tolist()
for alpha in (0.1, 1.0, 10.0):
    ridge = Ridge(alpha=alpha).fit(x, grades)
    case["ridge"][str(alpha)] = {"coef": ridge.coef_.tolist(), "intercept": float(ridge.intercept_)}
folder = Path(sys.argv[1]) / "survival"
folder.mkdir(exist_ok=True)
(folder / "case.json").write_text(json.dumps(case))
