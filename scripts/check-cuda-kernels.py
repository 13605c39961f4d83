"""Every kernel of src/main/torchscript, forward and backward, on a GPU.

    python scripts/check-cuda-kernels.py                 no GPU: shapes, types and devices on a pretended cuda:0
    python scripts/check-cuda-kernels.py --device cuda   values on this machine's GPU beside the CPU's fp32
    python scripts/check-cuda-kernels.py --device cpu    the same on the CPU: what narrow types alone come to

Needs Python with torch 2.7 or newer, nothing else. Without a GPU the kernels run under torch's FakeTensorMode: tensors that say they
are on cuda:0 and hold nothing, through which every operation is checked as CUDA's; libtorch's own derivatives among them only where
torch was built with CUDA (a CPU build ends the process there), kernels' own backwards everywhere. --json FILE writes what was found. Exit code 1
where a kernel fails, is too far off, or is called by the Java sources and has no example in cuda_kernel_examples.py.
"""
import argparse
import glob
import json
import math
import os
import re
import sys
import tempfile
import time
import warnings
import zipfile

import torch

from cuda_kernel_examples import Examples

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SOURCES = os.path.join(ROOT, "src/main/torchscript")
JAVA = os.path.join(ROOT, "src/main/java")
# Relative distance of a result from fp32 on the CPU. A kernel's own sums are fp32; narrow types round its inputs and outputs.
LIMITS = {"fp32": 1e-4, "bf16": 6e-2, "fp16": 1e-2}
TYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
# What runs on a CPU alone: own backwards that only a CPU takes, products of int8.
CPU_ONLY = {"llama_lean", "llama_lean_backward", "opt_lean", "opt_lean_backward", "qformer_lean", "qformer_lean_backward",
            "block_post_lean", "block_post_lean_backward", "block_pooled_lean", "block_pooled_lean_backward",
            "qformer_image_lean", "qformer_image_lean_backward", "alignment_word_loss", "alignment_word_loss_backward"}
# Narrow numbers alone: flash attention has no fp32.
NARROW_ON_CUDA = {"block_lean", "block_lean_backward", "block_lean_adapted", "block_lean_adapted_backward"}
# What FakeTensorMode does not take in a torch without CUDA, tried with --device only. A copy from the host, and torch's own Python
# decomposition of log-softmax where its input or `out=` has to be copied (the two losses), say that torch "is not linked with support
# for cuda devices"; through TorchScript that message is lost. A list of numbers that becomes a tensor on the device ends the process;
# where a bag of tiles ends (mil_eva) is read of a tensor, and pretended ones hold nothing.
NOT_PRETENDED = {"turns", "to_device", "contrastive", "linear_cross_entropy", "linear_cross_entropy_backward", "mil_eva"}
# A result this much shorter than the longest beside it is rounding.
NOTHING = 1e-6


def archive(path):
    """The module as eosin packs it (tensor.KernelArchive)."""
    listed = re.findall(r'"(\w+\.py)"', open(os.path.join(JAVA, "dev/eosin/tensor/KernelSource.java")).read())
    text = ""
    for name in listed + ["products_forward.py", "products_input.py", "products_weight.py"]:
        part = open(os.path.join(SOURCES, name)).read()
        part = re.sub(r"(?m)^\s*#.*$|\s+#.*$", "", part)
        text += re.sub(r"(def \w+\()\s*self\b", r"\1self: __torch__.Kernels", part) + "\n"
    text = "class Kernels(Module):\n  __parameters__ = []\n  __buffers__ = []\n  training : bool\n" + text.rstrip() + "\n"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as out:
        out.writestr("k/data.pkl", b"\x80\x02c__torch__\nKernels\n)\x81}(X\x08\x00\x00\x00training\x88ub.")
        out.writestr("k/code/__torch__.py", text)
        out.writestr("k/constants.pkl", b"\x80\x02).")
        out.writestr("k/version", "10\n")
        out.writestr("k/byteorder", "little")


def called():
    """Names of the kernels that the Java sources call."""
    names = set()
    for file in glob.glob(os.path.join(JAVA, "**/*.java"), recursive=True):
        text = open(file).read()
        for found in re.finditer(r'new Kernel\(\s*"(\w+)"(?:,\s*\d+,\s*Kernel\.Gradient\.(\w+))?', text):
            names.add(found.group(1))
            if found.group(2) == "OWN":
                names.add(found.group(1) + "_backward")
        names.update(re.findall(r'\bkernels(?:\(\))?\s*\.(?:one|list|run)\(\s*"(\w+)"(?=[,)])', text))
    return names


def tensors(value):
    """All tensors of a result, whatever it is made of."""
    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, (list, tuple)):
        return [each for part in value for each in tensors(part)]
    return []


def upstream_of(result):
    """A gradient of a result in which no two neighbours are alike: sums of equal ones hide what a norm takes away."""
    places = torch.arange(result.numel(), device=result.device, dtype=torch.float32)
    return torch.cos(places).reshape(result.shape).to(result.dtype)


def differentiated(module, name, x, p, constants):
    """A node as Tape runs it: outputs cut, gradients of what can have one."""
    if torch.version.cuda is None and any(q.is_cuda for q in x + p):
        return getattr(module, name)(x, p, *constants)
    with torch.enable_grad():
        leaves = [q.detach().requires_grad_(q.is_floating_point() and q.numel() > 0) for q in x + p]
        out = getattr(module, name)(leaves[: len(x)], leaves[len(x):], *constants)
        wanted = [q for q in leaves if q.requires_grad]
        ends = [q for q in out if q.requires_grad]
        if not wanted or not ends:
            return out
        found = torch.autograd.grad(ends, wanted, [upstream_of(q) for q in ends], allow_unused=True)
    weights = [(g, q) for g, q in zip(found, wanted) if g is not None and any(q is one for one in leaves[len(x):])]
    laid_out(module, [g for g, _ in weights], [q.detach() for _, q in weights])
    return [q.detach() for q in out] + [q for q in found if q is not None]


def laid_out(module, gradients, weights):
    """Fails unless the optimisers see each gradient with the very strides of its weight, which CUDA's fused AdamW demands."""
    for found, weight in zip(module.laid_out_as(weights, gradients), weights):
        if found.stride() != weight.stride():
            raise ValueError(f"a gradient with strides {found.stride()} for a weight with {weight.stride()}")


def run(module, example):
    """(name, result) of an example, and of its own backward."""
    kind, name, *rest = example
    if kind == "call":
        result = getattr(module, name)(*rest[0])
        if name == "remembered_rows":  # what lies behind the used columns is nobody's
            result = [q.narrow(2, 0, 7) for q in result]
        return [(name, tensors(result) or tensors(rest[0]))]
    x, p, constants = rest
    if kind == "node":
        return [(name, tensors(differentiated(module, name, x, p, constants)))]
    out = getattr(module, name)(x, p, *constants)
    back = getattr(module, name + "_backward")([upstream_of(out[0])], x, p, out[1:], *constants)
    for gradient, of in zip(back, x + p):
        if of.is_floating_point() and gradient.numel() and tuple(gradient.shape) != tuple(of.shape):
            raise ValueError(f"a gradient of shape {tuple(gradient.shape)} for one of {tuple(of.shape)}")
    if torch.version.cuda is not None or not any(q.is_cuda for q in x + p):
        weights = [(g, q) for g, q in zip(back[len(x):], p) if g.numel() and q.is_floating_point()]
        laid_out(module, [g for g, _ in weights], [q for _, q in weights])
    return [(name, out[:1]), (name + "_backward", [q for q in back if q.numel() and q.is_floating_point()])]


def length(q):
    return float(q[torch.isfinite(q)].norm()) if q.numel() and q.is_floating_point() else 0.0


def distance(found, expected):
    """The largest relative distance of a result. One that is zero but for rounding (softmax does not see a bias of the keys, so its
    gradient is) has no length to be relative to: it is taken relative to the longest beside it."""
    worst = 0.0
    longest = max((length(q.detach().double()) for q in expected), default=0.0)
    for one, other in zip(found, expected):
        if one.numel() and one.is_floating_point():
            a, b = one.detach().double().cpu(), other.detach().double()
            finite = torch.isfinite(b)
            if not torch.equal(torch.isfinite(a), finite):
                return math.inf
            own = length(b)
            apart = float((a[finite] - b[finite]).norm()) / max(own if own > NOTHING * longest else longest, 1e-3)
            worst = max(worst, apart)
    return worst


def reason(error):
    lines = [line for line in str(error).strip().splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[-1].strip()[:300] if lines else 'no message'}"


def fake(module):
    """Shapes, types and devices on a GPU that is not there."""
    from torch._subclasses.fake_tensor import FakeTensorMode
    if hasattr(torch._C, "_ensureCUDADeviceGuardSet"):
        torch._C._ensureCUDADeviceGuardSet()
    rows = []
    for dtype in ("bf16", "fp32"):
        with FakeTensorMode(allow_non_fake_inputs=True):
            examples = Examples("fake", TYPES[dtype])
            for example in examples.table():
                name = example[1]
                if name in CPU_ONLY | NOT_PRETENDED or dtype == "fp32" and name in NARROW_ON_CUDA:
                    continue
                try:
                    with torch.no_grad():
                        for each, found in run(module, example):
                            rows.append({"kernel": each, "dtype": dtype, "error": elsewhere(each, found)})
                except Exception as error:
                    rows.append({"kernel": name, "dtype": dtype, "error": reason(error)})
    return rows


def elsewhere(name, found):
    """What of a result is not where it should be; None where all is."""
    where = "cpu" if name in ("to_host", "to_host_copy") else "cuda"
    wrong = [f"{tuple(q.shape)} on {q.device}" for q in found if q.device.type != where]
    return ", ".join(wrong) or None


def values(module, device):
    """Values beside those of fp32 on the CPU, and whether five repeats give the same bits."""
    rows = []
    expected = {}
    for example in Examples("cpu", torch.float32).table():
        with torch.no_grad():
            for name, found in run(module, example):
                expected.setdefault(name, []).append([q.detach().clone() for q in found])
    for dtype in ("fp32", "bf16", "fp16"):
        seen = {}
        for example in Examples(device, TYPES[dtype]).table():
            name = example[1]
            if device != "cpu" and (name in CPU_ONLY or dtype == "fp32" and name in NARROW_ON_CUDA):
                seen[name] = seen.get(name, 0) + 1
                continue
            if device == "cpu" and dtype != "fp32" and name in CPU_ONLY:
                continue
            try:
                with torch.no_grad():
                    for each, found in run(module, example):
                        place = seen.get(each, 0)
                        seen[each] = place + 1
                        rows.append({"kernel": each, "dtype": dtype, "distance": distance(found, expected[each][place])})
            except Exception as error:
                rows.append({"kernel": name, "dtype": dtype, "error": reason(error)})
    for row in rows:
        far = row.get("distance", 0.0)
        if not far <= LIMITS[row["dtype"]]:
            row["error"] = f"{far:.1e} from fp32 on the CPU, at most {LIMITS[row['dtype']]:.0e} is right"
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", help="cuda, cuda:1 or cpu; none: a pretended GPU")
    parser.add_argument("--json", help="where to write what was found")
    parser.add_argument("--verbose", action="store_true")
    asked = parser.parse_args()
    warnings.filterwarnings("ignore")
    torch.set_num_threads(1)  # toy sizes: a second thread only waits
    begun = time.time()
    with tempfile.TemporaryDirectory() as folder:
        archive(os.path.join(folder, "kernels.pt"))
        module = torch.jit.load(os.path.join(folder, "kernels.pt"))
    # As eosin does: the optimising executor differentiates on its own, and wrongly.
    torch._C._set_graph_executor_optimize(False)
    rows = values(module, asked.device) if asked.device else fake(module)
    tried = {row["kernel"] for row in rows}
    left_out = (CPU_ONLY if asked.device != "cpu" else set()) | (set() if asked.device else NOT_PRETENDED)
    missing = sorted(called() - tried - left_out)
    bad = [row for row in rows if row.get("error")]
    for row in rows if asked.verbose else bad:
        print(row["kernel"], row["dtype"], row.get("error") or f"{row.get('distance', 0):.1e}")
    for name in missing:
        print(name, "has no example in cuda_kernel_examples.py")
    where = asked.device or "a pretended cuda:0"
    worst = {d: max((r["distance"] for r in rows if r["dtype"] == d and "distance" in r), default=None) for d in LIMITS}
    if asked.json:
        with open(asked.json, "w") as out:
            json.dump({"torch": torch.__version__, "device": where, "worst": worst, "kernels": rows, "missing": missing}, out, indent=1)
    print(f"torch {torch.__version__}, {where}: {len(tried)} kernels, {len(rows)} tries, {len(bad)} wrong, "
          f"{len(missing)} without an example, "
          f"{len(left_out)} left out ({', '.join(sorted(left_out)) or 'none'}), {time.time() - begun:.1f} s")
    return 1 if bad or missing else 0


if __name__ == "__main__":
    sys.exit(main())
