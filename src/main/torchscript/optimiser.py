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

  def widen(self, x: Tensor) -> Tensor:
    return torch.to(x, 6)

  def clamp(self, x: Tensor, low: float, high: float) -> None:
    _0 = torch.clamp_(x, low, high)

  def increment(self, x: Tensor) -> None:
    _0 = torch.add_(x, 1.)

  def fill(self, x: Tensor, value: float) -> None:
    _0 = torch.fill_(x, value)
