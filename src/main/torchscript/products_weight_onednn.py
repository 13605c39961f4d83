# The functions of products_weight.py by oneDNN, where it is faster than the library that libtorch takes by default (docs/results.md).
# oneDNN's operators know no autograd. Other element types than fp32 take libtorch's way.

  # oneDNN reads the transposed x where it lies; a transposed d is copied first, which costs a tenth of what is gained.
  def product_weight(self, d: Tensor, x: Tensor) -> Tensor:
    if torch.eq(ops.prim.dtype(d), 6):
      g = ops.mkldnn._linear_pointwise(torch.t(d), torch.t(x), None, "none", annotate(List[Optional[number]], []), "")
    else:
      g = torch.mm(torch.t(d), x)
    return g

  def product_weight_descaled(self, d: Tensor, x: Tensor, w: Tensor, scale: float) -> Tensor:
    if torch.eq(ops.prim.dtype(d), 6):
      g = self.product_weight(d, x)
      g = g if torch.eq(scale, 1.) else torch.mul_(g, 1.0 / scale)
    else:
      g = torch.addmm(w, torch.t(d), x, beta=0, alpha=1.0 / scale)
    return g
