import torch, torch.nn.functional as F
from open_clip.loss import DistillClipLoss
from safetensors.torch import save_file
g = torch.Generator().manual_seed(11)
unit = lambda b, e: F.normalize(torch.randn(b, e, generator=g), dim=1)
B = 9
x = {"image_features": unit(B, 16), "text_features": unit(B, 16),
     "teacher.image_features": unit(B, 12), "teacher.text_features": unit(B, 12),
     "logit_scale": torch.tensor(2.9), "teacher.logit_scale": torch.tensor(3.7), "logit_bias": torch.tensor(-4.0),
     # For each row the first row with an equal caption.
     "caption_classes": torch.tensor([0, 1, 0, 3, 1, 0, 6, 7, 6])}
c = x["caption_classes"]
x["text_features"] = x["text_features"][c]  # equal captions have equal features
same = (c[:, None] == c[None]).float()
def soft(logits, targets): return -(targets * logits.log_softmax(1)).sum(1).mean()
def both(l, t): return (soft(l, t) + soft(l.t(), t)) / 2
def smoothing(i, t, s, b):
    l, y = i @ t.t() * s.exp(), torch.arange(B)
    return (F.cross_entropy(l, y, label_smoothing=0.2) + F.cross_entropy(l.t(), y, label_smoothing=0.2)) / 2
def positives(i, t, s, b): return both(i @ t.t() * s.exp(), same / same.sum(1, keepdim=True))
def distillation(i, t, s, b):
    contrastive, distill = DistillClipLoss()(i, t, s.exp(), x["teacher.image_features"], x["teacher.text_features"], x["teacher.logit_scale"].exp())
    return contrastive + distill
def everything(i, t, s, b):
    l = i @ t.t() * s.exp()
    targets = 0.8 * same / same.sum(1, keepdim=True) + 0.2 / B
    return both(l, targets) + 0.7 * (distillation(i, t, s, b) - F.cross_entropy(l, torch.arange(B)) / 2 - F.cross_entropy(l.t(), torch.arange(B)) / 2)
def siglip(i, t, s, b): return -F.logsigmoid((2 * same - 1) * (i @ t.t() * s.exp() + b)).sum() / B
out = {}
for f in (smoothing, positives, distillation, everything, siglip):
    v = [x[k].clone().requires_grad_() for k in ("image_features", "text_features", "logit_scale", "logit_bias")]
    loss = f(*v)
    out[f"{f.__name__}.loss"] = loss.detach()
    for k, d in zip(("image_features", "text_features", "logit_scale", "logit_bias"), torch.autograd.grad(loss, v, allow_unused=True)):
        if d is not None: out[f"{f.__name__}.grad.{k}"] = d.contiguous()
save_file({k: v.contiguous() for k, v in x.items()}, "inputs.safetensors")
save_file(out, "expected.safetensors")
print({k: v.item() for k, v in out.items() if k.endswith("loss")})
