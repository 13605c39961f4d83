# The block of lean.py beside whose locked weights low-rank pairs are trained, where that one serves: it keeps what block_lean keeps, where
# autograd would keep the inputs of every pair as well. Arguments as for block_adapted; gradients of what is locked, and of the bits
# of dropout, are empty.

  # The pairs and, where there is dropout, which inputs of each linear enter its pair.
  def lean_pairs(self, x: List[Tensor], p: List[Tensor], weights: int, attention: bool) -> List[Tensor]:
    a = self.pairs(p, weights, attention)
    if torch.gt(torch.len(x), 1):
      stays = self.unpacked(x[1])
      a = self.pairs_dropped(a, stays, stays)
    return a

  # x A for the pair of linear `index`: [m,r]
  def low(self, x: Tensor, a: List[Tensor], index: int) -> Tensor:
    return torch.mm(self.entering(x, a, index), torch.t(a[2 * index]))

  # y += scale x A B, where the linear has a pair; y [m,out], x [m,in]
  def paired(self, y: Tensor, x: Tensor, a: List[Tensor], index: int, scale: float) -> Tensor:
    return torch.addmm_(y, self.low(x, a, index), torch.t(a[2 * index + 1]), beta=1, alpha=scale) if self.has(a, 2 * index) else y

  # From the gradient d [m,out] of a linear and its input x [m,in]: adds to dx [m,in] what comes through the pair, `input_scale`
  # times, and appends the gradients of A and B, `scale` times, to `out`.
  def paired_backward(self, out: List[Tensor], dx: Tensor, d: Tensor, x: Tensor, a: List[Tensor], index: int, scale: float, input_scale: float) -> Tensor:
    if self.has(a, 2 * index):
      du = torch.mm(d, a[2 * index + 1])
      entering = self.entering(x, a, index)
      u = torch.mm(entering, torch.t(a[2 * index]))
      _0 = torch.append(out, torch.addmm(a[2 * index], torch.t(du), entering, beta=0, alpha=scale))
      _1 = torch.append(out, torch.addmm(a[2 * index + 1], torch.t(d), u, beta=0, alpha=scale))
      if self.has(a, 8 + index):
        through = torch.mul(torch.mm(du, a[2 * index]), torch.reshape(a[8 + index], torch.size(x)))
        dx = torch.add_(dx, through, alpha=input_scale)
      else:
        dx = torch.addmm_(dx, du, a[2 * index], beta=1, alpha=input_scale)
    return dx

  # y + (x wT + b + scale x A B), what is added times LayerScale's factors where there are any; x [m,in], y [m,out]
  def residual_paired(self, x: Tensor, p: List[Tensor], weight: int, y: Tensor, factors: int, a: List[Tensor], index: int, scale: float) -> Tensor:
    if torch.gt(torch.len(p), factors):
      z = self.paired(self.product(x, p[weight], p[weight + 1]), x, a, index, scale)
      out = torch.addcmul(y, z, p[factors])
    else:
      out = self.paired(self.product_added(x, p[weight], p[weight + 1], y), x, a, index, scale)
    return out

  # -> tokens, then what block_lean_adapted_backward needs.
  def block_lean_adapted(self, x: List[Tensor], p: List[Tensor], weights: int, attention: bool, heads: int, causal: bool, quick: bool, adapter_scale: float, eps: float) -> List[Tensor]:
    s = 1.702 if quick else 1.0
    a = self.lean_pairs(x, p, weights, attention)
    w = torch.slice(p, 0, weights)
    b, n, c = torch.size(x[0])
    x1 = torch.reshape(x[0], [b * n, c])
    h, m1, r1 = self.normed_keeping(x1, w[0], w[1], eps)
    qkv = self.paired(self.product(h, w[2], w[3]), h, a, 0, adapter_scale)
    q, k, v = torch.unbind(torch.permute(torch.reshape(qkv, [b, n, 3, heads, c // heads]), [2, 0, 3, 1, 4]), 0)
    o, lse = self.attention_keeping(q, k, v, causal)
    o1 = torch.reshape(torch.transpose(o, 1, 2), [b * n, c])
    x0 = self.residual_paired(o1, w, 4, x1, 12, a, 1, adapter_scale)
    h0, m2, r2 = self.normed_keeping(x0, w[6], w[7], eps)
    f = self.paired(self.up(h0, w, quick), h0, a, 2, adapter_scale * s)
    g = self.activated(f, w, quick)
    if quick:
      _0 = torch.mul_(g, 1.0 / s)
    y = self.residual_paired(g, w, 10, x0, 13, a, 3, adapter_scale)
    return [torch.view(y, [b, n, c]), qkv, o, lse, x0, f, m1, r1, m2, r2]

  # -> gradients of x, then of p in order. With QuickGELU, dg and what the down projection's pair adds to it are 1.702 times the
  # gradient of g, so that df is the gradient of the up product (see lean.py).
  def block_lean_adapted_backward(self, gy: List[Tensor], x: List[Tensor], p: List[Tensor], saved: List[Tensor], weights: int, attention: bool, heads: int, causal: bool, quick: bool, adapter_scale: float, eps: float) -> List[Tensor]:
    s = 1.702 if quick else 1.0
    a = self.lean_pairs(x, p, weights, attention)
    w = torch.slice(p, 0, weights)
    qkv, o, lse, x0, f, m1, r1, m2, r2 = saved
    b, n, c = torch.size(x[0])
    of_query_key_value = annotate(List[Tensor], [])
    of_output = annotate(List[Tensor], [])
    of_up = annotate(List[Tensor], [])
    of_down = annotate(List[Tensor], [])
    d = torch.reshape(gy[0], [b * n, c])
    dy = self.unscaled(d, w, 13)
    g = self.activated(f, w, quick) if self.has(a, 6) else f
    dg = self.paired_backward(of_down, self.product_input(dy, w[10]), dy, g, a, 3, adapter_scale / s, adapter_scale)
    df = self.activated_backward(dg, f, w, quick)
    h0 = self.normed(x0, w[6], w[7], eps) if self.has(a, 4) else x0
    dh0 = self.paired_backward(of_up, self.product_input(df, w[8]), df, h0, a, 2, adapter_scale, adapter_scale)
    dx0 = self.normed_input(dh0, x0, m2, r2, w[6], w[7])
    e = torch.add_(dx0, d)
    do = self.unscaled(e, w, 12)
    o1 = torch.reshape(torch.transpose(o, 1, 2), [b * n, c])
    do1 = self.paired_backward(of_output, self.product_input(do, w[4]), do, o1, a, 1, adapter_scale, adapter_scale)
    dqkv = self.attention_backward(do1, qkv, o, lse, causal)
    x1 = torch.reshape(x[0], [b * n, c])
    h = self.normed(x1, w[0], w[1], eps) if self.has(a, 0) else x1
    dh1 = self.product_input(dqkv, w[2])
    dh = self.paired_backward(of_query_key_value, dh1, dqkv, h, a, 0, adapter_scale, adapter_scale)
    dx = self.normed_input(dh, x1, m1, r1, w[0], w[1])
    none = torch.slice(w[0], 0, 0, 0)
    locked = [none for _ in range(torch.len(x) - 1 + weights)]
    all = torch.add([torch.view(torch.add_(dx, e), [b, n, c])], locked)
    return torch.add(torch.add(all, torch.add(of_query_key_value, of_output)), torch.add(of_up, of_down))
