# Matrix products outside autograd, as libtorch computes them by default. x [...,k], weight w [n,k], bias b [n].

  # x wT + b
  def product(self, x: Tensor, w: Tensor, b: Tensor) -> Tensor:
    return torch.linear(x, w, b)

  # gelu(x wT + b)
  def product_gelu(self, x: Tensor, w: Tensor, b: Tensor) -> Tensor:
    return torch.gelu(torch.linear(x, w, b))

  # x wT + b + y
  def product_added(self, x: Tensor, w: Tensor, b: Tensor, y: Tensor) -> Tensor:
    return torch.add(y, torch.linear(x, w, b))

  # scale (x wT + b); x [m,k]
  def product_scaled(self, x: Tensor, w: Tensor, b: Tensor, scale: float) -> Tensor:
    return self.times_scaled(x, w, b, scale)

  # x wT / scale + b + y; x [m,k], which may be overwritten
  def product_descaled_added(self, x: Tensor, w: Tensor, b: Tensor, scale: float, y: Tensor) -> Tensor:
    return torch.add(y, torch.view(torch.addmm(b, x, torch.t(w), beta=1, alpha=1.0 / scale), torch.size(y)))

  # x wT
  def product_plain(self, x: Tensor, w: Tensor) -> Tensor:
    return torch.linear(x, w)

  # x wT + y
  def product_plain_added(self, x: Tensor, w: Tensor, y: Tensor) -> Tensor:
    return torch.add(y, torch.linear(x, w))
