# Transformer blocks. b batch, n tokens, m keys, c width, h heads.
#
# The signature every block keeps:
#   x         [tokens [b,n,c], mask, past keys, past values]: the tail may be missing; an empty tensor stands for "none".
#             mask: additive (float) or boolean, broadcast to [b,h,n,m]; past keys and values [b,h,m0,c/h]
#   p         attention norm w b, query-key-value w [3c,c] b, output w b, mlp norm w b, up w b, down w b; then, where the blocks
#             have LayerScale, its factors [c] of attention and MLP. An up projection of twice the rows of down's columns is
#             SwiGLU: silu(first half) x second half
#   adapters  low-rank pairs a [r,in], b [out,r] for query-key-value, output, up, down: none, or empty tensors where absent;
#             behind all four, where there is dropout, which of each linear's inputs [b,n,in] enter its pair
#   -> [tokens], and with `cache` also the keys and values of past and present tokens
# `quick` selects QuickGELU(x) = x sigmoid(1.702 x) = silu(1.702 x) / 1.702; both factors ride on the matrix products' alpha and
# beta, so that no scaled copy of a weight or an activation is made (times_scaled has the one exception).

  def has(self, x: List[Tensor], index: int) -> bool:
    there = False
    if torch.gt(torch.len(x), index):
      there = torch.gt(torch.numel(x[index]), 0)
    return there

  # What of x enters the pair of linear `index`: all of it, but for dropout.
  def entering(self, x: Tensor, adapters: List[Tensor], index: int) -> Tensor:
    return torch.mul(x, torch.reshape(adapters[8 + index], torch.size(x))) if self.has(adapters, 8 + index) else x

  def adapted(self, y: Tensor, x: Tensor, adapters: List[Tensor], index: int, scale: float) -> Tensor:
    out = y
    if self.has(adapters, 2 * index):
      u = torch.linear(self.entering(x, adapters, index), adapters[2 * index])
      out = torch.add(y, torch.linear(u, adapters[2 * index + 1]), alpha=scale)
    return out

  def activated(self, f: Tensor, p: List[Tensor], quick: bool) -> Tensor:
    if torch.gt(torch.size(p[8], 0), torch.size(p[10], 1)):
      gate, value = torch.chunk(f, 2, 1)
      g = torch.mul(torch.silu(gate), value)
    else:
      g = torch.silu(f) if quick else torch.gelu(f)
    return g

  def layer_scaled(self, y: Tensor, p: List[Tensor], index: int) -> Tensor:
    return torch.mul(y, p[index]) if torch.gt(torch.len(p), index) else y

  # scale (x wT + b); x [m,k], w [n,k], b [n]. cuBLASLt adds a bias within the product where beta is 1 only, and autograd would scale
  # whole gradients [m,n] for another: a GPU gets a scaled copy of the bias.
  def times_scaled(self, x: Tensor, w: Tensor, b: Tensor, scale: float) -> Tensor:
    return self.bias_scaled(x, w, b, scale) if ops.prim.is_cuda(x) else torch.addmm(b, x, torch.t(w), beta=scale, alpha=scale)

  def bias_scaled(self, x: Tensor, w: Tensor, b: Tensor, scale: float) -> Tensor:
    c = b if torch.eq(scale, 1.) else torch.mul(b, scale)
    return torch.addmm(c, x, torch.t(w), beta=1, alpha=scale)

  def mlp(self, x: Tensor, p: List[Tensor], adapters: List[Tensor], quick: bool, adapter_scale: float, eps: float) -> Tensor:
    s = 1.702 if quick else 1.0
    b, n, c = torch.size(x)
    h = torch.view(self.normed(x, p[6], p[7], eps), [b * n, c])
    f = self.adapted(self.times_scaled(h, p[8], p[9], s), h, adapters, 2, adapter_scale * s)
    g = self.activated(f, p, quick)
    y = self.adapted(torch.addmm(p[11], g, torch.t(p[10]), beta=1, alpha=1.0 / s), g, adapters, 3, adapter_scale / s)
    return torch.add(x, torch.view(self.layer_scaled(y, p, 13), [b, n, c]))

  def block(self, x: List[Tensor], p: List[Tensor], adapters: List[Tensor], heads: int, causal: bool, quick: bool, cache: bool, adapter_scale: float, eps: float) -> List[Tensor]:
    b, n, c = torch.size(x[0])
    normed = self.normed(x[0], p[0], p[1], eps)
    qkv = self.adapted(torch.linear(normed, p[2], p[3]), normed, adapters, 0, adapter_scale)
    q, k, v = torch.unbind(torch.permute(torch.reshape(qkv, [b, n, 3, heads, c // heads]), [2, 0, 3, 1, 4]), 0)
    past = 0
    if self.has(x, 2):
      past = torch.size(x[2], 2)
      k = torch.cat([x[2], k], 2)
      v = torch.cat([x[3], v], 2)
    if self.has(x, 1):
      a = torch.scaled_dot_product_attention(q, k, v, x[1], 0., False)
    else:
      if torch.__and__(causal, torch.gt(past, 0)):
        rows = torch.view(torch.arange(n, dtype=4, device=ops.prim.device(q)), [n, 1])
        keys = torch.view(torch.arange(past + n, dtype=4, device=ops.prim.device(q)), [1, past + n])
        a = torch.scaled_dot_product_attention(q, k, v, torch.le(keys, torch.add(rows, past)), 0., False)
      else:
        a = torch.scaled_dot_product_attention(q, k, v, None, 0., causal)
    a = torch.reshape(torch.transpose(a, 1, 2), [b, n, c])
    o = self.adapted(torch.linear(a, p[4], p[5]), a, adapters, 1, adapter_scale)
    y = self.mlp(torch.add(x[0], self.layer_scaled(o, p, 12)), p, adapters, quick, adapter_scale, eps)
    return [y, k, v] if cache else [y]

  # The last block of a tower for one pooled token per row: keys and values of all tokens; query, output and MLP of one.
  # x: tokens [b,n,c], position int64 [b] -> [b,1,c]; a causal position sees the keys 0..position.
  def block_pooled(self, x: List[Tensor], p: List[Tensor], adapters: List[Tensor], heads: int, causal: bool, quick: bool, adapter_scale: float, eps: float) -> List[Tensor]:
    b, n, c = torch.size(x[0])
    at = torch.expand(torch.view(x[1], [b, 1, 1]), [b, 1, c])
    h = self.normed(x[0], p[0], p[1], eps)
    if self.has(adapters, 0):
      qkv = self.adapted(torch.linear(h, p[2], p[3]), h, adapters, 0, adapter_scale)
      q = torch.gather(torch.slice(qkv, 2, 0, c), 1, at)
      kv = torch.slice(qkv, 2, c, 3 * c)
    else:
      kv = torch.linear(h, torch.slice(p[2], 0, c, 3 * c), torch.slice(p[3], 0, c, 3 * c))
      q = torch.linear(torch.gather(h, 1, at), torch.slice(p[2], 0, 0, c), torch.slice(p[3], 0, 0, c))
    k, v = torch.unbind(torch.permute(torch.reshape(kv, [b, n, 2, heads, c // heads]), [2, 0, 3, 1, 4]), 0)
    q1 = torch.transpose(torch.reshape(q, [b, 1, heads, c // heads]), 1, 2)
    if causal:
      keys = torch.view(torch.arange(n, dtype=4, device=ops.prim.device(q)), [1, 1, 1, n])
      a = torch.scaled_dot_product_attention(q1, k, v, torch.le(keys, torch.view(x[1], [b, 1, 1, 1])))
    else:
      a = torch.scaled_dot_product_attention(q1, k, v)
    a1 = torch.reshape(torch.transpose(a, 1, 2), [b, 1, c])
    o = self.adapted(torch.linear(a1, p[4], p[5]), a1, adapters, 1, adapter_scale)
    return [self.mlp(torch.add(torch.gather(x[0], 1, at), self.layer_scaled(o, p, 12)), p, adapters, quick, adapter_scale, eps)]

  # A block with its norms after the sums, as BERT has them; GELU. x: tokens [b,n,c], boolean mask [b,1,1,n], and in training with
  # dropout its seeds int64 [b,s], of which this block takes three from `site` on; p as above
  # -> [b,n,c], or with `first` only the first token of each row [b,1,c].
  def block_post(self, x: List[Tensor], p: List[Tensor], adapters: List[Tensor], heads: int, first: bool, site: int, hidden: float, attention: float, adapter_scale: float, eps: float) -> List[Tensor]:
    b, n, c = torch.size(x[0])
    rows = 1 if first else n
    kept = torch.slice(x[0], 1, 0, rows)
    if torch.__and__(first, torch.__not__(self.has(adapters, 0))):
      kv = torch.linear(x[0], torch.slice(p[2], 0, c, 3 * c), torch.slice(p[3], 0, c, 3 * c))
      q0 = torch.linear(kept, torch.slice(p[2], 0, 0, c), torch.slice(p[3], 0, 0, c))
    else:
      qkv = self.adapted(torch.linear(x[0], p[2], p[3]), x[0], adapters, 0, adapter_scale)
      kv = torch.slice(qkv, 2, c, 3 * c)
      q0 = torch.slice(torch.slice(qkv, 1, 0, rows), 2, 0, c)
    k, v = torch.unbind(torch.permute(torch.reshape(kv, [b, n, 2, heads, c // heads]), [2, 0, 3, 1, 4]), 0)
    q = torch.transpose(torch.reshape(q0, [b, rows, heads, c // heads]), 1, 2)
    if torch.__and__(self.has(x, 2), torch.gt(attention, 0.)):
      a0 = self.attended(q, k, v, x[1], torch.select(x[2], 1, site), attention)
    else:
      a0 = torch.scaled_dot_product_attention(q, k, v, x[1], 0., False)
    a = torch.reshape(torch.transpose(a0, 1, 2), [b, rows, c])
    o = self.adapted(torch.linear(a, p[4], p[5]), a, adapters, 1, adapter_scale)
    h = self.normed(self.added(kept, o, x, site + 1, hidden), p[0], p[1], eps)
    g = torch.gelu(self.adapted(torch.linear(h, p[8], p[9]), h, adapters, 2, adapter_scale))
    f = self.adapted(torch.linear(g, p[10], p[11]), g, adapters, 3, adapter_scale)
    return [self.normed(self.added(h, f, x, site + 2, hidden), p[6], p[7], eps)]

  # The pairs of adapters that follow a block's `weights` own tensors in p, at the places where the blocks look for them.
  def pairs(self, p: List[Tensor], weights: int, attention: bool) -> List[Tensor]:
    found = torch.slice(p, weights)
    none = torch.slice(p[0], 0, 0, 0)
    before = annotate(List[Tensor], []) if attention else [none, none, none, none]
    there = torch.add(before, found)
    return there if torch.eq(torch.len(there), 8) else torch.add(there, [none, none, none, none])

  # Bits, eight to a byte and the lowest first: uint8 [b,n,w], a 1 for what is left out -> boolean [b,n,8w], true for what stays
  def unpacked(self, bits: Tensor) -> Tensor:
    b, n, w = torch.size(bits)
    places = torch.arange(8, dtype=0, device=ops.prim.device(bits))
    digits = torch.bitwise_left_shift(torch.ones_like(places), places)
    return torch.view(torch.eq(torch.bitwise_and(torch.unsqueeze(bits, 3), digits), 0), [b, n, 8 * w])

  # The other way: boolean [b,n,8w], true for what stays -> bits [b,n,w]
  def packed_bits(self, stays: Tensor) -> Tensor:
    b, n, c = torch.size(stays)
    eights = torch.to(torch.view(torch.logical_not(stays), [b, n, c // 8, 8]), 0)
    places = torch.arange(8, dtype=0, device=ops.prim.device(stays))
    return torch.sum(torch.bitwise_left_shift(eights, places), [3], dtype=0)

  # Bits as `unpacked` takes them, drawn where the seeds lie: row i of seeds int64 [b] has lengths[i] tokens, each with w bytes of
  # inputs of which a share p is left out -> uint8 [b,n,w], or where rows stand one after the other in one [1, their tokens, w]. Rows
  # are drawn 64 at a time as long as the longest of them: one by one they would be thousands of launches, all at once gigabytes.
  def bits_left_out(self, seeds: Tensor, lengths: List[int], w: int, p: float, one_row: bool) -> Tensor:
    parts = annotate(List[Tensor], [])
    b = torch.len(lengths)
    for j in range((b + 63) // 64):
      last = b if torch.lt(b, j * 64 + 64) else j * 64 + 64
      longest = 0
      for i in range(j * 64, last):
        longest = lengths[i] if torch.gt(lengths[i], longest) else longest
      out = self.left_out(torch.slice(seeds, 0, j * 64, last), [1, longest, 8 * w], p)
      bits = self.packed_bits(torch.logical_not(torch.squeeze(out, 1)))
      if one_row:
        for i in range(j * 64, last):
          _0 = torch.append(parts, torch.slice(torch.slice(bits, 0, i - j * 64, i - j * 64 + 1), 1, 0, lengths[i]))
      else:
        _1 = torch.append(parts, bits)
    return torch.cat(parts, 1 if one_row else 0)

  # The pairs, then which inputs of each linear enter its pair. Those of query-key-value are in `all` [b,n,i], those of the linears
  # behind it in `some` [b,m,i], of the m tokens that the block goes on with.
  def pairs_dropped(self, pairs: List[Tensor], all: Tensor, some: Tensor) -> List[Tensor]:
    out = torch.add(pairs, annotate(List[Tensor], []))
    start = 0
    for i in range(4):
      entering = pairs[2 * i]
      if self.has(pairs, 2 * i):
        end = start + torch.size(pairs[2 * i], 1)
        entering = torch.slice(all if torch.eq(i, 0) else some, 2, start, end)
        start = end
      _0 = torch.append(out, entering)
    return out

  # A block whose adapters are parameters: p holds its `weights` own tensors, then a pair for query-key-value and for output
  # (with `attention`), and for up and down (where there are more). x: as the block takes it, and behind it, where there is dropout,
  # the packed bits of the inputs that are left out, uint8 [b,n,w], in the order of the pairs.
  def block_adapted(self, x: List[Tensor], p: List[Tensor], weights: int, attention: bool, heads: int, causal: bool, quick: bool, adapter_scale: float, eps: float) -> List[Tensor]:
    a = self.pairs(p, weights, attention)
    if torch.gt(torch.len(x), 1):
      stays = self.unpacked(x[1])
      a = self.pairs_dropped(a, stays, stays)
    return self.block([x[0]], torch.slice(p, 0, weights), a, heads, causal, quick, False, adapter_scale, eps)

  def block_pooled_adapted(self, x: List[Tensor], p: List[Tensor], weights: int, attention: bool, heads: int, causal: bool, quick: bool, adapter_scale: float, eps: float) -> List[Tensor]:
    a = self.pairs(p, weights, attention)
    if torch.gt(torch.len(x), 2):
      stays = self.unpacked(x[2])
      b, n, i = torch.size(stays)
      a = self.pairs_dropped(a, stays, torch.gather(stays, 1, torch.expand(torch.view(x[1], [b, 1, 1]), [b, 1, i])))
    return self.block_pooled(x, torch.slice(p, 0, weights), a, heads, causal, quick, adapter_scale, eps)

  # As above; x: tokens, mask, seeds of the block's own dropout or an empty tensor, packed bits.
  def block_post_adapted(self, x: List[Tensor], p: List[Tensor], weights: int, paired_attention: bool, heads: int, first: bool, site: int, hidden: float, attention: float, adapter_scale: float, eps: float) -> List[Tensor]:
    a = self.pairs(p, weights, paired_attention)
    if torch.gt(torch.len(x), 3):
      stays = self.unpacked(x[3])
      a = self.pairs_dropped(a, stays, torch.slice(stays, 1, 0, 1 if first else torch.size(stays, 1)))
    return self.block_post(x, torch.slice(p, 0, weights), a, heads, first, site, hidden, attention, adapter_scale, eps)

  # The weight of an adapted linear as one matrix: w [out,in], a [r,in], b [out,r]
  def merged(self, w: Tensor, a: Tensor, b: Tensor, adapter_scale: float) -> Tensor:
    return torch.addmm(w, b, a, beta=1, alpha=adapter_scale)
