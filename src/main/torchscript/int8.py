# Frozen weights of int8, symmetric for each output channel: row i of a weight is scales[i] times row i of integers [n,k], which lie in
# [-127,127]. Products are made with the integers and their results multiplied by the scales, fp32 [n].

  # w [n,k] of any floating type, of which never more than `rows` are fp32 at a time -> integers, scales
  def int8_weight(self, w: Tensor, rows: int) -> List[Tensor]:
    n, k = torch.size(w)
    integers = torch.empty([n, k], dtype=1, device=ops.prim.device(w))
    scales = torch.empty([n], dtype=6, device=ops.prim.device(w))
    for i in range((n + rows - 1) // rows):
      block = torch.to(torch.slice(w, 0, i * rows, i * rows + rows), 6)
      each = torch.div(torch.amax(torch.abs(block), [1]), 127)
      _0 = torch.copy_(torch.slice(scales, 0, i * rows, i * rows + rows), each)
      # A row of zeros has the scale 0.
      divisors = torch.unsqueeze(torch.clamp_min(each, 1.2e-38), 1)
      _1 = torch.copy_(torch.slice(integers, 0, i * rows, i * rows + rows), torch.round(torch.div(block, divisors)))
    return [integers, scales]

  # The weight in fp32.
  def int8_wide(self, w: Tensor, scales: Tensor) -> Tensor:
    return torch.mul_(torch.to(w, 6), torch.unsqueeze(scales, 1))

  def is_int8(self, w: Tensor) -> bool:
    return torch.eq(ops.prim.dtype(w), 1)

  # Whether so few rows are multiplied, as when text is generated, that reading the weight is most of the work. libtorch's product for
  # them reads sixteen aligned columns at a time and writes four rows; it ends the process where there are others.
  def few_rows(self, x: Tensor, w: Tensor) -> bool:
    n, k = torch.size(w)
    few = torch.__and__(torch.eq(ops.prim.dtype(x), 6), torch.le(torch.numel(x), 16 * k))
    whole = torch.__and__(torch.eq(k % 64, 0), torch.eq(n % 4, 0))
    return torch.__and__(torch.__and__(few, whole), torch.__not__(ops.prim.is_cuda(x)))

  # x wT [m,n], in x's type. libtorch has a product that reads int8 as it stands; it is fast for bf16 alone, in which the integers are
  # exact, and x is rounded to it as it is for weights of bf16.
  def times_int8(self, x: Tensor, w: Tensor, scales: Tensor) -> Tensor:
    if self.few_rows(x, w):
      ones = torch.ones([torch.size(w, 0)], dtype=15, device=ops.prim.device(x))
      y = torch.mul(torch._weight_int8pack_mm(torch.contiguous(torch.to(x, 15)), w, ones), scales)
    else:
      y = torch.to(torch.mul(self.product_plain(x, torch.to(w, ops.prim.dtype(x))), scales), ops.prim.dtype(x))
    return y

  # The gradient of x from that of x wT, in its type.
  def times_int8_input(self, d: Tensor, w: Tensor, scales: Tensor) -> Tensor:
    return self.product_input(torch.to(torch.mul(d, scales), ops.prim.dtype(d)), torch.to(w, ops.prim.dtype(d)))

  # x wT by autograd, which keeps the weight as wide as x for its backward: whoever calls has the block computed again there.
  def times_int8_graph(self, x: Tensor, w: Tensor, scales: Tensor) -> Tensor:
    return torch.to(torch.mul(torch.linear(x, torch.to(w, ops.prim.dtype(x))), scales), ops.prim.dtype(x))
