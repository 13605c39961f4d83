# The block of lean.py beside whose locked weights low-rank pairs are trained, for a CPU: it keeps what block_lean keeps, where
# autograd would keep the inputs of every pair as well. Arguments as for block_adapted, without LayerScale and SwiGLU; gradients
# of what is locked, and of the bits of dropout, are empty.

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

  # -> tokens, then what block_lean_adapted_backward needs.
  def block_lean_adapted(self, x: List[Tensor], p: List[Tensor], weights: int, attention: bool, heads: int, causal: bool, quick: bool, adapter_scale: float, eps: float) -> List[Tensor]:
    s = 1.702 if quick else 1.0
    a = self.lean_pairs(x, p, weights, attention)
    b, n, c = torch.size(x[0])
    h, m1, r1 = torch.native_layer_norm(torch.reshape(x[0], [b * n, c]), [c], p[0], p[1], eps)
    qkv = self.paired(self.product(h, p[2], p[3]), h, a, 0, adapter_scale)
    q, k, v = torch.unbind(torch.permute(torch.reshape(qkv, [b, n, 3, heads, c // heads]), [2, 0, 3, 1, 4]), 0)
    o, lse = torch._scaled_dot_product_flash_attention_for_cpu(q, k, v, 0., causal)
    o1 = torch.reshape(torch.transpose(o, 1, 2), [b * n, c])
    x0 = self.paired(self.product_added(o1, p[4], p[5], torch.reshape(x[0], [b * n, c])), o1, a, 1, adapter_scale)
    h0, m2, r2 = torch.native_layer_norm(x0, [c], p[6], p[7], eps)
    f0 = self.product_scaled(h0, p[8], p[9], s) if quick else self.product(h0, p[8], p[9])
    f = self.paired(f0, h0, a, 2, adapter_scale * s)
    g = torch.silu(f) if quick else torch.gelu(f)
    u = self.low(g, a, 3) if self.has(a, 6) else g
    y = self.product_descaled_added(g, p[10], p[11], s, x0) if quick else self.product_added(g, p[10], p[11], x0)
    if self.has(a, 6):
      y = torch.addmm_(y, u, torch.t(a[7]), beta=1, alpha=adapter_scale / s)
    return [torch.view(y, [b, n, c]), qkv, o, lse, x0, f, m1, r1, m2, r2]

  # -> gradients of x, then of p in order. With QuickGELU, dg and what the down projection's pair adds to it are 1.702 times the
  # gradient of g, so that df is the gradient of the up product (see lean.py).
  def block_lean_adapted_backward(self, gy: List[Tensor], x: List[Tensor], p: List[Tensor], saved: List[Tensor], weights: int, attention: bool, heads: int, causal: bool, quick: bool, adapter_scale: float, eps: float) -> List[Tensor]:
    s = 1.702 if quick else 1.0
    a = self.lean_pairs(x, p, weights, attention)
    qkv, o, lse, x0, f, m1, r1, m2, r2 = saved
    b, n, c = torch.size(x[0])
    of_mlp = annotate(List[Tensor], [])
    d = torch.reshape(gy[0], [b * n, c])
    dg0 = self.product_input(d, p[10])
    of_down = annotate(List[Tensor], [])
    g = torch.silu(f) if quick else torch.gelu(f)
    dg = self.paired_backward(of_down, dg0, d, g, a, 3, adapter_scale / s, adapter_scale)
    df = torch.silu_backward(dg, f) if quick else torch.gelu_backward(dg, f)
    h0 = torch.layer_norm(x0, [c], p[6], p[7], eps) if self.has(a, 4) else x0
    dh0 = self.paired_backward(of_mlp, self.product_input(df, p[8]), df, h0, a, 2, adapter_scale, adapter_scale)
    dx0, _0, _1 = torch.native_layer_norm_backward(dh0, x0, [c], m2, r2, p[6], p[7], [True, False, False])
    e = torch.add_(dx0, d)
    of_attention = annotate(List[Tensor], [])
    of_output = annotate(List[Tensor], [])
    o1 = torch.reshape(torch.transpose(o, 1, 2), [b * n, c])
    do1 = self.paired_backward(of_output, self.product_input(e, p[4]), e, o1, a, 1, adapter_scale, adapter_scale)
    da = torch.transpose(torch.view(do1, [b, n, heads, c // heads]), 1, 2)
    q, k, v = torch.unbind(torch.permute(torch.reshape(qkv, [b, n, 3, heads, c // heads]), [2, 0, 3, 1, 4]), 0)
    dq, dk, dv = torch._scaled_dot_product_flash_attention_for_cpu_backward(da, q, k, v, o, lse, 0., causal)
    dqkv = torch.cat([torch.reshape(torch.transpose(t, 1, 2), [b * n, c]) for t in [dq, dk, dv]], 1)
    x1 = torch.reshape(x[0], [b * n, c])
    h = torch.layer_norm(x1, [c], p[0], p[1], eps) if self.has(a, 0) else x1
    dh = self.paired_backward(of_attention, self.product_input(dqkv, p[2]), dqkv, h, a, 0, adapter_scale, adapter_scale)
    dx, _2, _3 = torch.native_layer_norm_backward(dh, x1, [c], m1, r1, p[0], p[1], [True, False, False])
    none = torch.slice(p[0], 0, 0, 0)
    locked = [none for _ in range(torch.len(x) - 1 + weights)]
    all = torch.add([torch.view(torch.add_(dx, e), [b, n, c])], locked)
    return torch.add(torch.add(all, torch.add(of_attention, of_output)), torch.add(of_mlp, of_down))
