# T5: RMS norms before attention and MLP, no biases in linears, scores of attention without 1 / sqrt(d) and with a bias for the distance
# of two tokens. b rows, n tokens, m tokens that are looked at, c hidden size, h heads, d head width, f MLP width, u buckets.
#
#   p        norm [c], query, key, value [hd,c], output [c,hd]; in a decoder the same again for what the encoder read; then norm [c],
#            where it is `gated` gate [f,c], up [f,c], down [c,f]; the gate's GELU is `exact` or has its tanh form
#   x        [tokens [b,n,c], distances [1 or b,h,n,n]]; in a decoder also what the encoder gave [b,m,c], and what of it is not there,
#            additive [b,1,1,m], or empty where all is

  # The bucket of each distance between the n tokens from `at` on and m tokens. `both`: what follows has half of the `buckets`, else it
  # is in the first. Half of each way's hold one distance; the others are as wide as logarithms up to `span` say. `like`: any tensor
  # of the device. -> int64 [n,m]
  def t5_buckets(self, like: Tensor, at: int, n: int, m: int, buckets: int, span: float, both: bool) -> Tensor:
    rows = torch.view(torch.arange(at, at + n, dtype=4, device=ops.prim.device(like)), [n, 1])
    ahead = torch.sub(torch.view(torch.arange(0, m, dtype=4, device=ops.prim.device(like)), [1, m]), rows)
    if both:
      each = buckets // 2
      side = torch.mul(torch.to(torch.gt(ahead, 0), 4), each)
      far = torch.abs(ahead)
    else:
      each = buckets
      side = torch.zeros_like(ahead)
      far = torch.neg(torch.clamp_max(ahead, 0))
    near = each // 2
    steps = torch.mul(torch.div(torch.log(torch.div(torch.to(far, 6), near)), span), each - near)
    wide = torch.clamp_max(torch.add(torch.to(torch.clamp_min(steps, 0), 4), near), each - 1)
    return torch.add(side, torch.where(torch.lt(far, near), far, wide))

  # What is added to the scores of attention. x: what is not there, additive [b,1,1,m], or empty; p: biases [u,h] -> fp32 [1 or b,h,n,m]
  def t5_distances(self, x: List[Tensor], p: List[Tensor], at: int, n: int, m: int, span: float, both: bool) -> List[Tensor]:
    places = self.t5_buckets(p[0], at, n, m, torch.size(p[0], 0), span, both)
    y = torch.unsqueeze(torch.permute(torch.to(torch.embedding(p[0], places), 6), [2, 0, 1]), 0)
    if torch.__not__(both):
      rows = torch.view(torch.arange(at, at + n, dtype=4, device=ops.prim.device(y)), [n, 1])
      columns = torch.view(torch.arange(0, m, dtype=4, device=ops.prim.device(y)), [1, m])
      y = torch.masked_fill(y, torch.gt(columns, rows), -1e30)
    if self.has(x, 0):
      y = torch.add(y, x[0])
    return [y]

  # p: norm; what it gives is multiplied by `factor`.
  def t5_norm(self, x: List[Tensor], p: List[Tensor], factor: float, eps: float) -> List[Tensor]:
    y = self.rms_normed(x[0], p[0], eps)
    return [y if torch.eq(factor, 1.) else torch.mul(y, factor)]

  # [b n,hd] -> [b,h,n,d]
  def t5_heads(self, x: Tensor, b: int, heads: int) -> Tensor:
    return torch.transpose(torch.view(x, [b, -1, heads, torch.size(x, 1) // heads]), 1, 2)

  # q, k, v [b,h,.,d] -> [b n,hd]. added: additive or an empty list; `learned`: a gradient goes into it.
  def t5_attention(self, q: Tensor, k: Tensor, v: Tensor, added: List[Tensor], learned: bool) -> Tensor:
    b, h, n, d = torch.size(q)
    if torch.__not__(self.has(added, 0)):
      a = torch.scaled_dot_product_attention(q, k, v, None, 0., False, scale=1.)
    else:
      if learned:
        s = torch.softmax(torch.add(torch.to(torch.matmul(q, torch.transpose(k, 2, 3)), 6), added[0]), -1)
        a = torch.matmul(torch.to(s, ops.prim.dtype(v)), v)
      else:
        a = torch.scaled_dot_product_attention(q, k, v, torch.to(added[0], ops.prim.dtype(q)), 0., False, scale=1.)
    return torch.reshape(torch.transpose(a, 1, 2), [b * n, h * d])

  # x + attention of x to y (both [.,c], normed as needed); p from `place` on: norm, query, key, value, output
  def t5_attending(self, x: Tensor, y: Tensor, p: List[Tensor], place: int, b: int, heads: int, added: List[Tensor], learned: bool, eps: float) -> Tensor:
    h = self.rms_normed(x, p[place], eps)
    source = h if torch.eq(place, 0) else y
    q = self.t5_heads(self.times_graph(h, p[place + 1]), b, heads)
    k = self.t5_heads(self.times_graph(source, p[place + 2]), b, heads)
    v = self.t5_heads(self.times_graph(source, p[place + 3]), b, heads)
    return torch.add(x, self.times_graph(self.t5_attention(q, k, v, added, learned), p[place + 4]))

  def t5_gate(self, gate: Tensor, exact: bool) -> Tensor:
    return torch.gelu(gate, approximate="none" if exact else "tanh")

  # Differentiated by autograd: any device, any choice of what is trained.
  def t5_block(self, x: List[Tensor], p: List[Tensor], heads: int, gated: bool, exact: bool, learned: bool, eps: float) -> List[Tensor]:
    b, n, c = torch.size(x[0])
    y = torch.reshape(x[0], [b * n, c])
    y = self.t5_attending(y, y, p, 0, b, heads, torch.slice(x, 1, 2), learned, eps)
    at = 5
    if torch.gt(torch.len(x), 2):
      y = self.t5_attending(y, torch.reshape(x[2], [-1, c]), p, 5, b, heads, torch.slice(x, 3, 4), False, eps)
      at = 10
    h = self.rms_normed(y, p[at], eps)
    if gated:
      g = torch.mul(self.t5_gate(self.times_graph(h, p[at + 1]), exact), self.times_graph(h, p[at + 2]))
      y = torch.add(y, self.times_graph(g, p[at + 3]))
    else:
      y = torch.add(y, self.times_graph(torch.relu(self.times_graph(h, p[at + 1])), p[at + 2]))
    return [torch.view(y, [b, n, c])]

  # Keys and values of what the encoder gave [b,m,c] for each layer; p: each layer's matrices for both -> [b,h,m,d] each
  def t5_read(self, states: Tensor, p: List[Tensor], heads: int) -> List[Tensor]:
    b, m, c = torch.size(states)
    y = torch.reshape(states, [b * m, c])
    out = annotate(List[Tensor], [])
    for w in p:
      _0 = torch.append(out, torch.contiguous(self.t5_heads(self.times(y, w), b, heads)))
    return out

  # One layer of a decoder for n tokens behind `at` others; y [b n,c], p of this layer alone
  def t5_remembering(self, y: Tensor, b: int, p: List[Tensor], keys: Tensor, values: Tensor, read_keys: Tensor, read_values: Tensor, distances: Tensor, hidden: List[Tensor], at: int, gated: bool, exact: bool, eps: float) -> Tensor:
    heads = torch.size(keys, 1)
    n = torch.size(y, 0) // b
    h = self.rms_normed(y, p[0], eps)
    _0 = self.remember(keys, at, self.t5_heads(self.times(h, p[2]), b, heads))
    _1 = self.remember(values, at, self.t5_heads(self.times(h, p[3]), b, heads))
    q = self.t5_heads(self.times(h, p[1]), b, heads)
    a = self.t5_attention(q, torch.narrow(keys, 2, 0, at + n), torch.narrow(values, 2, 0, at + n), [distances], False)
    y1 = self.times_added(a, p[4], y)
    q1 = self.t5_heads(self.times(self.rms_normed(y1, p[5], eps), p[6]), b, heads)
    y2 = self.times_added(self.t5_attention(q1, read_keys, read_values, hidden, False), p[9], y1)
    h2 = self.rms_normed(y2, p[10], eps)
    if gated:
      g = torch.mul_(self.t5_gate(self.times(h2, p[11]), exact), self.times(h2, p[12]))
      out = self.times_added(g, p[13], y2)
    else:
      out = self.times_added(torch.relu_(self.times(h2, p[11])), p[12], y2)
    return out

  # All layers for n tokens [b,n,c] behind `at` others. p: biases of distances, then every layer's weights; memory: keys and values
  # [b,h,max,d] of each layer, read: those of what the encoder read [b,h,m,d]; hidden: what of that is not there, or an empty list
  # -> the last tokens' hidden states [b,c]
  def t5_step(self, tokens: Tensor, p: List[Tensor], memory: List[Tensor], read: List[Tensor], hidden: List[Tensor], at: int, span: float, gated: bool, exact: bool, eps: float) -> Tensor:
    b, n, c = torch.size(tokens)
    y = torch.reshape(tokens, [b * n, c])
    distances = self.t5_distances([], [p[0]], at, n, at + n, span, False)
    each = 14 if gated else 13
    for i in range(torch.len(memory) // 2):
      layer = torch.slice(p, 1 + each * i, 1 + each * i + each)
      y = self.t5_remembering(y, b, layer, memory[2 * i], memory[2 * i + 1], read[2 * i], read[2 * i + 1], distances[0], hidden, at, gated, exact, eps)
    return torch.select(torch.view(y, [b, n, c]), 1, n - 1)
