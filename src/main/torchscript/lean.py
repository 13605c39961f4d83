# The block of blocks.py with its own backward, for fully trained towers on a CPU: it keeps 9 n c floats per image instead of the
# about 17 that autograd would (norms and activation are computed again). No mask, no past, no adapters, no LayerScale, no SwiGLU.
# With QuickGELU the kept f is 1.702 times the up product: df is then the gradient of that product itself, and only the down
# weight's gradient needs the factor.
# x: tokens [b,n,c] -> tokens, then what block_lean_backward needs.

  def block_lean(self, x: List[Tensor], p: List[Tensor], heads: int, causal: bool, quick: bool, eps: float) -> List[Tensor]:
    s = 1.702 if quick else 1.0
    b, n, c = torch.size(x[0])
    h, m1, r1 = torch.native_layer_norm(x[0], [c], p[0], p[1], eps)
    qkv = self.product(h, p[2], p[3])
    q, k, v = torch.unbind(torch.permute(torch.reshape(qkv, [b, n, 3, heads, c // heads]), [2, 0, 3, 1, 4]), 0)
    a, lse = torch._scaled_dot_product_flash_attention_for_cpu(q, k, v, 0., causal)
    x0 = self.product_added(torch.reshape(torch.transpose(a, 1, 2), [b, n, c]), p[4], p[5], x[0])
    h0, m2, r2 = torch.native_layer_norm(x0, [c], p[6], p[7], eps)
    h1 = torch.view(h0, [b * n, c])
    if quick:
      f = self.product_scaled(h1, p[8], p[9], s)
      y = self.product_descaled_added(torch.silu(f), p[10], p[11], s, x0)
    else:
      f = self.product(h1, p[8], p[9])
      y = torch.view(self.product_added(torch.gelu(f), p[10], p[11], torch.view(x0, [b * n, c])), [b, n, c])
    return [y, qkv, a, lse, x0, f, m1, r1, m2, r2]

  # -> gradients of x[0], then of p in order.
  def block_lean_backward(self, gy: List[Tensor], x: List[Tensor], p: List[Tensor], saved: List[Tensor], heads: int, causal: bool, quick: bool, eps: float) -> List[Tensor]:
    s = 1.702 if quick else 1.0
    qkv, a, lse, x0, f, m1, r1, m2, r2 = saved
    b, n, c = torch.size(x0)
    d = torch.reshape(gy[0], [b * n, c])
    g = torch.silu(f) if quick else torch.gelu(f)
    dw_down = torch.addmm(p[10], torch.t(d), g, beta=0, alpha=1.0 / s)
    dg = self.product_input(d, p[10])
    df = torch.silu_backward(dg, f) if quick else torch.gelu_backward(dg, f)
    h0 = torch.view(torch.layer_norm(x0, [c], p[6], p[7], eps), [b * n, c])
    dw_up = torch.mm(torch.t(df), h0)
    dh0 = torch.view(self.product_input(df, p[8]), [b, n, c])
    dx0, dw_norm2, db_norm2 = torch.native_layer_norm_backward(dh0, x0, [c], m2, r2, p[6], p[7], [True, True, True])
    e = torch.view(torch.add_(dx0, torch.view(d, [b, n, c])), [b * n, c])
    o = torch.reshape(torch.transpose(a, 1, 2), [b * n, c])
    da = torch.transpose(torch.view(self.product_input(e, p[4]), [b, n, heads, c // heads]), 1, 2)
    q, k, v = torch.unbind(torch.permute(torch.reshape(qkv, [b, n, 3, heads, c // heads]), [2, 0, 3, 1, 4]), 0)
    dq, dk, dv = torch._scaled_dot_product_flash_attention_for_cpu_backward(da, q, k, v, a, lse, 0., causal)
    dqkv = torch.cat([torch.reshape(torch.transpose(t, 1, 2), [b * n, c]) for t in [dq, dk, dv]], 1)
    h = torch.view(torch.layer_norm(x[0], [c], p[0], p[1], eps), [b * n, c])
    dh = torch.view(self.product_input(dqkv, p[2]), [b, n, c])
    dx, dw_norm1, db_norm1 = torch.native_layer_norm_backward(dh, x[0], [c], m1, r1, p[0], p[1], [True, True, True])
    return [torch.add_(dx, dx0), dw_norm1, db_norm1, torch.mm(torch.t(dqkv), h), torch.sum(dqkv, [0]), torch.mm(torch.t(e), o), torch.sum(e, [0]),
            dw_norm2, db_norm2, dw_up, torch.sum(df, [0]), dw_down, torch.sum(d, [0])]

  # The same block where no backward follows.
  def block_forward(self, x: List[Tensor], p: List[Tensor], heads: int, causal: bool, quick: bool, eps: float) -> List[Tensor]:
    b, n, c = torch.size(x[0])
    qkv = self.product(torch.layer_norm(x[0], [c], p[0], p[1], eps), p[2], p[3])
    q, k, v = torch.unbind(torch.permute(torch.reshape(qkv, [b, n, 3, heads, c // heads]), [2, 0, 3, 1, 4]), 0)
    a = torch.scaled_dot_product_attention(q, k, v, None, 0., causal)
    x0 = self.product_added(torch.reshape(torch.transpose(a, 1, 2), [b, n, c]), p[4], p[5], x[0])
    h = torch.layer_norm(x0, [c], p[6], p[7], eps)
    if quick:
      g = torch.silu_(self.product_scaled(torch.view(h, [b * n, c]), p[8], p[9], 1.702))
      y = self.product_descaled_added(g, p[10], p[11], 1.702, x0)
    else:
      y = self.product_added(self.product_gelu(h, p[8], p[9]), p[10], p[11], x0)
    return [y]
