# Linears of language models, with adapters beside them. m rows, r rank.
#
# Activations and weights may differ in type: a frozen model's weights keep their file's, which may be narrower. A product is made in
# the weight's type then, everything else in the activation's. Those of int8 are made wide for each product.
#
# What stands beside each linear, in the model's order, as `adapters` says: 0 nothing; 1 a pair a [r,in], b [out,r]; 2 the pair and a
# magnitude [out] (DoRA); 3 more than each where the weight is int8, whose scales [out] (int8.py) come first. These tensors lie in p from
# `first` on; `scales` has each pair's factor. `stays`: what of each linear's input enters its pair, boolean [m,in], one for each linear
# with a pair; an empty list where there is no dropout.

  # Products of half on a CPU are slower than those of the weight made wide.
  def half_on_cpu(self, w: Tensor) -> bool:
    return torch.__and__(torch.eq(ops.prim.dtype(w), 5), torch.__not__(ops.prim.is_cuda(w)))

  # x wT, in x's type
  def times(self, x: Tensor, w: Tensor) -> Tensor:
    if torch.eq(ops.prim.dtype(x), ops.prim.dtype(w)):
      y = self.product_plain(x, w)
    elif self.half_on_cpu(w):
      y = self.product_plain(x, torch.to(w, ops.prim.dtype(x)))
    else:
      y = torch.to(self.product_plain(torch.to(x, ops.prim.dtype(w)), w), ops.prim.dtype(x))
    return y

  # x wT + y, in x's type
  def times_added(self, x: Tensor, w: Tensor, y: Tensor) -> Tensor:
    return self.product_plain_added(x, w, y) if torch.eq(ops.prim.dtype(x), ops.prim.dtype(w)) else torch.add(y, self.times(x, w))

  # The gradient of x from that of x wT, in its type.
  def times_input(self, d: Tensor, w: Tensor) -> Tensor:
    if torch.eq(ops.prim.dtype(d), ops.prim.dtype(w)):
      x = self.product_input(d, w)
    elif self.half_on_cpu(w):
      x = self.product_input(d, torch.to(w, ops.prim.dtype(d)))
    else:
      x = torch.to(self.product_input(torch.to(d, ops.prim.dtype(w)), w), ops.prim.dtype(d))
    return x

  # x wT by autograd, in x's type
  def times_graph(self, x: Tensor, w: Tensor) -> Tensor:
    if torch.eq(ops.prim.dtype(x), ops.prim.dtype(w)):
      y = torch.linear(x, w)
    elif self.half_on_cpu(w):
      y = torch.linear(x, torch.to(w, ops.prim.dtype(x)))
    else:
      y = torch.to(torch.linear(torch.to(x, ops.prim.dtype(w)), w), ops.prim.dtype(x))
    return y

  # Where what stands beside linear i begins in p.
  def beside_place(self, adapters: List[int], first: int, i: int) -> int:
    place = first
    for j in range(i):
      pair = adapters[j] % 3
      place = place + adapters[j] // 3 + (pair + 1 if torch.gt(pair, 0) else 0)
    return place

  # Where the adapter of linear i begins in p.
  def adapter_place(self, adapters: List[int], first: int, i: int) -> int:
    return self.beside_place(adapters, first, i) + adapters[i] // 3

  def has_pair(self, adapters: List[int], i: int) -> bool:
    return torch.gt(adapters[i] % 3, 0)

  # Whether linear i has a magnitude.
  def has_magnitude(self, adapters: List[int], i: int) -> bool:
    return torch.eq(adapters[i] % 3, 2)

  # The linear i of x as its own weight has it, without adapter or bias.
  def own_linear(self, x: Tensor, w: Tensor, p: List[Tensor], adapters: List[int], first: int, i: int) -> Tensor:
    if self.is_int8(w):
      y = self.times_int8(x, w, p[self.beside_place(adapters, first, i)])
    else:
      y = self.times(x, w)
    return y

  # The weight of linear i in fp32.
  def own_weight(self, w: Tensor, p: List[Tensor], adapters: List[int], first: int, i: int) -> Tensor:
    return self.int8_wide(w, p[self.beside_place(adapters, first, i)]) if self.is_int8(w) else torch.to(w, 6)

  # What of x enters the pair of linear i.
  def staying(self, x: Tensor, adapters: List[int], stays: List[Tensor], i: int) -> Tensor:
    out = x
    if torch.gt(torch.len(stays), 0):
      place = 0
      for j in range(i):
        if self.has_pair(adapters, j):
          place = place + 1
      out = torch.mul(x, stays[place])
    return out

  # Which inputs of the linears enter their pairs, one boolean [m,in] for each pair, from the packed bits at `place` in x; none where
  # there is no dropout.
  def pair_inputs(self, x: List[Tensor], place: int, p: List[Tensor], adapters: List[int], first: int) -> List[Tensor]:
    out = annotate(List[Tensor], [])
    if self.has(x, place):
      b, n, w = torch.size(x[place])
      bits = torch.view(self.unpacked(x[place]), [b * n, 8 * w])
      start = 0
      for i in range(torch.len(adapters)):
        if self.has_pair(adapters, i):
          end = start + torch.size(p[self.adapter_place(adapters, first, i)], 1)
          _0 = torch.append(out, torch.slice(bits, 1, start, end))
          start = end
    return out

  # The length of each row of a weight with its pair [out], fp32; no gradient goes through it.
  def row_lengths(self, w: Tensor, a: Tensor, b: Tensor, scale: float) -> Tensor:
    whole = torch.addmm(torch.to(w, 6), torch.to(b, 6), torch.to(a, 6), beta=1, alpha=scale)
    return torch.detach(torch.sqrt(torch.sum(torch.mul(whole, whole), [1])))

  # y = x wT, which may be overwritten, with the adapter of linear i.
  def with_pair(self, y: Tensor, x: Tensor, w: Tensor, p: List[Tensor], adapters: List[int], scales: List[float], stays: List[Tensor], first: int, i: int) -> Tensor:
    out = y
    if self.has_pair(adapters, i):
      at = self.adapter_place(adapters, first, i)
      u = self.times(self.staying(x, adapters, stays, i), p[at])
      if torch.eq(ops.prim.dtype(u), ops.prim.dtype(p[at + 1])):
        out = torch.addmm_(y, u, torch.t(p[at + 1]), beta=1, alpha=scales[i])
      else:
        out = torch.add_(y, self.times(u, p[at + 1]), alpha=scales[i])
      if self.has_magnitude(adapters, i):
        lengths = self.row_lengths(self.own_weight(w, p, adapters, first, i), p[at], p[at + 1], scales[i])
        out = torch.mul_(out, torch.div(torch.to(p[at + 2], 6), lengths))
    return out

  # The linear i of x with its adapter, without its bias.
  def linear_adapted(self, x: Tensor, w: Tensor, p: List[Tensor], adapters: List[int], scales: List[float], stays: List[Tensor], first: int, i: int) -> Tensor:
    return self.with_pair(self.own_linear(x, w, p, adapters, first, i), x, w, p, adapters, scales, stays, first, i)

  # y + the linear i of x, which is the residual's
  def linear_residual(self, y: Tensor, x: Tensor, w: Tensor, p: List[Tensor], adapters: List[int], scales: List[float], stays: List[Tensor], first: int, i: int) -> Tensor:
    if torch.__or__(self.has_magnitude(adapters, i), self.is_int8(w)):
      out = torch.add(y, self.linear_adapted(x, w, p, adapters, scales, stays, first, i))
    else:
      out = self.with_pair(self.times_added(x, w, y), x, w, p, adapters, scales, stays, first, i)
    return out

  # The linear i of x by autograd, without its bias.
  def linear_graph(self, x: Tensor, w: Tensor, p: List[Tensor], adapters: List[int], scales: List[float], stays: List[Tensor], first: int, i: int) -> Tensor:
    if self.is_int8(w):
      y = self.times_int8_graph(x, w, p[self.beside_place(adapters, first, i)])
    else:
      y = self.times_graph(x, w)
    if self.has_pair(adapters, i):
      at = self.adapter_place(adapters, first, i)
      u = self.times_graph(self.staying(x, adapters, stays, i), p[at])
      y = torch.add(y, self.times_graph(u, p[at + 1]), alpha=scales[i])
      if self.has_magnitude(adapters, i):
        lengths = self.row_lengths(self.own_weight(w, p, adapters, first, i), p[at], p[at + 1], scales[i])
        y = torch.to(torch.mul(y, torch.div(torch.to(p[at + 2], 6), lengths)), ops.prim.dtype(x))
    return y

  # From the gradient d [m,out] of linear i, without its bias: puts those of its weight (where `trained`) and of its adapter into
  # `grads`, at their places in p, and gives that of its x [m,in], added to `dx` where that has one.
  def linear_backward(self, grads: List[Tensor], dx: List[Tensor], d: Tensor, x: Tensor, weight: int, p: List[Tensor], adapters: List[int], scales: List[float], stays: List[Tensor], first: int, i: int, trained: bool) -> Tensor:
    w = p[weight]
    e = d
    at = self.adapter_place(adapters, first, i)
    if self.has_magnitude(adapters, i):
      z = self.own_linear(x, w, p, adapters, first, i)
      z = torch.add_(z, self.times(self.times(self.staying(x, adapters, stays, i), p[at]), p[at + 1]), alpha=scales[i])
      lengths = self.row_lengths(self.own_weight(w, p, adapters, first, i), p[at], p[at + 1], scales[i])
      _0 = torch._set_item(grads, at + 2, torch.div(torch.sum(torch.mul(d, z), [0]), lengths))
      e = torch.mul(d, torch.div(torch.to(p[at + 2], 6), lengths))
    if torch.__and__(torch.gt(torch.len(dx), 0), torch.eq(ops.prim.dtype(e), ops.prim.dtype(w))):
      g = self.product_plain_added(e, torch.t(w), dx[0])
    else:
      if self.is_int8(w):
        g = self.times_int8_input(e, w, p[self.beside_place(adapters, first, i)])
      else:
        g = self.times_input(e, w)
      if torch.gt(torch.len(dx), 0):
        g = torch.add_(g, dx[0])
    if trained:
      _1 = torch._set_item(grads, weight, self.product_weight(e, x))
    if self.has_pair(adapters, i):
      enters = self.staying(x, adapters, stays, i)
      du = self.times_input(e, p[at + 1])
      u = self.times(enters, p[at])
      _2 = torch._set_item(grads, at, torch.mul_(torch.mm(torch.t(du), enters), scales[i]))
      _3 = torch._set_item(grads, at + 1, torch.mul_(torch.mm(torch.t(e), u), scales[i]))
      back = self.staying(self.times_input(du, p[at]), adapters, stays, i)
      g = torch.add_(g, back, alpha=scales[i])
    return g

  # Whether a block's own backward gives gradients of weights, of adapters or of what stands beside int8, which need what entered its
  # linears; a frozen block's needs none of it.
  def learns(self, adapters: List[int], trained: bool) -> bool:
    some = trained
    for kind in adapters:
      some = torch.__or__(some, torch.ne(kind, 0))
    return some

  # RMS norm over the last dimension, in x's type; sums are fp32.
  def rms_normed(self, x: Tensor, w: Tensor, eps: float) -> Tensor:
    if torch.__and__(torch.eq(ops.prim.dtype(x), 6), torch.eq(ops.prim.dtype(w), 6)):
      y = torch.rms_norm(x, [torch.size(x, -1)], w, eps)
    else:
      wide = torch.to(x, 6)
      r = torch.rsqrt(torch.add(torch.mean(torch.mul(wide, wide), [-1], True), eps))
      y = torch.to(torch.mul(torch.mul(wide, r), w), ops.prim.dtype(x))
    return y

  # Its backward: gives the gradient of x (fp32), and where the norm is trained puts that of its weight into `grads`.
  def rms_backward(self, grads: List[Tensor], place: int, d: Tensor, x: Tensor, w: Tensor, trained: bool, eps: float) -> Tensor:
    r = torch.rsqrt(torch.add(torch.mean(torch.mul(x, x), [-1], True), eps))
    if trained:
      _0 = torch._set_item(grads, place, torch.sum(torch.mul(torch.mul(x, r), d), [0]))
    e = torch.mul(d, w)
    m = torch.mul(torch.mean(torch.mul(e, x), [-1], True), torch.mul(r, r))
    return torch.mul_(torch.addcmul(e, x, m, value=-1), r)
