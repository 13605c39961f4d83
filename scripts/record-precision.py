"""Records src/test/resources/parity/openclip-train-precision: runs of open_clip in each of its precisions, over its batches in
each order, and what torch's GradScaler makes of a sequence of overflows. Run: python scripts/record-precision.py src/test/resources/parity
Needs open_clip 3.3.0 and torch 2.13.0; model and inputs are those of openclip-train-gelu beside it."""
import itertools, json, math, sys
from pathlib import Path
import torch
from open_clip.loss import ClipLoss
from open_clip.model import CLIP, convert_weights_to_lp, get_cast_dtype
from open_clip_train.precision import get_autocast
from open_clip_train.scheduler import cosine_lr
from safetensors.torch import load_file

STEPS, WARMUP, LR, BETAS, EPS, DECAY, CLIP_NORM = 20, 3, 1e-3, (0.9, 0.98), 1e-6, 0.2, 1.0

def run(case, precision, order=(0, 1, 2)):
    config = json.loads((case / "config.json").read_text())
    model = CLIP(**config, cast_dtype=get_cast_dtype(precision)).train()
    model.load_state_dict(load_file(case / "model.safetensors"))
    if precision == "bf16":
        convert_weights_to_lp(model, torch.bfloat16)
    inputs = load_file(case / "inputs.safetensors")
    plain = lambda k, p: p.ndim < 2 or "bn" in k or "ln" in k or "bias" in k or "logit_scale" in k  # open_clip_train's rule
    named = list(model.named_parameters())
    optimizer = torch.optim.AdamW([dict(params=[p for k, p in named if plain(k, p)], weight_decay=0.0),
                                   dict(params=[p for k, p in named if not plain(k, p)], weight_decay=DECAY)], lr=LR, betas=BETAS, eps=EPS)
    scheduler, scaler = cosine_lr(optimizer, LR, WARMUP, STEPS), torch.amp.GradScaler("cpu", enabled=precision == "amp")
    out = dict(loss=[], grad_norm=[], loss_scale=[], logit_scale=[])
    for step in range(STEPS):  # the order of open_clip_train's train_one_epoch
        scheduler(step)
        images = inputs["images"][order[step % 3]].to(get_cast_dtype(precision) or torch.float32)
        optimizer.zero_grad()
        with get_autocast(precision, device_type="cpu")():
            image, text, scale = model(images, inputs["texts"][order[step % 3]])
            loss = ClipLoss()(image, text, scale)
        out["loss_scale"].append(scaler.get_scale())
        scaler.scale(loss).backward()
        scaler.unscale_(optimizer)
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP_NORM)
        scaler.step(optimizer)
        scaler.update()
        with torch.no_grad():
            model.logit_scale.clamp_(0, math.log(100))
        out["loss"].append(loss.item()), out["grad_norm"].append(norm.item()), out["logit_scale"].append(model.logit_scale.item())
    return out

def scaler_replay(steps, overflows, **options):
    """The scale before each change, as [step, scale], and the updates that an optimizer did."""
    weight = torch.nn.Parameter(torch.zeros(1))
    optimizer, scaler = torch.optim.AdamW([weight], lr=0.0), torch.amp.GradScaler("cpu", **options)
    changes = [[0, scaler.get_scale()]]
    scaler.scale(torch.zeros(1))
    for step in range(steps):
        weight.grad = torch.full((1,), math.inf if step in overflows else 0.0)
        scaler.step(optimizer)
        scaler.update()
        if scaler.get_scale() != changes[-1][1]:
            changes.append([step + 1, scaler.get_scale()])
    return dict(steps=steps, overflows=sorted(overflows), scales=changes, updates=int(optimizer.state[weight]["step"]))

folder = Path(sys.argv[1])
torch.set_num_threads(1)
runs = {precision: run(folder / "openclip-train-gelu", precision) for precision in ("fp32", "amp_bf16", "bf16", "amp")}
orders = [dict(batches=order, **{precision: run(folder / "openclip-train-gelu", precision, order)["loss"]
                                 for precision in ("fp32", "amp_bf16", "amp")})
          for order in itertools.permutations(range(3))]
scaler = [scaler_replay(9000, {0, 1, 2, 2003, 2004, 4004, 4006, 6007, 8008, *range(8100, 8107)}),
          scaler_replay(6001, set(), init_scale=2.0**126), scaler_replay(40, set(range(3, 20)))]
training = dict(steps=STEPS, warmup_steps=WARMUP, lr=LR, betas=BETAS, eps=EPS, weight_decay=DECAY, grad_clip_norm=CLIP_NORM)
case = folder / "openclip-train-precision"
case.mkdir(exist_ok=True)
(case / "expected.json").write_text(json.dumps(dict(training=training, runs=runs, orders=orders, scaler=scaler)) + "\n")
