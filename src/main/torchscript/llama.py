# Decoders of LLaMA's kind: RMS norms before attention and MLP, rotary positions, key and value heads shared by groups of heads,
# SwiGLU. b rows, n tokens, c hidden size, h heads, g key and value heads, d head width, f MLP width; m = b n.
#
#   p        norm [c], query [hd,c], key [gd,c], value [gd,c], output [c,hd], norm [c], gate [f,c], up [f,c], down [c,f]; where the
#            model has them (`biased`) the biases of query, key and value; then adapters (linears.py)
#   x        [tokens [b,n,c], cos, sin [1 or b,n,1,d], mask]; sin is negative in its first half, so that a rotation is
#            x cos + roll(x) sin. mask: additive fp32 [1 or b,1,n,n], or empty where tokens see all before them. Behind it, where
#            adapters have dropout, the packed bits of inputs that are left out, uint8 [b,n,w], in the order of the pairs
#   segments lengths of the rows that one row is made of, each of which sees itself alone (b = 1, no mask); empty where there are none

  def rotated(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    y = torch.addcmul(torch.mul(x, cos), torch.roll(x, [torch.size(x, -1) // 2], [-1]), sin)
    return torch.to(y, ops.prim.dtype(x))

  # k or v [b,g,n,d] -> [b,h,n,d]
  def shared_by(self, k: Tensor, heads: int) -> Tensor:
    b, g, n, d = torch.size(k)
    out = k
    if torch.lt(g, heads):
      out = torch.reshape(torch.expand(torch.unsqueeze(k, 2), [b, g, heads // g, n, d]), [b, heads, n, d])
    return out

  def first_adapter(self, biased: bool) -> int:
    return 12 if biased else 9

  def biased_by(self, y: Tensor, p: List[Tensor], biased: bool, place: int) -> Tensor:
    return torch.add_(y, p[place]) if biased else y

  # Differentiated by autograd: any device, any type, any choice of what is trained.
  def llama_block(self, x: List[Tensor], p: List[Tensor], heads: int, groups: int, biased: bool, adapters: List[int], scales: List[float], trained: bool, eps: float, segments: List[int]) -> List[Tensor]:
    b, n, c = torch.size(x[0])
    d = torch.size(x[1], -1)
    at = self.first_adapter(biased)
    s = self.pair_inputs(x, 4, p, adapters, at)
    x1 = torch.reshape(x[0], [b * n, c])
    h = self.rms_normed(x1, p[0], eps)
    q = self.linear_graph(h, p[1], p, adapters, scales, s, at, 0)
    k = self.linear_graph(h, p[2], p, adapters, scales, s, at, 1)
    v = self.linear_graph(h, p[3], p, adapters, scales, s, at, 2)
    if biased:
      q = torch.to(torch.add(q, p[9]), ops.prim.dtype(x1))
      k = torch.to(torch.add(k, p[10]), ops.prim.dtype(x1))
      v = torch.to(torch.add(v, p[11]), ops.prim.dtype(x1))
    q1 = torch.transpose(self.rotated(torch.view(q, [b, n, heads, d]), x[1], x[2]), 1, 2)
    k1 = torch.transpose(self.rotated(torch.view(k, [b, n, groups, d]), x[1], x[2]), 1, 2)
    v1 = torch.transpose(torch.view(v, [b, n, groups, d]), 1, 2)
    a = self.causal_graph(torch.slice(x, 3, 4), segments, q1, k1, v1)
    a1 = torch.reshape(torch.transpose(a, 1, 2), [b * n, heads * d])
    x0 = torch.add(x1, self.linear_graph(a1, p[4], p, adapters, scales, s, at, 3))
    h0 = self.rms_normed(x0, p[5], eps)
    g = torch.mul(torch.silu(self.linear_graph(h0, p[6], p, adapters, scales, s, at, 4)), self.linear_graph(h0, p[7], p, adapters, scales, s, at, 5))
    y = torch.add(x0, self.linear_graph(g, p[8], p, adapters, scales, s, at, 6))
    return [torch.view(y, [b, n, c])]

  # The same block with its own backward, on a CPU and for fp32 activations: its weights all trained or all frozen. It keeps
  # h d + 2 g d + h d + c + 2 f floats per token; norms and products of pairs are computed again.
  def llama_lean(self, x: List[Tensor], p: List[Tensor], heads: int, groups: int, biased: bool, adapters: List[int], scales: List[float], trained: bool, eps: float, segments: List[int]) -> List[Tensor]:
    b, n, c = torch.size(x[0])
    d = torch.size(x[1], -1)
    at = self.first_adapter(biased)
    s = self.pair_inputs(x, 4, p, adapters, at)
    x1 = torch.reshape(x[0], [b * n, c])
    h = self.rms_normed(x1, p[0], eps)
    q = self.biased_by(self.linear_adapted(h, p[1], p, adapters, scales, s, at, 0), p, biased, 9)
    k = self.biased_by(self.linear_adapted(h, p[2], p, adapters, scales, s, at, 1), p, biased, 10)
    v = self.biased_by(self.linear_adapted(h, p[3], p, adapters, scales, s, at, 2), p, biased, 11)
    q1 = torch.transpose(self.rotated(torch.view(q, [b, n, heads, d]), x[1], x[2]), 1, 2)
    k1 = torch.transpose(self.rotated(torch.view(k, [b, n, groups, d]), x[1], x[2]), 1, 2)
    v1 = torch.transpose(torch.view(v, [b, n, groups, d]), 1, 2)
    a, lse = self.causal_attention(torch.slice(x, 3, 4), segments, q1, k1, v1)
    a1 = torch.reshape(torch.transpose(a, 1, 2), [b * n, heads * d])
    x0 = self.linear_residual(x1, a1, p[4], p, adapters, scales, s, at, 3)
    h0 = self.rms_normed(x0, p[5], eps)
    gate = self.linear_adapted(h0, p[6], p, adapters, scales, s, at, 4)
    up = self.linear_adapted(h0, p[7], p, adapters, scales, s, at, 5)
    g = torch.mul_(torch.silu(gate), up)
    y = self.linear_residual(x0, g, p[8], p, adapters, scales, s, at, 6)
    return [torch.view(y, [b, n, c]), q1, k1, v1, a, lse, x0, gate, up]

  # Attention of tokens that see all before them in their row or segment, differentiated by autograd. q [b,h,n,d], k v [b,g,n,d];
  # mask: none, or an empty tensor, where tokens see all before them
  def causal_graph(self, mask: List[Tensor], segments: List[int], q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    heads = torch.size(q, 1)
    k1 = self.shared_by(k, heads)
    v1 = self.shared_by(v, heads)
    if torch.gt(torch.len(segments), 0):
      parts = annotate(List[Tensor], [])
      at = 0
      for m in segments:
        each = torch.scaled_dot_product_attention(torch.narrow(q, 2, at, m), torch.narrow(k1, 2, at, m), torch.narrow(v1, 2, at, m), None, 0., True)
        _0 = torch.append(parts, each)
        at = at + m
      a = torch.cat(parts, 2)
    elif self.has(mask, 0):
      a = torch.scaled_dot_product_attention(q, k1, v1, torch.to(mask[0], ops.prim.dtype(q)), 0., False)
    else:
      a = torch.scaled_dot_product_attention(q, k1, v1, None, 0., True)
    return a

  # The same for an own backward: attention [b,h,n,d] and the logarithms of its sums [b,h,n].
  def causal_attention(self, mask: List[Tensor], segments: List[int], q: Tensor, k: Tensor, v: Tensor) -> Tuple[Tensor, Tensor]:
    heads = torch.size(q, 1)
    if torch.gt(torch.len(segments), 0):
      a = torch.empty_like(q)
      sums = annotate(List[Tensor], [])
      at = 0
      for m in segments:
        k0 = self.shared_by(torch.narrow(k, 2, at, m), heads)
        v0 = self.shared_by(torch.narrow(v, 2, at, m), heads)
        each, sum = torch._scaled_dot_product_flash_attention_for_cpu(torch.narrow(q, 2, at, m), k0, v0, 0., True)
        _0 = torch.copy_(torch.narrow(a, 2, at, m), each)
        _1 = torch.append(sums, sum)
        at = at + m
      lse = torch.cat(sums, 2)
    elif self.has(mask, 0):
      a, lse = torch._scaled_dot_product_flash_attention_for_cpu(q, self.shared_by(k, heads), self.shared_by(v, heads), 0., False, attn_mask=mask[0])
    else:
      a, lse = torch._scaled_dot_product_flash_attention_for_cpu(q, self.shared_by(k, heads), self.shared_by(v, heads), 0., True)
    return (a, lse)

  # The gradient of attention's q, k and v from that of its result, where nothing is packed.
  def row_attention_backward(self, da: Tensor, mask: List[Tensor], q: Tensor, k: Tensor, v: Tensor, a: Tensor, lse: Tensor) -> Tuple[Tensor, Tensor, Tensor]:
    b, heads, n, d = torch.size(q)
    groups = torch.size(k, 1)
    k1 = self.shared_by(k, heads)
    v1 = self.shared_by(v, heads)
    if self.has(mask, 0):
      dq, dk, dv = torch._scaled_dot_product_flash_attention_for_cpu_backward(da, q, k1, v1, a, lse, 0., False, attn_mask=mask[0])
    else:
      dq, dk, dv = torch._scaled_dot_product_flash_attention_for_cpu_backward(da, q, k1, v1, a, lse, 0., True)
    if torch.lt(groups, heads):
      dk = torch.sum(torch.view(torch.contiguous(dk), [b, groups, heads // groups, n, d]), [2])
      dv = torch.sum(torch.view(torch.contiguous(dv), [b, groups, heads // groups, n, d]), [2])
    return (dq, dk, dv)

  # The gradient of attention's q, k and v from that of its result.
  def causal_attention_backward(self, da: Tensor, mask: List[Tensor], segments: List[int], q: Tensor, k: Tensor, v: Tensor, a: Tensor, lse: Tensor) -> Tuple[Tensor, Tensor, Tensor]:
    if torch.gt(torch.len(segments), 0):
      dq = torch.empty_like(q)
      dk = torch.empty_like(k)
      dv = torch.empty_like(v)
      at = 0
      for m in segments:
        q0, k0, v0 = self.row_attention_backward(torch.narrow(da, 2, at, m), [], torch.narrow(q, 2, at, m), torch.narrow(k, 2, at, m), torch.narrow(v, 2, at, m), torch.narrow(a, 2, at, m), torch.narrow(lse, 2, at, m))
        _0 = torch.copy_(torch.narrow(dq, 2, at, m), q0)
        _1 = torch.copy_(torch.narrow(dk, 2, at, m), k0)
        _2 = torch.copy_(torch.narrow(dv, 2, at, m), v0)
        at = at + m
    else:
      dq, dk, dv = self.row_attention_backward(da, mask, q, k, v, a, lse)
    return (dq, dk, dv)

  # -> gradients of x (none but the tokens'), then of p in order; empty where a weight is frozen
  def llama_lean_backward(self, gy: List[Tensor], x: List[Tensor], p: List[Tensor], saved: List[Tensor], heads: int, groups: int, biased: bool, adapters: List[int], scales: List[float], trained: bool, eps: float, segments: List[int]) -> List[Tensor]:
    q, k, v, a, lse, x0, gate, up = saved
    b, n, c = torch.size(x[0])
    d = torch.size(x[1], -1)
    at = self.first_adapter(biased)
    stays = self.pair_inputs(x, 4, p, adapters, at)
    back = torch.neg(x[2])
    none = torch.slice(torch.view(x0, [-1]), 0, 0, 0)
    grads = [none for _ in range(torch.len(p))]
    e = torch.reshape(gy[0], [b * n, c])
    learns = self.learns(adapters, trained)
    s = torch.silu(gate)
    g = torch.mul(s, up) if learns else up
    df = self.linear_backward(grads, [], e, g, 8, p, adapters, scales, stays, at, 6, trained)
    dup = torch.mul_(s, df)
    dgate = torch.silu_backward(torch.mul_(df, up), gate)
    h0 = self.rms_normed(x0, p[5], eps) if learns else x0
    dh0 = self.linear_backward(grads, [], dgate, h0, 6, p, adapters, scales, stays, at, 4, trained)
    dh0 = self.linear_backward(grads, [dh0], dup, h0, 7, p, adapters, scales, stays, at, 5, trained)
    dx0 = torch.add_(self.rms_backward(grads, 5, dh0, x0, p[5], trained, eps), e)
    a1 = torch.reshape(torch.transpose(a, 1, 2), [b * n, heads * d]) if learns else x0
    da = torch.transpose(torch.view(self.linear_backward(grads, [], dx0, a1, 4, p, adapters, scales, stays, at, 3, trained), [b, n, heads, d]), 1, 2)
    dq, dk, dv = self.causal_attention_backward(da, torch.slice(x, 3, 4), segments, q, k, v, a, lse)
    dq1 = torch.reshape(self.rotated(torch.transpose(dq, 1, 2), x[1], back), [b * n, heads * d])
    dk1 = torch.reshape(self.rotated(torch.transpose(dk, 1, 2), x[1], back), [b * n, groups * d])
    dv1 = torch.reshape(torch.transpose(dv, 1, 2), [b * n, groups * d])
    if torch.__and__(biased, trained):
      _0 = torch._set_item(grads, 9, torch.sum(dq1, [0]))
      _1 = torch._set_item(grads, 10, torch.sum(dk1, [0]))
      _2 = torch._set_item(grads, 11, torch.sum(dv1, [0]))
    x1 = torch.reshape(x[0], [b * n, c])
    h = self.rms_normed(x1, p[0], eps) if learns else x0
    dh = self.linear_backward(grads, [], dq1, h, 1, p, adapters, scales, stays, at, 0, trained)
    dh = self.linear_backward(grads, [dh], dk1, h, 2, p, adapters, scales, stays, at, 1, trained)
    dh = self.linear_backward(grads, [dh], dv1, h, 3, p, adapters, scales, stays, at, 2, trained)
    dx = torch.view(torch.add_(self.rms_backward(grads, 0, dh, x1, p[0], trained, eps), dx0), [b, n, c])
    beside = [none for _ in range(torch.len(x) - 1)]
    return torch.add(torch.add([dx], beside), grads)
