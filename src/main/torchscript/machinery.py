# Kernels of the engine itself. Every file here is a part of one TorchScript module; see docs/decisions for why.
# Inside these files only aten functions exist (torch.len, torch.size, ...), types are explicit and comments are stripped.

  # Zeros of `shape`; dtype is libtorch's scalar type number.
  def zeros(self, shape: List[int], dtype: int, device: str) -> Tensor:
    return torch.zeros(shape, dtype=dtype, device=torch.device(device))

  def to_device(self, x: Tensor, device: str) -> Tensor:
    return torch.to(x, torch.device(device))

  # As to_device, without waiting where x lies in pinned memory.
  def send_to_device(self, x: Tensor, device: str) -> Tensor:
    return torch.to(x, torch.device(device), ops.prim.dtype(x), True, True)

  # A contiguous copy in CPU memory, with no graph.
  def to_host(self, x: Tensor, dtype: int) -> Tensor:
    return torch.contiguous(torch.to(torch.detach(x), torch.device("cpu"), dtype))

  # As to_host, in x's own type; always a copy.
  def to_host_copy(self, x: Tensor) -> Tensor:
    return torch.to(torch.contiguous(torch.detach(x)), torch.device("cpu"), ops.prim.dtype(x), False, True)

  # A leaf that shares the memory of elements [start, start + prod(shape)) of a flat bucket.
  def leaf_view(self, flat: Tensor, start: int, shape: List[int], trainable: bool) -> Tensor:
    count = 1
    for size in shape:
      count = count * size
    view = torch.detach(torch.view(torch.narrow(flat, 0, start, count), shape))
    return torch.requires_grad_(view, trainable)

  # Copies values (any dtype, device) into an existing tensor of the same shape.
  def assign(self, to: Tensor, values: Tensor) -> None:
    _0 = torch.copy_(to, values)

  def assign_all(self, to: List[Tensor], values: List[Tensor]) -> None:
    _0 = torch._foreach_copy_(to, values)

  # Each tensor goes the same part of the way to its goal: to += weight (goal - to)
  def lerp_all(self, to: List[Tensor], goals: List[Tensor], weight: float) -> None:
    _0 = torch._foreach_lerp_(to, goals, weight)

  # Each tensor gets the values of its partner; one of them at a time is kept beside.
  def exchange_all(self, x: List[Tensor], y: List[Tensor]) -> None:
    for i in range(torch.len(x)):
      kept = torch.clone(x[i])
      _0 = torch.copy_(x[i], y[i])
      _1 = torch.copy_(y[i], kept)

  # The detached boundary between two tape nodes: leaves that the next node differentiates with respect to.
  def cut(self, x: List[Tensor]) -> List[Tensor]:
    return [torch.requires_grad_(torch.detach(t), True) for t in x]

  # d(y . gy) / dx for one node's graph, which is freed.
  def grad(self, y: List[Tensor], x: List[Tensor], gy: List[Tensor]) -> List[Tensor]:
    upstream = annotate(List[Optional[Tensor]], [])
    for t in gy:
      _0 = torch.append(upstream, t)
    out = annotate(List[Tensor], [])
    for g in torch.grad(y, x, upstream, False, False, False):
      _1 = torch.append(out, unchecked_cast(Tensor, g))
    return out

  def add(self, x: Tensor, y: Tensor) -> Tensor:
    return torch.add(x, y)

  # x += y
  def accumulate(self, x: Tensor, y: Tensor) -> None:
    _0 = torch.add_(x, y)

  def filled_like(self, x: Tensor, value: float) -> Tensor:
    return torch.full_like(x, value)

  def copied(self, x: Tensor) -> Tensor:
    return torch.clone(x)

  # The single element of x as [1], fp32; always a copy.
  def scalar_copy(self, x: Tensor) -> Tensor:
    return torch.to(torch.reshape(torch.detach(x), [1]), 6, False, True)

  # Tensors one below the other.
  def stacked(self, x: List[Tensor]) -> Tensor:
    return torch.cat(x)

  # Rows [start, end) as a tensor of their own.
  def row_range(self, x: Tensor, start: int, end: int) -> Tensor:
    return torch.clone(torch.slice(x, 0, start, end))

  # Where libtorch's kernels are of little use: they sum gradients over rows in x's own type, and bf16's 8 bits lose most of a long
  # sum; and they make attention's products one by one (lean.py).
  def narrow_on_cpu(self, x: Tensor) -> bool:
    narrow = torch.__or__(torch.eq(ops.prim.dtype(x), 5), torch.eq(ops.prim.dtype(x), 15))
    return torch.__and__(narrow, torch.__not__(ops.prim.is_cuda(x)))

  # Layer norm over the last dimension -> fp32.
  def normed_wide(self, x: Tensor, w: Tensor, b: Tensor, eps: float) -> Tensor:
    return torch.layer_norm(torch.to(x, 6), [torch.size(x, -1)], torch.to(w, 6), torch.to(b, 6), eps)

  # Layer norm over the last dimension, in x's type.
  def normed(self, x: Tensor, w: Tensor, b: Tensor, eps: float) -> Tensor:
    if self.narrow_on_cpu(w):
      y = torch.to(self.normed_wide(x, w, b, eps), ops.prim.dtype(x))
    else:
      y = torch.layer_norm(x, [torch.size(x, -1)], w, b, eps)
    return y

  # Rows of a table [v,c] by ids [b,n] -> [b,n,c]. Of a narrow table only the rows that occur are made wide.
  def embedded(self, table: Tensor, ids: Tensor) -> Tensor:
    if self.narrow_on_cpu(table):
      each, places, _0 = torch._unique2(ids, True, True)
      wide = torch.to(torch.embedding(table, each), 6)
      y = torch.to(torch.embedding(wide, places), ops.prim.dtype(table))
    else:
      y = torch.embedding(table, ids)
    return y
