# Optimiser steps; every list holds one tensor per parameter, in the same order.

  # L2 norm over all gradients together, fp32.
  def gradient_norm(self, g: List[Tensor]) -> Tensor:
    return torch.linalg_vector_norm(torch.stack(torch._foreach_norm(g, 2)), 2)

  # torch.nn.utils.clip_grad_norm_ as the divisor of every gradient: max(1, (norm + 1e-6) / limit), for gradients and a norm that
  # were multiplied by `scale`.
  def clip_divisor(self, norm: Tensor, limit: float, scale: float) -> Tensor:
    return torch.mul(torch.clamp_min(torch.div(torch.add(torch.div(norm, scale), 1e-6), limit), 1.), scale)

  # Gradients g with the very strides of their parameters p, which are contiguous: CUDA's fused AdamW asks for equal numbers even for
  # dimensions of one element, and the CPU's reads memory as it comes. Nothing is copied where the elements are in that order.
  def laid_out_as(self, p: List[Tensor], g: List[Tensor]) -> List[Tensor]:
    out = annotate(List[Tensor], [])
    for i in range(torch.len(p)):
      _0 = torch.append(out, torch.view(torch.contiguous(g[i]), torch.size(p[i])))
    return out

  # torch's fused AdamW. p masters, g gradients (divided by `divisor` on the way), m v moments, step the count of this update.
  # Then the masters `shadowed` are rounded into `shadows`.
  def adamw(self, p: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], step: List[Tensor], shadows: List[Tensor], shadowed: List[Tensor], divisor: Tensor, lr: float, beta1: float, beta2: float, eps: float, decay: float) -> None:
    _0 = torch._fused_adamw_(p, self.laid_out_as(p, g), m, v, [], step, lr=lr, beta1=beta1, beta2=beta2, weight_decay=decay, eps=eps, amsgrad=False, maximize=False, grad_scale=divisor, found_inf=None)
    if torch.gt(torch.len(shadows), 0):
      _1 = torch._foreach_copy_(shadows, shadowed)

  # torch's SGD without dampening: m is the momentum, the decay a part of the gradient.
  def sgd(self, p: List[Tensor], g: List[Tensor], m: List[Tensor], shadows: List[Tensor], shadowed: List[Tensor], divisor: Tensor, lr: float, momentum: float, nesterov: bool, decay: float) -> None:
    h = self.laid_out_as(p, g)
    for i in range(torch.len(p)):
      d = torch.add(torch.div(h[i], divisor), p[i], alpha=decay)
      _0 = torch.add_(torch.mul_(m[i], momentum), d)
      if nesterov:
        u = torch.add(d, m[i], alpha=momentum)
      else:
        u = m[i]
      _1 = torch.sub_(p[i], u, alpha=lr)
    if torch.gt(torch.len(shadows), 0):
      _2 = torch._foreach_copy_(shadows, shadowed)

  # timm's Lion: m is the momentum.
  def lion(self, p: List[Tensor], g: List[Tensor], m: List[Tensor], shadows: List[Tensor], shadowed: List[Tensor], divisor: Tensor, lr: float, beta1: float, beta2: float, decay: float) -> None:
    h = self.laid_out_as(p, g)
    for i in range(torch.len(p)):
      d = torch.div(h[i], divisor)
      u = torch.sign_(torch.add(torch.mul(m[i], beta1), d, alpha=1. - beta1))
      _0 = torch.sub_(torch.mul_(p[i], 1. - lr * decay), u, alpha=lr)
      _1 = torch.lerp_(m[i], d, 1. - beta2)
    if torch.gt(torch.len(shadows), 0):
      _2 = torch._foreach_copy_(shadows, shadowed)

  # A matrix [rows, columns] with its singular values drawn to about one by five quintic Newton-Schulz steps in bf16.
  def orthogonal(self, g: Tensor) -> Tensor:
    x = torch.to(g, 15)
    tall = torch.gt(torch.size(g, 0), torch.size(g, 1))
    if tall:
      x = torch.t(x)
    x = torch.div(x, torch.clamp_min(torch.linalg_vector_norm(x, 2), 1e-7))
    for i in range(5):
      a = torch.matmul(x, torch.t(x))
      u = torch.addmm(a, a, a, beta=-4.775, alpha=2.0315)
      x = torch.addmm(x, u, x, beta=3.4445, alpha=1.)
    if tall:
      x = torch.t(x)
    return x

  # torch's Muon: m is the momentum; each matrix steps by `lr` times `scale`, and decays by `lr` alone.
  def muon(self, p: List[Tensor], g: List[Tensor], m: List[Tensor], shadows: List[Tensor], shadowed: List[Tensor], divisor: Tensor, lr: float, scale: float, momentum: float, nesterov: bool, decay: float) -> None:
    h = self.laid_out_as(p, g)
    for i in range(torch.len(p)):
      d = torch.div(h[i], divisor)
      _0 = torch.lerp_(m[i], d, 1. - momentum)
      if nesterov:
        u = torch.lerp(d, m[i], momentum)
      else:
        u = m[i]
      _1 = torch.sub_(torch.mul_(p[i], 1. - lr * decay), torch.to(self.orthogonal(u), 6), alpha=lr * scale)
    if torch.gt(torch.len(shadows), 0):
      _2 = torch._foreach_copy_(shadows, shadowed)

  def widen(self, x: Tensor) -> Tensor:
    return torch.to(x, 6)

  # Many at once: on a GPU each call of a kernel costs more than a small tensor's work.
  def widen_all(self, x: List[Tensor]) -> List[Tensor]:
    out = [torch.empty_like(t, dtype=6, memory_format=0) for t in x]
    _0 = torch._foreach_copy_(out, x)
    return out

  # Each x += its y
  def accumulate_all(self, x: List[Tensor], y: List[Tensor]) -> None:
    _0 = torch._foreach_add_(x, y)

  def clamp(self, x: Tensor, low: float, high: float) -> None:
    _0 = torch.clamp_(x, low, high)

  def increment(self, x: Tensor) -> None:
    _0 = torch.add_(x, 1.)

  def fill(self, x: Tensor, value: float) -> None:
    _0 = torch.fill_(x, value)
