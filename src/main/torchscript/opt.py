# Decoders of OPT's kind: layer norms before attention and MLP, ReLU, biases. b rows, n tokens, c hidden size, h heads, f MLP width.
#
#   p        norm w b [c], query, key, value, output [c,c], norm w b [c], up [f,c], down [c,f], biases of query, key, value, output,
#            up and down; then adapters (linears.py)
#   x        [tokens with their positions [b,n,c], mask]; mask: additive fp32 [1 or b,1,n,n], or empty where tokens see all before
#            them. Behind it, where adapters have dropout, the packed bits of inputs that are left out
#   segments lengths of the rows that one row is made of, each of which sees itself alone (b = 1, no mask); empty where there are none

  # x: tokens [b,n,c], places in the table int64 [1 or b,n]; p: table of positions
  def positioned(self, x: List[Tensor], p: List[Tensor]) -> List[Tensor]:
    return [torch.add(x[0], torch.to(torch.embedding(p[0], x[1]), ops.prim.dtype(x[0])))]

  # p: norm w b
  def layer_norm_of(self, x: List[Tensor], p: List[Tensor], eps: float) -> List[Tensor]:
    return [self.normed(x[0], p[0], p[1], eps)]

  # The linear i of x with its bias by autograd, in x's type.
  def opt_linear(self, x: Tensor, p: List[Tensor], weight: int, bias: int, adapters: List[int], scales: List[float], stays: List[Tensor], i: int) -> Tensor:
    y = self.linear_graph(x, p[weight], p, adapters, scales, stays, 16, i)
    return torch.to(torch.add(y, p[bias]), ops.prim.dtype(x))

  # The same where no graph is.
  def opt_linear_plain(self, x: Tensor, p: List[Tensor], weight: int, bias: int, adapters: List[int], scales: List[float], stays: List[Tensor], i: int) -> Tensor:
    return torch.add_(self.linear_adapted(x, p[weight], p, adapters, scales, stays, 16, i), p[bias])

  # [b n,c] -> [b,h,n,c/h]
  def opt_heads(self, x: Tensor, b: int, heads: int) -> Tensor:
    return torch.transpose(torch.view(x, [b, -1, heads, torch.size(x, 1) // heads]), 1, 2)

  # Differentiated by autograd: any device, any type, any choice of what is trained.
  def opt_block(self, x: List[Tensor], p: List[Tensor], heads: int, adapters: List[int], scales: List[float], trained: bool, eps: float, segments: List[int]) -> List[Tensor]:
    b, n, c = torch.size(x[0])
    s = self.pair_inputs(x, 2, p, adapters, 16)
    x1 = torch.reshape(x[0], [b * n, c])
    h = self.normed(x1, p[0], p[1], eps)
    q = self.opt_heads(self.opt_linear(h, p, 2, 10, adapters, scales, s, 0), b, heads)
    k = self.opt_heads(self.opt_linear(h, p, 3, 11, adapters, scales, s, 1), b, heads)
    v = self.opt_heads(self.opt_linear(h, p, 4, 12, adapters, scales, s, 2), b, heads)
    a = self.causal_graph(torch.slice(x, 1, 2), segments, q, k, v)
    a1 = torch.reshape(torch.transpose(a, 1, 2), [b * n, c])
    x0 = torch.add(x1, self.opt_linear(a1, p, 5, 13, adapters, scales, s, 3))
    f = torch.relu(self.opt_linear(self.normed(x0, p[6], p[7], eps), p, 8, 14, adapters, scales, s, 4))
    return [torch.view(torch.add(x0, self.opt_linear(f, p, 9, 15, adapters, scales, s, 5)), [b, n, c])]

  # The same block with its own backward, on a CPU and for fp32 activations: its weights all trained or all frozen. It keeps
  # 5 c + f floats per token, of frozen blocks 5 c floats and f bytes: there which of ReLU's are above zero is all that is asked for.
  # Norms and products of pairs are computed again.
  def opt_lean(self, x: List[Tensor], p: List[Tensor], heads: int, adapters: List[int], scales: List[float], trained: bool, eps: float, segments: List[int]) -> List[Tensor]:
    b, n, c = torch.size(x[0])
    s = self.pair_inputs(x, 2, p, adapters, 16)
    x1 = torch.reshape(x[0], [b * n, c])
    h1, m1, r1 = self.normed_keeping(x[0], p[0], p[1], eps)
    h = torch.reshape(h1, [b * n, c])
    q = self.opt_heads(self.opt_linear_plain(h, p, 2, 10, adapters, scales, s, 0), b, heads)
    k = self.opt_heads(self.opt_linear_plain(h, p, 3, 11, adapters, scales, s, 1), b, heads)
    v = self.opt_heads(self.opt_linear_plain(h, p, 4, 12, adapters, scales, s, 2), b, heads)
    a, lse = self.causal_attention(torch.slice(x, 1, 2), segments, q, k, v)
    a1 = torch.reshape(torch.transpose(a, 1, 2), [b * n, c])
    x0 = torch.add_(self.linear_residual(x1, a1, p[5], p, adapters, scales, s, 16, 3), p[13])
    h2, m2, r2 = self.normed_keeping(torch.view(x0, [b, n, c]), p[6], p[7], eps)
    f = torch.relu_(self.opt_linear_plain(torch.view(h2, [b * n, c]), p, 8, 14, adapters, scales, s, 4))
    y = torch.add_(self.linear_residual(x0, f, p[9], p, adapters, scales, s, 16, 5), p[15])
    kept = f if self.learns(adapters, trained) else torch.gt(f, 0)
    return [torch.view(y, [b, n, c]), q, k, v, a, lse, x0, kept, m1, r1, m2, r2]

  # The gradient of a norm's x from that of what it gave [b n,c], both; where it is trained puts those of its w and b into `grads`.
  def opt_norm_backward(self, grads: List[Tensor], place: int, d: Tensor, x: Tensor, mean: Tensor, deviation: Tensor, p: List[Tensor], trained: bool) -> Tensor:
    d1 = torch.view(d, torch.size(x))
    if trained:
      dx, dw, db = self.normed_backward(d1, x, mean, deviation, p[place], p[place + 1])
      _0 = torch._set_item(grads, place, dw)
      _1 = torch._set_item(grads, place + 1, db)
    else:
      dx = self.normed_input(d1, x, mean, deviation, p[place], p[place + 1])
    return torch.view(dx, [-1, torch.size(x, -1)])

  # That of linear i's x; where the linear is trained puts that of its bias into `grads`.
  def opt_linear_backward(self, grads: List[Tensor], dx: List[Tensor], d: Tensor, x: Tensor, weight: int, bias: int, p: List[Tensor], adapters: List[int], scales: List[float], stays: List[Tensor], i: int, trained: bool) -> Tensor:
    if trained:
      _0 = torch._set_item(grads, bias, torch.sum(d, [0]))
    return self.linear_backward(grads, dx, d, x, weight, p, adapters, scales, stays, 16, i, trained)

  # -> gradients of x (none but the tokens'), then of p in order; empty where a weight is frozen
  def opt_lean_backward(self, gy: List[Tensor], x: List[Tensor], p: List[Tensor], saved: List[Tensor], heads: int, adapters: List[int], scales: List[float], trained: bool, eps: float, segments: List[int]) -> List[Tensor]:
    q, k, v, a, lse, x0, f, m1, r1, m2, r2 = saved
    b, n, c = torch.size(x[0])
    s = self.pair_inputs(x, 2, p, adapters, 16)
    none = torch.slice(torch.view(x0, [-1]), 0, 0, 0)
    grads = [none for _ in range(torch.len(p))]
    e = torch.reshape(gy[0], [b * n, c])
    learns = self.learns(adapters, trained)
    df = self.opt_linear_backward(grads, [], e, f, 9, 15, p, adapters, scales, s, 5, trained)
    df = torch.threshold_backward(df, f, 0) if learns else torch.mul_(df, f)
    h0 = self.normed(x0, p[6], p[7], eps) if learns else x0
    dh2 = self.opt_linear_backward(grads, [], df, h0, 8, 14, p, adapters, scales, s, 4, trained)
    dx0 = torch.add(self.opt_norm_backward(grads, 6, dh2, torch.view(x0, [b, n, c]), m2, r2, p, trained), e)
    a1 = torch.reshape(torch.transpose(a, 1, 2), [b * n, c]) if learns else x0
    da = self.opt_heads(self.opt_linear_backward(grads, [], dx0, a1, 5, 13, p, adapters, scales, s, 3, trained), b, heads)
    dq, dk, dv = self.causal_attention_backward(da, torch.slice(x, 1, 2), segments, q, k, v, a, lse)
    h = self.normed(torch.reshape(x[0], [b * n, c]), p[0], p[1], eps) if learns else x0
    dh = self.opt_linear_backward(grads, [], torch.reshape(torch.transpose(dq, 1, 2), [b * n, c]), h, 2, 10, p, adapters, scales, s, 0, trained)
    dh = self.opt_linear_backward(grads, [dh], torch.reshape(torch.transpose(dk, 1, 2), [b * n, c]), h, 3, 11, p, adapters, scales, s, 1, trained)
    dh = self.opt_linear_backward(grads, [dh], torch.reshape(torch.transpose(dv, 1, 2), [b * n, c]), h, 4, 12, p, adapters, scales, s, 2, trained)
    dx = torch.add(self.opt_norm_backward(grads, 0, dh, x[0], m1, r1, p, trained), dx0)
    beside = [none for _ in range(torch.len(x) - 1)]
    return torch.add(torch.add([torch.view(dx, [b, n, c])], beside), grads)

  # One layer over what is remembered; x [b n,c], p of this layer alone
  def opt_remembering(self, x: Tensor, b: int, p: List[Tensor], keys: Tensor, values: Tensor, mask: List[Tensor], at: int, heads: int, adapters: List[int], scales: List[float], eps: float) -> Tensor:
    c = torch.size(x, 1)
    h = self.normed(x, p[0], p[1], eps)
    q = torch.view(self.opt_linear_plain(h, p, 2, 10, adapters, scales, [], 0), [b, -1, heads, c // heads])
    _0 = self.remember(keys, at, self.opt_heads(self.opt_linear_plain(h, p, 3, 11, adapters, scales, [], 1), b, heads))
    _1 = self.remember(values, at, self.opt_heads(self.opt_linear_plain(h, p, 4, 12, adapters, scales, [], 2), b, heads))
    a = self.remembered_attention(q, keys, values, at, 0, mask)
    x0 = torch.add_(self.linear_residual(x, a, p[5], p, adapters, scales, [], 16, 3), p[13])
    f = torch.relu_(self.opt_linear_plain(self.normed(x0, p[6], p[7], eps), p, 8, 14, adapters, scales, [], 4))
    return torch.add_(self.linear_residual(x0, f, p[9], p, adapters, scales, [], 16, 5), p[15])

  # All layers for n tokens behind `at` others. x: tokens with their positions [b,n,c], mask or nothing; p: every layer's weights one
  # after the other, `counts` of them; memory: keys and values [b,h,max,c/h] of each layer -> the last tokens' hidden states [b,c]
  def opt_step(self, x: List[Tensor], p: List[Tensor], memory: List[Tensor], counts: List[int], at: int, heads: int, adapters: List[int], scales: List[float], eps: float) -> Tensor:
    b, n, c = torch.size(x[0])
    y = torch.reshape(x[0], [b * n, c])
    start = 0
    for i in range(torch.len(counts)):
      end = start + counts[i]
      kinds = torch.slice(adapters, 6 * i, 6 * i + 6)
      factors = torch.slice(scales, 6 * i, 6 * i + 6)
      y = self.opt_remembering(y, b, torch.slice(p, start, end), memory[2 * i], memory[2 * i + 1], torch.slice(x, 1), at, heads, kinds, factors, eps)
      start = end
    return torch.select(torch.view(y, [b, n, c]), 1, n - 1)
