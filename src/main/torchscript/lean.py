# The block of blocks.py with its own backward, for fully trained towers on a CPU, and on a GPU in bf16 and fp16: it keeps 9 n c floats per image instead of the
# about 17 that autograd would (norms and activation are computed again). No mask, no past, no adapters.
# With QuickGELU the kept f is 1.702 times the up product: df is then the gradient of that product itself, and only the down
# weight's gradient needs the factor.
# LayerScale's factors s of y = s (x wT + b) need nothing more: with G the weight's gradient without them, its own is s G, and
# theirs is the sum of w G over the row and of b times the bias's.

  # y + x wT + b, the product times LayerScale's factors p[factors] where there are any
  def residual(self, x: Tensor, p: List[Tensor], weight: int, y: Tensor, factors: int) -> Tensor:
    if torch.gt(torch.len(p), factors):
      z = torch.addcmul(y, self.product(x, p[weight], p[weight + 1]), p[factors])
    else:
      z = self.product_added(x, p[weight], p[weight + 1], y)
    return z

  # The MLP's down product of g (which may be overwritten), added to x0; all [b n, .].
  def residual_down(self, g: Tensor, p: List[Tensor], x0: Tensor, quick: bool) -> Tensor:
    if torch.__and__(quick, torch.__not__(torch.gt(torch.len(p), 13))):
      y = self.product_descaled_added(g, p[10], p[11], 1.702, x0)
    else:
      y = self.residual(torch.mul_(g, 1.0 / 1.702) if quick else g, p, 10, x0, 13)
    return y

  # The up product, with QuickGELU 1.702 times: h [b n, c] -> [b n, m], with SwiGLU [b n, 2 m]
  def up(self, h: Tensor, p: List[Tensor], quick: bool) -> Tensor:
    return self.product_scaled(h, p[8], p[9], 1.702) if quick else self.product(h, p[8], p[9])

  # From the gradient of what `activated` gives: that of the up product.
  def activated_backward(self, dg: Tensor, f: Tensor, p: List[Tensor], quick: bool) -> Tensor:
    if torch.gt(torch.size(p[8], 0), torch.size(p[10], 1)):
      gate, value = torch.chunk(f, 2, 1)
      df = torch.cat([torch.silu_backward(torch.mul(dg, value), gate), torch.mul(dg, torch.silu(gate))], 1)
    else:
      df = torch.silu_backward(dg, f) if quick else torch.gelu_backward(dg, f)
    return df

  # The gradient of y before LayerScale from that behind it.
  def unscaled(self, d: Tensor, p: List[Tensor], factors: int) -> Tensor:
    return torch.mul(d, p[factors]) if torch.gt(torch.len(p), factors) else d

  # Gradients of a product's weight and bias, given without LayerScale: puts its factors in, and appends theirs to `of_factors`.
  def factored(self, of_factors: List[Tensor], dw: Tensor, db: Tensor, p: List[Tensor], weight: int, factors: int) -> None:
    if torch.gt(torch.len(p), factors):
      sums = torch.sum(torch.mul(p[weight], dw), [1])
      _0 = torch.append(of_factors, torch.add_(sums, torch.mul(p[weight + 1], db)))
      _1 = torch.mul_(dw, torch.unsqueeze(p[factors], 1))
      _2 = torch.mul_(db, p[factors])

  # A norm's weight or bias beside which libtorch keeps means and deviations in fp32.
  def beside_wide(self, w: Tensor) -> Tensor:
    return torch.to(w, 6) if self.narrow_on_cpu(w) else w

  # Layer norm -> y, and means and reciprocal deviations [b,n,1], fp32.
  def normed_keeping(self, x: Tensor, w: Tensor, b: Tensor, eps: float) -> Tuple[Tensor, Tensor, Tensor]:
    return torch.native_layer_norm(x, [torch.size(x, -1)], self.beside_wide(w), self.beside_wide(b), eps)

  # The gradient of its x.
  def normed_input(self, d: Tensor, x: Tensor, mean: Tensor, deviation: Tensor, w: Tensor, b: Tensor) -> Tensor:
    c = torch.size(x, -1)
    dx, _0, _1 = torch.native_layer_norm_backward(d, x, [c], mean, deviation, self.beside_wide(w), self.beside_wide(b), [True, False, False])
    return dx

  # The gradients of its x, w and b.
  def normed_backward(self, d: Tensor, x: Tensor, mean: Tensor, deviation: Tensor, w: Tensor, b: Tensor) -> Tuple[Tensor, Tensor, Tensor]:
    if self.narrow_on_cpu(w):
      dx = self.normed_input(d, x, mean, deviation, w, b)
      each = torch.mul_(torch.mul_(torch.sub(x, mean), deviation), d)
      dw = torch.to(torch.sum(each, [0, 1]), ops.prim.dtype(w))
      db = torch.sum(d, [0, 1])
    else:
      dx, dw, db = torch.native_layer_norm_backward(d, x, [torch.size(x, -1)], mean, deviation, w, b, [True, True, True])
    return (dx, dw, db)

  # Attention that keeps what its backward needs: q k v [b,h,n,d] -> result [b,h,n,d], log sums of exp. A GPU's kernel is flash
  # attention's, for narrow numbers alone.
  def attention_keeping(self, q: Tensor, k: Tensor, v: Tensor, causal: bool) -> Tuple[Tensor, Tensor]:
    if ops.prim.is_cuda(q):
      a, lse, _0, _1, _2, _3, _4, _5, _6 = torch._scaled_dot_product_flash_attention(q, k, v, 0., causal, False)
    else:
      a, lse = torch._scaled_dot_product_flash_attention_for_cpu(q, k, v, 0., causal)
    return (a, lse)

  # Its backward on a GPU. What the kernel wants besides are undefined tensors and numbers of a dropout that is not there; only the
  # forward kernel makes such tensors: that of one token does.
  def flash_backward(self, da: Tensor, q: Tensor, k: Tensor, v: Tensor, a: Tensor, lse: Tensor, causal: bool) -> Tuple[Tensor, Tensor, Tensor]:
    n = torch.size(q, 2)
    one = torch.slice(torch.slice(q, 0, 0, 1), 2, 0, 1)
    _0, _1, cq, ck, _2, _3, seed, offset, _4 = torch._scaled_dot_product_flash_attention(one, one, one, 0., causal, False)
    dq, dk, dv = torch._scaled_dot_product_flash_attention_backward(da, q, k, v, a, lse, cq, ck, n, n, 0., causal, seed, offset)
    return (dq, dk, dv)

  # From the gradient of attention's result, do [b n,c], and what its forward left (a [b,h,n,c/h]): that of qkv, [b n,3c]. libtorch's
  # kernel makes narrow products one by one, which takes several times what fp32 takes; so narrow rows are made wide, a few at a time.
  def attention_backward(self, do: Tensor, qkv: Tensor, a: Tensor, lse: Tensor, causal: bool) -> Tensor:
    b, h, n, w = torch.size(a)
    da = torch.transpose(torch.view(do, [b, n, h, w]), 1, 2)
    q, k, v = torch.unbind(torch.permute(torch.reshape(qkv, [b, n, 3, h, w]), [2, 0, 3, 1, 4]), 0)
    if self.narrow_on_cpu(qkv):
      dqkv = torch.new_empty(qkv, [b * n, 3 * h * w])
      out = torch.permute(torch.view(dqkv, [b, n, 3, h, w]), [2, 0, 3, 1, 4])
      rows = 8
      for i in range((b + rows - 1) // rows):
        wide = [torch.to(torch.slice(t, 0, i * rows, i * rows + rows), 6) for t in [da, q, k, v, a]]
        some = torch.slice(lse, 0, i * rows, i * rows + rows)
        dq, dk, dv = torch._scaled_dot_product_flash_attention_for_cpu_backward(wide[0], wide[1], wide[2], wide[3], wide[4], some, 0., causal)
        _0 = torch.copy_(torch.slice(out, 1, i * rows, i * rows + rows), torch.stack([dq, dk, dv]))
    else:
      if ops.prim.is_cuda(qkv):
        dq, dk, dv = self.flash_backward(da, q, k, v, a, lse, causal)
      else:
        dq, dk, dv = torch._scaled_dot_product_flash_attention_for_cpu_backward(da, q, k, v, a, lse, 0., causal)
      dqkv = torch.cat([torch.reshape(torch.transpose(t, 1, 2), [b * n, h * w]) for t in [dq, dk, dv]], 1)
    return dqkv

  # x: tokens [b,n,c] -> tokens, then what block_lean_backward needs.
  def block_lean(self, x: List[Tensor], p: List[Tensor], heads: int, causal: bool, quick: bool, eps: float) -> List[Tensor]:
    b, n, c = torch.size(x[0])
    h, m1, r1 = self.normed_keeping(x[0], p[0], p[1], eps)
    qkv = self.product(h, p[2], p[3])
    q, k, v = torch.unbind(torch.permute(torch.reshape(qkv, [b, n, 3, heads, c // heads]), [2, 0, 3, 1, 4]), 0)
    a, lse = self.attention_keeping(q, k, v, causal)
    x0 = self.residual(torch.reshape(torch.transpose(a, 1, 2), [b, n, c]), p, 4, x[0], 12)
    h0, m2, r2 = self.normed_keeping(x0, p[6], p[7], eps)
    f = self.up(torch.view(h0, [b * n, c]), p, quick)
    y = self.residual_down(self.activated(f, p, quick), p, torch.view(x0, [b * n, c]), quick)
    return [torch.view(y, [b, n, c]), qkv, a, lse, x0, f, m1, r1, m2, r2]

  # From the gradient d [m,c] of the MLP's sum: that of its input x0 [m,c], of which m2 and r2 are the norm's means and deviations, then
  # of down's and up's weights and biases, of the norm's, and of LayerScale's factors where there are any.
  def lean_mlp_part(self, d: Tensor, f: Tensor, x0: Tensor, m2: Tensor, r2: Tensor, p: List[Tensor], quick: bool, eps: float) -> List[Tensor]:
    m, c = torch.size(d)
    factors = annotate(List[Tensor], [])
    dw_down = self.product_weight_descaled(d, self.activated(f, p, quick), p[10], 1.702 if quick else 1.0)
    db_down = torch.sum(d, [0])
    _0 = self.factored(factors, dw_down, db_down, p, 10, 13)
    df = self.activated_backward(self.product_input(self.unscaled(d, p, 13), p[10]), f, p, quick)
    dw_up = self.product_weight(df, torch.view(self.normed(x0, p[6], p[7], eps), [m, c]))
    dh0 = torch.view(self.product_input(df, p[8]), torch.size(x0))
    dx0, dw_norm2, db_norm2 = self.normed_backward(dh0, x0, m2, r2, p[6], p[7])
    e = torch.view(torch.add_(dx0, torch.view(d, torch.size(x0))), [m, c])
    return torch.add([e, dw_norm2, db_norm2, dw_up, torch.sum(df, [0]), dw_down, db_down], factors)

  # -> gradients of x[0], then of p in order.
  def block_lean_backward(self, gy: List[Tensor], x: List[Tensor], p: List[Tensor], saved: List[Tensor], heads: int, causal: bool, quick: bool, eps: float) -> List[Tensor]:
    qkv, a, lse, x0, f, m1, r1, m2, r2 = saved
    b, n, c = torch.size(x0)
    of_factors = annotate(List[Tensor], [])
    mlp = self.lean_mlp_part(torch.reshape(gy[0], [b * n, c]), f, x0, m2, r2, p, quick, eps)
    e = mlp[0]
    o = torch.reshape(torch.transpose(a, 1, 2), [b * n, c])
    dw_output = self.product_weight(e, o)
    db_output = torch.sum(e, [0])
    _1 = self.factored(of_factors, dw_output, db_output, p, 4, 12)
    do = self.product_input(self.unscaled(e, p, 12), p[4])
    dqkv = self.attention_backward(do, qkv, a, lse, causal)
    h = torch.view(self.normed(x[0], p[0], p[1], eps), [b * n, c])
    dh = torch.view(self.product_input(dqkv, p[2]), [b, n, c])
    dx, dw_norm1, db_norm1 = self.normed_backward(dh, x[0], m1, r1, p[0], p[1])
    own = [torch.add_(dx, torch.view(e, [b, n, c])), dw_norm1, db_norm1, self.product_weight(dqkv, h), torch.sum(dqkv, [0]), dw_output, db_output]
    return torch.add(torch.add(own, torch.slice(mlp, 1, 7)), torch.add(of_factors, torch.slice(mlp, 7)))

  # The same block where no backward follows.
  def block_forward(self, x: List[Tensor], p: List[Tensor], heads: int, causal: bool, quick: bool, eps: float) -> List[Tensor]:
    b, n, c = torch.size(x[0])
    qkv = self.product(self.normed(x[0], p[0], p[1], eps), p[2], p[3])
    q, k, v = torch.unbind(torch.permute(torch.reshape(qkv, [b, n, 3, heads, c // heads]), [2, 0, 3, 1, 4]), 0)
    a = torch.scaled_dot_product_attention(q, k, v, None, 0., causal)
    x0 = torch.view(self.residual(torch.reshape(torch.transpose(a, 1, 2), [b, n, c]), p, 4, x[0], 12), [b * n, c])
    h = self.normed(x0, p[6], p[7], eps)
    if torch.gt(torch.size(p[8], 0), torch.size(p[10], 1)):
      g = self.activated(self.up(h, p, quick), p, quick)
    else:
      g = torch.silu_(self.up(h, p, quick)) if quick else self.product_gelu(h, p[8], p[9])
    return [torch.view(self.residual_down(g, p, x0, quick), [b, n, c])]
