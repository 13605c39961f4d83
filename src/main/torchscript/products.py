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

  # The gradient of x from that of the product: d w; d [m,n]
  def product_input(self, d: Tensor, w: Tensor) -> Tensor:
    return torch.mm(d, w)

  # The gradient of w from that of the product: dT x; d [m,n], x [m,k]
  def product_weight(self, d: Tensor, x: Tensor) -> Tensor:
    return torch.mm(torch.t(d), x)

  # The same divided by `scale`; w [n,k] tells its size alone
  def product_weight_descaled(self, d: Tensor, x: Tensor, w: Tensor, scale: float) -> Tensor:
    return torch.addmm(w, torch.t(d), x, beta=0, alpha=1.0 / scale)

  # x wT
  def product_plain(self, x: Tensor, w: Tensor) -> Tensor:
    return torch.linear(x, w)

  # x wT + y
  def product_plain_added(self, x: Tensor, w: Tensor, y: Tensor) -> Tensor:
    return torch.add(y, torch.linear(x, w))
