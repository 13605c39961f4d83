# The last block for one pooled token per row (block_pooled) with its own backward, fully trained, on a CPU and in fp32: as lean.py
# computes a block, whose functions it takes. Of each row it keeps keys and values, 2 n c floats, and what belongs to one token.

  # x: tokens [b,n,c], position int64 [b] -> [b,1,c], then what block_pooled_lean_backward needs.
  def block_pooled_lean(self, x: List[Tensor], p: List[Tensor], heads: int, causal: bool, quick: bool, eps: float) -> List[Tensor]:
    b, n, c = torch.size(x[0])
    at = torch.expand(torch.view(x[1], [b, 1, 1]), [b, 1, c])
    h, m1, r1 = self.normed_keeping(x[0], p[0], p[1], eps)
    kv = self.product(torch.view(h, [b * n, c]), torch.slice(p[2], 0, c, 3 * c), torch.slice(p[3], 0, c, 3 * c))
    q = self.product(torch.squeeze(torch.gather(h, 1, at), 1), torch.slice(p[2], 0, 0, c), torch.slice(p[3], 0, 0, c))
    k, v = torch.unbind(torch.permute(torch.view(kv, [b, n, 2, heads, c // heads]), [2, 0, 3, 1, 4]), 0)
    scores = torch.matmul(torch.mul(torch.view(q, [b, heads, 1, c // heads]), (c // heads) ** -0.5), torch.transpose(k, 2, 3))
    if causal:
      keys = torch.view(torch.arange(n, dtype=4, device=ops.prim.device(q)), [1, 1, 1, n])
      scores = torch.masked_fill_(scores, torch.gt(keys, torch.view(x[1], [b, 1, 1, 1])), float("-inf"))
    shares = torch.softmax(scores, -1)
    a = torch.reshape(torch.matmul(shares, v), [b, c])
    x0 = self.residual(a, p, 4, torch.squeeze(torch.gather(x[0], 1, at), 1), 12)
    h0, m2, r2 = self.normed_keeping(x0, p[6], p[7], eps)
    f = self.up(h0, p, quick)
    y = self.residual_down(self.activated(f, p, quick), p, x0, quick)
    return [torch.view(y, [b, 1, c]), kv, q, shares, a, x0, f, m1, r1, m2, r2]

  # -> gradients of x, empty but for tokens, then of p in order.
  def block_pooled_lean_backward(self, gy: List[Tensor], x: List[Tensor], p: List[Tensor], saved: List[Tensor], heads: int, causal: bool, quick: bool, eps: float) -> List[Tensor]:
    kv, q, shares, a, x0, f, m1, r1, m2, r2 = saved
    b, n, c = torch.size(x[0])
    scale = (c // heads) ** -0.5
    at = torch.expand(torch.view(x[1], [b, 1, 1]), [b, 1, c])
    of_factors = annotate(List[Tensor], [])
    mlp = self.lean_mlp_part(torch.reshape(gy[0], [b, c]), f, x0, m2, r2, p, quick, eps)
    e = mlp[0]
    dw_output = self.product_weight(e, a)
    db_output = torch.sum(e, [0])
    _0 = self.factored(of_factors, dw_output, db_output, p, 4, 12)
    da = torch.view(self.product_input(self.unscaled(e, p, 12), p[4]), [b, heads, 1, c // heads])
    k, v = torch.unbind(torch.permute(torch.view(kv, [b, n, 2, heads, c // heads]), [2, 0, 3, 1, 4]), 0)
    ds = torch._softmax_backward_data(torch.matmul(da, torch.transpose(v, 2, 3)), shares, -1, 6)
    dq = torch.reshape(torch.mul_(torch.matmul(ds, k), scale), [b, c])
    dkv = torch.new_empty(kv, [b * n, 2 * c])
    into = torch.permute(torch.view(dkv, [b, n, 2, heads, c // heads]), [2, 0, 3, 1, 4])
    _1 = torch.copy_(torch.select(into, 0, 0), torch.mul(torch.transpose(ds, 2, 3), torch.mul(torch.view(q, [b, heads, 1, c // heads]), scale)))
    _2 = torch.copy_(torch.select(into, 0, 1), torch.mul(torch.transpose(shares, 2, 3), da))
    h = self.normed(x[0], p[0], p[1], eps)
    h1 = torch.squeeze(torch.gather(h, 1, at), 1)
    dw_qkv = torch.cat([self.product_weight(dq, h1), self.product_weight(dkv, torch.view(h, [b * n, c]))], 0)
    db_qkv = torch.cat([torch.sum(dq, [0]), torch.sum(dkv, [0])], 0)
    dh = torch.view(self.product_input(dkv, torch.slice(p[2], 0, c, 3 * c)), [b, n, c])
    dh1 = self.product_input(dq, torch.slice(p[2], 0, 0, c))
    dx, dw_norm1, db_norm1 = self.normed_backward(torch.scatter_add_(dh, 1, at, torch.unsqueeze(dh1, 1)), x[0], m1, r1, p[0], p[1])
    none = torch.zeros([0], dtype=6, device=ops.prim.device(dx))
    own = [torch.scatter_add_(dx, 1, at, torch.unsqueeze(e, 1)), none, dw_norm1, db_norm1, dw_qkv, db_qkv, dw_output, db_output]
    return torch.add(torch.add(own, torch.slice(mlp, 1, 7)), torch.add(of_factors, torch.slice(mlp, 7)))
