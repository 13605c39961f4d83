# Gradients of what was multiplied, as libtorch computes them by default.

  # The gradient of x from that of the product: d w; d [m,n]
  def product_input(self, d: Tensor, w: Tensor) -> Tensor:
    return torch.mm(d, w)
