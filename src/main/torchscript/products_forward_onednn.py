# The functions of products_forward.py by oneDNN, where it is faster than the library that libtorch takes by default (docs/results.md).
# oneDNN's operators know no autograd. Other element types than fp32 take libtorch's way.

  def single(self, x: Tensor) -> bool:
    return torch.eq(ops.prim.dtype(x), 6)

  def product(self, x: Tensor, w: Tensor, b: Tensor) -> Tensor:
    if self.single(x):
      y = ops.mkldnn._linear_pointwise(x, w, b, "none", annotate(List[Optional[number]], []), "")
    else:
      y = torch.linear(x, w, b)
    return y

  def product_gelu(self, x: Tensor, w: Tensor, b: Tensor) -> Tensor:
    if self.single(x):
      y = ops.mkldnn._linear_pointwise(x, w, b, "gelu", annotate(List[Optional[number]], []), "none")
    else:
      y = torch.gelu(torch.linear(x, w, b))
    return y

  def product_added(self, x: Tensor, w: Tensor, b: Tensor, y: Tensor) -> Tensor:
    return ops.mkldnn._linear_pointwise(x, y, w, b, "add") if self.single(x) else torch.add(y, torch.linear(x, w, b))

  def product_scaled(self, x: Tensor, w: Tensor, b: Tensor, scale: float) -> Tensor:
    if self.single(x):
      y = torch.mul_(self.product(x, w, b), scale)
    else:
      y = self.times_scaled(x, w, b, scale)
    return y

  def product_descaled_added(self, x: Tensor, w: Tensor, b: Tensor, scale: float, y: Tensor) -> Tensor:
    if self.single(x):
      z = self.product_added(torch.mul_(x, 1.0 / scale), w, b, torch.view(y, [torch.size(x, 0), torch.size(w, 0)]))
    else:
      z = torch.addmm(b, x, torch.t(w), beta=1, alpha=1.0 / scale)
      z = torch.add(torch.view(y, torch.size(z)), z)
    return torch.view(z, torch.size(y))

  # For a few rows of bf16, as when text is generated, libtorch's way takes half as long again; oneDNN has one only where the processor
  # multiplies such numbers (AVX-512 and later).
  def few_bf16(self, x: Tensor) -> bool:
    few = torch.__and__(torch.eq(ops.prim.dtype(x), 15), torch.lt(torch.numel(x), 4 * torch.size(x, -1)))
    return torch.__and__(few, ops.mkldnn._is_mkldnn_bf16_supported())

  # Generation calls these two for every linear of every token, and a call of a function costs as much as a small operation: fp32 is
  # asked for here.
  def product_plain(self, x: Tensor, w: Tensor) -> Tensor:
    if torch.eq(ops.prim.dtype(x), 6):
      y = ops.mkldnn._linear_pointwise(x, w, None, "none", annotate(List[Optional[number]], []), "")
    elif self.few_bf16(x):
      y = ops.mkldnn._linear_pointwise(x, w, None, "none", annotate(List[Optional[number]], []), "")
    else:
      y = torch.linear(x, w)
    return y

  def product_plain_added(self, x: Tensor, w: Tensor, y: Tensor) -> Tensor:
    return ops.mkldnn._linear_pointwise(x, y, w, None, "add") if torch.eq(ops.prim.dtype(x), 6) else torch.add(y, torch.linear(x, w))
