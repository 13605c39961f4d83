# What language models share outside their blocks: tokens in, rows out, the loss, and attention over what is remembered. v vocabulary,
# s rows that are asked for.

  # x: ids int64 [b,n]; p: table [v,c] -> [b,n,c], fp32 where `wide`, else in the table's type. Its own backward sums over equal ids.
  def token_embedding(self, x: List[Tensor], p: List[Tensor], wide: bool) -> List[Tensor]:
    y = torch.embedding(p[0], x[0])
    return [torch.to(y, 6) if wide else y]

  def token_embedding_backward(self, gy: List[Tensor], x: List[Tensor], p: List[Tensor], saved: List[Tensor], wide: bool) -> List[Tensor]:
    v, c = torch.size(p[0])
    sums = torch.zeros([v, c], dtype=6, device=ops.prim.device(gy[0]))
    d = torch.to(torch.reshape(gy[0], [-1, c]), 6)
    return [torch.slice(torch.view(sums, [-1]), 0, 0, 0), torch.index_add_(sums, 0, torch.reshape(x[0], [-1]), d)]

  # Some tokens of all rows. x: tokens [b,n,c], places int64 [s] among all b n -> [s,c]
  def rows_at(self, x: List[Tensor], p: List[Tensor]) -> List[Tensor]:
    return [torch.index_select(torch.reshape(x[0], [-1, torch.size(x[0], -1)]), 0, x[1])]

  def rms_norm(self, x: List[Tensor], p: List[Tensor], eps: float) -> List[Tensor]:
    return [self.rms_normed(x[0], p[0], eps)]

  # x: rows [s,c]; p: head [v,c] -> logits [s,v], fp32
  def token_logits(self, x: List[Tensor], p: List[Tensor]) -> List[Tensor]:
    return [torch.to(self.times(x[0], p[0]), 6)]

  # One chunk of what follows, in a frame of its own: whatever small thing it made is gone before the next chunk's logits need their
  # room again. -> the sum so far
  def cross_entropy_chunk(self, x: List[Tensor], head: Tensor, dx: Tensor, dw: Tensor, total: Tensor, buffer: Tensor, start: int, end: int, share: float, wanted: bool, trained: bool) -> Tensor:
    h = torch.slice(x[0], 0, start, end)
    t = torch.unsqueeze(torch.slice(x[1], 0, start, end), 1)
    logp = torch._log_softmax(torch.to(self.times(h, head), 6), 1, False, out=torch.slice(buffer, 0, 0, torch.size(h, 0)))
    _0 = torch.sub_(total, torch.sum(torch.gather(logp, 1, t)))
    if wanted:
      g = torch.exp_(logp)
      _1 = torch.scatter_add_(g, 1, t, torch.full_like(torch.slice(g, 1, 0, 1), -1.))
      _2 = torch.copy_(torch.slice(dx, 0, start, end), self.times_input(torch.to(g, ops.prim.dtype(h)), head))
      if trained:
        _3 = torch.addmm_(dw, torch.t(g), torch.to(h, 6), beta=1, alpha=share)
    return total

  # The summed cross entropy of rows, divided by `weight`, in chunks of rows so that never more than a chunk's logits are there.
  # x: rows [s,c], targets int64 [s]; p: head [v,c] -> loss []; where gradients are wanted they are computed on the way: those of the
  # rows, and where it is trained of the head.
  def linear_cross_entropy(self, x: List[Tensor], p: List[Tensor], chunk: int, weight: float, wanted: bool, trained: bool) -> List[Tensor]:
    s, c = torch.size(x[0])
    share = 1.0 / weight
    total = torch.zeros([], dtype=6, device=ops.prim.device(x[0]))
    empty = torch.slice(torch.view(x[0], [-1]), 0, 0, 0)
    dx = torch.empty_like(x[0]) if wanted else empty
    dw = torch.zeros_like(p[0], dtype=6) if trained else empty
    buffer = torch.zeros([chunk if torch.lt(chunk, s) else s, torch.size(p[0], 0)], dtype=6, device=ops.prim.device(x[0]))
    for i in range((s + chunk - 1) // chunk):
      _0 = self.cross_entropy_chunk(x, p[0], dx, dw, total, buffer, i * chunk, i * chunk + chunk, share, wanted, trained)
    loss = torch.mul(total, share)
    out = [loss]
    if wanted:
      out = [loss, torch.mul_(dx, share), dw]
    return out

  def linear_cross_entropy_backward(self, gy: List[Tensor], x: List[Tensor], p: List[Tensor], saved: List[Tensor], chunk: int, weight: float, wanted: bool, trained: bool) -> List[Tensor]:
    dx = torch.mul(saved[0], torch.to(gy[0], ops.prim.dtype(saved[0])))
    return [dx, torch.slice(torch.view(saved[0], [-1]), 0, 0, 0), torch.mul(saved[1], gy[0])]

  # The natural logarithm of each target's probability [s], in chunks; x and p as above
  def token_likelihoods(self, x: List[Tensor], p: List[Tensor], chunk: int) -> Tensor:
    s, c = torch.size(x[0])
    out = torch.zeros([s], dtype=6, device=ops.prim.device(x[0]))
    for i in range((s + chunk - 1) // chunk):
      h = torch.slice(x[0], 0, i * chunk, i * chunk + chunk)
      t = torch.unsqueeze(torch.slice(x[1], 0, i * chunk, i * chunk + chunk), 1)
      logp = torch.log_softmax(torch.to(self.times(h, p[0]), 6), 1)
      _0 = torch.copy_(torch.slice(out, 0, i * chunk, i * chunk + chunk), torch.squeeze(torch.gather(logp, 1, t), 1))
    return out

  # How far each pair of a head turns at positions int64 [k,n], at `frequencies` radians per position -> cosines and sines [k,n,1,d],
  # fp32, the sines negative in their first half (llama.py)
  def turns(self, positions: Tensor, frequencies: List[float]) -> List[Tensor]:
    speeds = torch.tensor(frequencies, dtype=6, device=ops.prim.device(positions))
    angles = torch.unsqueeze(torch.mul(torch.unsqueeze(torch.to(positions, 6), 2), speeds), 2)
    cos = torch.cos(angles)
    sin = torch.sin(angles)
    return [torch.cat([cos, cos], 3), torch.cat([torch.neg(sin), sin], 3)]

  # Which of the columns from..at+n each of the n new tokens may see: those from the row's first column `starts` int64 [k] up to its
  # own, and no further back than `window` (0: any). A token before its row's start sees itself. -> boolean [k,1,n,at+n-from]
  def seen_columns(self, starts: Tensor, at: int, n: int, first: int, window: int) -> Tensor:
    rows = torch.view(torch.arange(at, at + n, dtype=4, device=ops.prim.device(starts)), [1, 1, n, 1])
    columns = torch.view(torch.arange(first, at + n, dtype=4, device=ops.prim.device(starts)), [1, 1, 1, -1])
    seen = torch.__and__(torch.le(columns, rows), torch.ge(columns, torch.view(starts, [-1, 1, 1, 1])))
    if torch.gt(window, 0):
      seen = torch.__and__(seen, torch.gt(columns, torch.sub(rows, window)))
    return torch.__or__(seen, torch.eq(columns, rows))

  # The same of one row of several segments, each of which sees itself alone. segment: the one that each column belongs to, int64 [n]
  def seen_segments(self, segment: Tensor, window: int) -> Tensor:
    columns = torch.arange(torch.size(segment, 0), dtype=4, device=ops.prim.device(segment))
    behind = torch.sub(torch.unsqueeze(columns, 1), torch.unsqueeze(columns, 0))
    seen = torch.__and__(torch.ge(behind, 0), torch.eq(torch.unsqueeze(segment, 1), torch.unsqueeze(segment, 0)))
    seen = torch.__and__(seen, torch.lt(behind, window))
    return torch.unsqueeze(torch.unsqueeze(seen, 0), 0)

  # The same of rows in which several texts go on from one beginning: a token sees the beginning and its own text up to itself, no
  # further back than `window` positions (0: any). owner: the text of each column, 0 the beginning, position: its place behind the
  # row's first, int64 [b,n] -> boolean [b,1,n,n]
  def seen_branches(self, owner: Tensor, position: Tensor, window: int) -> Tensor:
    columns = torch.arange(torch.size(owner, 1), dtype=4, device=ops.prim.device(owner))
    before = torch.ge(torch.unsqueeze(columns, 1), torch.unsqueeze(columns, 0))
    theirs = torch.unsqueeze(owner, 1)
    seen = torch.__and__(before, torch.__or__(torch.eq(theirs, torch.unsqueeze(owner, 2)), torch.eq(theirs, 0)))
    if torch.gt(window, 0):
      behind = torch.sub(torch.unsqueeze(position, 2), torch.unsqueeze(position, 1))
      seen = torch.__and__(seen, torch.lt(behind, window))
    return torch.unsqueeze(seen, 1)

  # What is seen, as an additive mask.
  def additive_mask(self, seen: Tensor) -> Tensor:
    return torch.masked_fill(torch.zeros(torch.size(seen), dtype=6, device=ops.prim.device(seen)), torch.logical_not(seen), -1e30)

  # New keys or values [b,g,n,d] behind the `at` that are there, in place.
  def remember(self, memory: Tensor, at: int, news: Tensor) -> None:
    _0 = torch.copy_(torch.narrow(memory, 2, at, torch.size(news, 2)), news)

  # q [b,n,h,d] over the columns from..at+n of keys and values [b,g,max,d] -> [b n,h d]. One new token: the heads of a group are rows
  # of one query, so that keys are not repeated. mask: what `seen_columns` gives, or an empty list where all is seen.
  def remembered_attention(self, q: Tensor, keys: Tensor, values: Tensor, at: int, first: int, mask: List[Tensor]) -> Tensor:
    b, n, h, d = torch.size(q)
    g = torch.size(keys, 1)
    k = torch.to(torch.narrow(keys, 2, first, at + n - first), ops.prim.dtype(q))
    v = torch.to(torch.narrow(values, 2, first, at + n - first), ops.prim.dtype(q))
    if torch.eq(n, 1):
      q1 = torch.reshape(q, [b, g, h // g, d])
      if torch.gt(torch.len(mask), 0):
        a = torch.scaled_dot_product_attention(q1, k, v, mask[0], 0., False)
      else:
        a = torch.scaled_dot_product_attention(q1, k, v, None, 0., False)
      out = torch.reshape(a, [b, h * d])
    else:
      k1 = self.shared_by(k, h)
      v1 = self.shared_by(v, h)
      if torch.gt(torch.len(mask), 0):
        a = torch.scaled_dot_product_attention(torch.transpose(q, 1, 2), k1, v1, mask[0], 0., False)
      else:
        a = torch.scaled_dot_product_attention(torch.transpose(q, 1, 2), k1, v1, None, 0., True)
      out = torch.reshape(torch.transpose(a, 1, 2), [b * n, h * d])
    return out

  # x of linear i, with its adapter and bias
  def linear_beside(self, x: Tensor, p: List[Tensor], place: int, adapters: List[int], scales: List[float], biased: bool, i: int) -> Tensor:
    y = self.linear_adapted(x, p[place], p, adapters, scales, [], self.first_adapter(biased), i)
    return self.biased_by(y, p, biased, 9 + i) if torch.lt(i, 3) else y

  # One layer of LLaMA's kind over what is remembered; x [b n,c], p of this layer alone. plain: without biases or adapters, as most
  # of what is generated with is; asked for once, since calls of functions and small operations take as long as the products of a row.
  def llama_remembering(self, x: Tensor, b: int, p: List[Tensor], keys: Tensor, values: Tensor, cos: Tensor, sin: Tensor, mask: List[Tensor], at: int, first: int, heads: int, groups: int, biased: bool, plain: bool, adapters: List[int], scales: List[float], eps: float) -> Tensor:
    n = torch.size(x, 0) // b
    d = torch.size(cos, -1)
    h = self.rms_normed(x, p[0], eps)
    q = self.times(h, p[1]) if plain else self.linear_beside(h, p, 1, adapters, scales, biased, 0)
    k = self.times(h, p[2]) if plain else self.linear_beside(h, p, 2, adapters, scales, biased, 1)
    v = self.times(h, p[3]) if plain else self.linear_beside(h, p, 3, adapters, scales, biased, 2)
    _0 = self.remember(keys, at, torch.transpose(self.rotated(torch.view(k, [b, n, groups, d]), cos, sin), 1, 2))
    _1 = self.remember(values, at, torch.transpose(torch.view(v, [b, n, groups, d]), 1, 2))
    a = self.remembered_attention(self.rotated(torch.view(q, [b, n, heads, d]), cos, sin), keys, values, at, first, mask)
    x0 = self.times_added(a, p[4], x) if plain else self.linear_residual(x, a, p[4], p, adapters, scales, [], self.first_adapter(biased), 3)
    h0 = self.rms_normed(x0, p[5], eps)
    gate = self.times(h0, p[6]) if plain else self.linear_beside(h0, p, 6, adapters, scales, biased, 4)
    up = self.times(h0, p[7]) if plain else self.linear_beside(h0, p, 7, adapters, scales, biased, 5)
    f = torch.mul_(torch.silu_(gate), up)
    return self.times_added(f, p[8], x0) if plain else self.linear_residual(x0, f, p[8], p, adapters, scales, [], self.first_adapter(biased), 6)

  # Whether nothing stands beside the linears, not even scales of int8.
  def without_adapters(self, adapters: List[int]) -> bool:
    none = True
    for kind in adapters:
      none = torch.__and__(none, torch.eq(kind, 0))
    return none

  # All layers for n tokens behind `at` others. x: tokens [b,n,c], cos, sin [1 or b,n,1,d], mask or nothing; p: every layer's weights one
  # after the other, `counts` of them; memory: keys and values [b,g,max,d] of each layer -> the last tokens' hidden states [b,c]
  def llama_step(self, x: List[Tensor], p: List[Tensor], memory: List[Tensor], counts: List[int], at: int, first: int, heads: int, groups: int, biased: bool, adapters: List[int], scales: List[float], eps: float) -> Tensor:
    b, n, c = torch.size(x[0])
    y = torch.reshape(x[0], [b * n, c])
    mask = torch.slice(x, 3)
    plain = torch.__and__(torch.__not__(biased), self.without_adapters(adapters))
    start = 0
    for i in range(torch.len(counts)):
      end = start + counts[i]
      kinds = torch.slice(adapters, 7 * i, 7 * i + 7)
      factors = torch.slice(scales, 7 * i, 7 * i + 7)
      y = self.llama_remembering(y, b, torch.slice(p, start, end), memory[2 * i], memory[2 * i + 1], x[1], x[2], mask, at, first, heads, groups, biased, plain, kinds, factors, eps)
      start = end
    return torch.select(torch.view(y, [b, n, c]), 1, n - 1)

  # What is remembered of rows `from` int64 [b], first `used` columns, into new memory of as many rows; of each tensor [.,g,max,d]
  def remembered_rows(self, memory: List[Tensor], rows: Tensor, used: int) -> List[Tensor]:
    out = annotate(List[Tensor], [])
    for t in memory:
      k, g, m, d = torch.size(t)
      fresh = torch.new_empty(t, [torch.size(rows, 0), g, m, d])
      _0 = torch.copy_(torch.narrow(fresh, 2, 0, used), torch.index_select(torch.narrow(t, 2, 0, used), 0, rows))
      _1 = torch.append(out, fresh)
    return out

  # Rows change places in the columns start..end, in place.
  def exchange_columns(self, memory: List[Tensor], rows: Tensor, start: int, end: int) -> None:
    for t in memory:
      part = torch.narrow(t, 2, start, end - start)
      _0 = torch.copy_(part, torch.index_select(part, 0, rows))
