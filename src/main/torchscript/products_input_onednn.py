# The functions of products_input.py by oneDNN, where it is faster than the library that libtorch takes by default (docs/results.md).
# oneDNN's operators know no autograd. Other element types than fp32 take libtorch's way.

  def product_input(self, d: Tensor, w: Tensor) -> Tensor:
    if torch.eq(ops.prim.dtype(d), 6):
      x = ops.mkldnn._linear_pointwise(d, torch.t(w), None, "none", annotate(List[Optional[number]], []), "")
    else:
      x = torch.mm(d, w)
    return x
