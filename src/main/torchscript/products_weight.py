# Gradients of weights, as libtorch computes them by default.

  # The gradient of w from that of the product: dT x; d [m,n], x [m,k]
  def product_weight(self, d: Tensor, x: Tensor) -> Tensor:
    return torch.mm(torch.t(d), x)

  # The same divided by `scale`; w [n,k] tells its size alone
  def product_weight_descaled(self, d: Tensor, x: Tensor, w: Tensor, scale: float) -> Tensor:
    return torch.addmm(w, torch.t(d), x, beta=0, alpha=1.0 / scale)
