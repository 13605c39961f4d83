# The layer of qformer.py with its own backward, fully trained, on a CPU and in fp32. Inputs, parameters and symbols as there; m rows
# of a product. It keeps 10 c floats per token (12 c where queries look at an image) and a byte for each element that dropout may leave
# out; shares of attention, norms and activations are computed again.
#
#   saved    query, key, value [3,b,h,n,d], attention's sum, its mean and deviation; query for the image [b,h,q,d], the sum behind it,
#            mean, deviation; of the queries' MLP and then of the words' up's product, the sum, mean, deviation; what dropout leaves out
#            of attention's shares and its sum, of the image's, of both MLPs' sums. Empty where there is no such thing

  # What dropout leaves out, boolean; empty where nothing is dropped.
  def lean_left_out(self, x: List[Tensor], site: int, sizes: List[int], p: float) -> Tensor:
    if torch.__and__(self.has(x, 2), torch.gt(p, 0.)):
      out = self.left_out(torch.select(x[2], 1, site), sizes, p)
    else:
      out = torch.zeros([0], dtype=11, device=ops.prim.device(x[0]))
    return out

  # Shares of attention [b,h,r,m]; mask: boolean, or an empty list
  def lean_shares(self, q: Tensor, k: Tensor, mask: List[Tensor]) -> Tensor:
    s = torch.matmul(torch.mul(q, torch.size(q, 3) ** -0.5), torch.transpose(k, 2, 3))
    if self.has(mask, 0):
      s = torch.masked_fill_(s, torch.logical_not(mask[0]), float("-inf"))
    return torch.softmax(s, -1)

  # What is seen of v by shares, which dropout has been through -> [b r,c]
  def lean_seen(self, some: Tensor, v: Tensor, out: Tensor, p: float) -> Tensor:
    b, h, r, m = torch.size(some)
    a = torch.reshape(torch.transpose(torch.matmul(some, v), 1, 2), [b * r, h * torch.size(v, 3)])
    return torch.mul_(a, 1. / (1. - p)) if torch.gt(torch.numel(out), 0) else a

  # q [b,h,r,d], k v [b,h,m,d] -> [b r,c]
  def lean_attended(self, q: Tensor, k: Tensor, v: Tensor, mask: List[Tensor], out: Tensor, p: float) -> Tensor:
    some = self.lean_shares(q, k, mask)
    if torch.gt(torch.numel(out), 0):
      some = torch.masked_fill_(some, out, 0.)
    return self.lean_seen(some, v, out, p)

  # From the gradient of its result da [b r,c]: those of q, k, v, and the result once more
  def lean_attended_backward(self, da: Tensor, q: Tensor, k: Tensor, v: Tensor, mask: List[Tensor], out: Tensor, p: float) -> Tuple[Tensor, Tensor, Tensor, Tensor]:
    b, h, r, d = torch.size(q)
    shares = self.lean_shares(q, k, mask)
    e = torch.transpose(torch.view(da, [b, r, h, d]), 1, 2)
    dropped = torch.gt(torch.numel(out), 0)
    some = shares
    if dropped:
      some = torch.masked_fill(shares, out, 0.)
      e = torch.mul(e, 1. / (1. - p))
    a = self.lean_seen(some, v, out, p)
    dv = torch.matmul(torch.transpose(some, 2, 3), e)
    ds = torch.matmul(e, torch.transpose(v, 2, 3))
    if dropped:
      ds = torch.masked_fill_(ds, out, 0.)
    ds = torch._softmax_backward_data(ds, shares, -1, 6)
    dq = torch.mul_(torch.matmul(ds, k), d ** -0.5)
    dk = torch.mul_(torch.matmul(torch.transpose(ds, 2, 3), q), d ** -0.5)
    return (dq, dk, dv, a)

  # y + dropout(x wT + b); all [m,.]
  def lean_added(self, y: Tensor, x: Tensor, w: Tensor, b: Tensor, out: Tensor, p: float) -> Tensor:
    if torch.gt(torch.numel(out), 0):
      z = self.product(x, w, b)
      _0 = torch.masked_fill_(torch.view(z, torch.size(out)), out, 0.)
      s = torch.add(y, z, alpha=1. / (1. - p))
    else:
      s = self.product_added(x, w, b, y)
    return s

  # The gradient of the product there from that of the sum d [m,c].
  def lean_dropped(self, d: Tensor, out: Tensor, p: float) -> Tensor:
    e = d
    if torch.gt(torch.numel(out), 0):
      e = torch.mul(d, 1. / (1. - p))
      _0 = torch.masked_fill_(torch.view(e, torch.size(out)), out, 0.)
    return e

  # Puts the gradients of a linear whose result has the gradient d [m,out] and whose input is x [m,in] into `grads`, which is given back.
  def lean_linear_gradients(self, grads: List[Tensor], place: int, d: Tensor, x: Tensor) -> List[Tensor]:
    _0 = torch._set_item(grads, place, self.product_weight(d, x))
    _1 = torch._set_item(grads, place + 1, torch.sum(d, [0]))
    return grads

  # The gradient of a norm's x [m,c]; puts those of its w and b into `grads`.
  def lean_norm_backward(self, grads: List[Tensor], place: int, d: Tensor, x: Tensor, mean: Tensor, deviation: Tensor, p: List[Tensor]) -> Tensor:
    dx, dw, db = torch.native_layer_norm_backward(d, x, [torch.size(x, 1)], mean, deviation, p[place], p[place + 1], [True, True, True])
    _0 = torch._set_item(grads, place, dw)
    _1 = torch._set_item(grads, place + 1, db)
    return dx

  # norm(y + dropout(down(gelu(up(y))))) for y [m,c]; p from `place` on. -> it, then up's product, the sum, its mean and deviation
  def lean_mlp(self, y: Tensor, p: List[Tensor], place: int, out: Tensor, hidden: float, eps: float) -> List[Tensor]:
    f = self.product(y, p[place], p[place + 1])
    s = self.lean_added(y, torch.gelu(f), p[place + 2], p[place + 3], out, hidden)
    z, m, r = self.normed_keeping(s, p[place + 4], p[place + 5], eps)
    return [z, f, s, m, r]

  # kept: what lean_mlp gave behind its result; y its input -> the gradient of y
  def lean_mlp_backward(self, grads: List[Tensor], d: Tensor, y: Tensor, p: List[Tensor], place: int, kept: List[Tensor], out: Tensor, hidden: float) -> Tensor:
    ds = self.lean_norm_backward(grads, place + 4, d, kept[1], kept[2], kept[3], p)
    dh = self.lean_dropped(ds, out, hidden)
    _0 = self.lean_linear_gradients(grads, place + 2, dh, torch.gelu(kept[0]))
    df = torch.gelu_backward(self.product_input(dh, p[place + 2]), kept[0])
    _1 = self.lean_linear_gradients(grads, place, df, y)
    return self.product_plain_added(df, torch.t(p[place]), ds)

  # Some tokens of each row [b n,c] -> [b k,c]
  def lean_tokens(self, y: Tensor, b: int, start: int, end: int) -> Tensor:
    c = torch.size(y, 1)
    return torch.reshape(torch.slice(torch.view(y, [b, -1, c]), 1, start, end), [-1, c])

  # Keys and values of an image [b,m,2c] -> [2,b,h,m,d]
  def lean_image(self, image: Tensor, heads: int) -> Tensor:
    b, m, w = torch.size(image)
    return torch.contiguous(torch.permute(torch.view(image, [b, m, 2, heads, w // heads // 2]), [2, 0, 3, 1, 4]))

  def qformer_lean(self, x: List[Tensor], p: List[Tensor], heads: int, queries: int, crosses: bool, site: int, hidden: float, attention: float, eps: float) -> List[Tensor]:
    b, n, c = torch.size(x[0])
    x1 = torch.reshape(x[0], [b * n, c])
    qkv = torch.contiguous(torch.permute(torch.view(self.product(x1, p[0], p[1]), [b, n, 3, heads, c // heads]), [2, 0, 3, 1, 4]))
    q, k, v = torch.unbind(qkv, 0)
    past = self.has(x, 5)
    k1 = torch.cat([x[5], k], 2) if past else k
    v1 = torch.cat([x[6], v], 2) if past else v
    none = torch.zeros([0], dtype=6, device=ops.prim.device(x1))
    whole = torch.zeros([0], dtype=11, device=ops.prim.device(x1))
    of_shares = self.lean_left_out(x, site, [heads, n, torch.size(k1, 2)], attention)
    of_sum = self.lean_left_out(x, site + 1, [1, n, c], hidden)
    a = self.lean_attended(q, k1, v1, torch.slice(x, 1, 2), of_shares, attention)
    s = self.lean_added(x1, a, p[2], p[3], of_sum, hidden)
    h, mean, deviation = self.normed_keeping(s, p[4], p[5], eps)
    place = 6
    parts = annotate(List[Tensor], [])
    kept = [qkv, s, mean, deviation]
    looked = [none, none, none, none]
    of_image = [whole, whole]
    told = [none, none, none, none]
    of_queries = whole
    if torch.gt(queries, 0):
      y = self.lean_tokens(h, b, 0, queries)
      if crosses:
        iq = torch.contiguous(torch.transpose(torch.view(self.product(y, p[6], p[7]), [b, queries, heads, c // heads]), 1, 2))
        ik, iv = torch.unbind(self.lean_image(x[3], heads), 0)
        of_image = [self.lean_left_out(x, site + 2, [heads, queries, torch.size(ik, 2)], attention), self.lean_left_out(x, site + 3, [1, queries, c], hidden)]
        ia = self.lean_attended(iq, ik, iv, torch.slice(x, 4, 5), of_image[0], attention)
        s1 = self.lean_added(y, ia, p[8], p[9], of_image[1], hidden)
        y, mean1, deviation1 = self.normed_keeping(s1, p[10], p[11], eps)
        looked = [iq, s1, mean1, deviation1]
        place = 12
      of_queries = self.lean_left_out(x, site + 4, [1, queries, c], hidden)
      z = self.lean_mlp(y, p, place, of_queries, hidden, eps)
      told = torch.slice(z, 1)
      _0 = torch.append(parts, torch.view(z[0], [b, queries, c]))
      place = place + 6
    read = [none, none, none, none]
    of_words = whole
    if torch.gt(n, queries):
      of_words = self.lean_left_out(x, site + 5, [1, n - queries, c], hidden)
      z1 = self.lean_mlp(self.lean_tokens(h, b, queries, n), p, place, of_words, hidden, eps)
      read = torch.slice(z1, 1)
      _1 = torch.append(parts, torch.view(z1[0], [b, n - queries, c]))
    out = [torch.cat(parts, 1) if torch.gt(torch.len(parts), 1) else parts[0], k, v]
    masks = torch.add(torch.add([of_shares, of_sum], of_image), [of_queries, of_words])
    return torch.add(torch.add(out, torch.add(kept, looked)), torch.add(torch.add(told, read), masks))

  # From the gradient d [b q,c] of what queries are after they looked at the image: that of what they were before, y; puts that of the
  # image's keys and values into `beside`.
  def lean_look_backward(self, grads: List[Tensor], beside: List[Tensor], d: Tensor, y: Tensor, x: List[Tensor], p: List[Tensor], saved: List[Tensor], attention: float, hidden: float) -> Tensor:
    b, heads, q, w = torch.size(saved[4])
    m = torch.size(x[3], 1)
    ds = self.lean_norm_backward(grads, 10, d, saved[5], saved[6], saved[7], p)
    dh = self.lean_dropped(ds, saved[19], hidden)
    ik, iv = torch.unbind(self.lean_image(x[3], heads), 0)
    dq, dk, dv, a = self.lean_attended_backward(self.product_input(dh, p[8]), saved[4], ik, iv, torch.slice(x, 4, 5), saved[18], attention)
    _0 = self.lean_linear_gradients(grads, 8, dh, a)
    _1 = torch._set_item(beside, 3, torch.reshape(torch.permute(torch.stack([dk, dv]), [1, 3, 0, 2, 4]), [b, m, 2 * heads * w]))
    dq1 = torch.reshape(torch.transpose(dq, 1, 2), [b * q, heads * w])
    _2 = self.lean_linear_gradients(grads, 6, dq1, y)
    return self.product_plain_added(dq1, torch.t(p[6]), ds)

  # From the gradient d [b n,c] of what is behind attention's norm: that of x[0]; puts those of past keys and values into `beside`.
  # gy: the gradients of tokens, and where it goes on from them of keys and values
  def lean_attention_backward(self, grads: List[Tensor], beside: List[Tensor], d: Tensor, gy: List[Tensor], x: List[Tensor], p: List[Tensor], saved: List[Tensor], attention: float, hidden: float) -> Tensor:
    b, n, c = torch.size(x[0])
    q, k, v = torch.unbind(saved[0], 0)
    heads = torch.size(q, 1)
    past = torch.size(x[5], 2) if self.has(x, 5) else 0
    k1 = torch.cat([x[5], k], 2) if torch.gt(past, 0) else k
    v1 = torch.cat([x[6], v], 2) if torch.gt(past, 0) else v
    ds = self.lean_norm_backward(grads, 4, d, saved[1], saved[2], saved[3], p)
    dh = self.lean_dropped(ds, saved[17], hidden)
    dq, dk, dv, a = self.lean_attended_backward(self.product_input(dh, p[2]), q, k1, v1, torch.slice(x, 1, 2), saved[16], attention)
    _0 = self.lean_linear_gradients(grads, 2, dh, a)
    if torch.gt(past, 0):
      _1 = torch._set_item(beside, 5, torch.slice(dk, 2, 0, past))
      _2 = torch._set_item(beside, 6, torch.slice(dv, 2, 0, past))
      dk = torch.slice(dk, 2, past)
      dv = torch.slice(dv, 2, past)
    if self.has(gy, 1):
      dk = torch.add(dk, gy[1])
    if self.has(gy, 2):
      dv = torch.add(dv, gy[2])
    dqkv = torch.view(torch.new_empty(ds, [b * n * 3 * c]), [b * n, 3 * c])
    into = torch.permute(torch.view(dqkv, [b, n, 3, heads, c // heads]), [2, 0, 3, 1, 4])
    _3 = torch.copy_(torch.select(into, 0, 0), dq)
    _4 = torch.copy_(torch.select(into, 0, 1), dk)
    _5 = torch.copy_(torch.select(into, 0, 2), dv)
    _6 = self.lean_linear_gradients(grads, 0, dqkv, torch.reshape(x[0], [b * n, c]))
    return torch.view(self.product_plain_added(dqkv, torch.t(p[0]), ds), [b, n, c])

  # -> gradients of x, empty but for tokens, keys and values, then of p in order. gy: of the tokens, and where keys and values go on,
  # of those; empty where none came
  def qformer_lean_backward(self, gy: List[Tensor], x: List[Tensor], p: List[Tensor], saved: List[Tensor], heads: int, queries: int, crosses: bool, site: int, hidden: float, attention: float, eps: float) -> List[Tensor]:
    b, n, c = torch.size(x[0])
    kept = torch.slice(saved, torch.len(saved) - 22)
    none = torch.zeros([0], dtype=6, device=ops.prim.device(x[0]))
    grads = [none for _ in range(torch.len(p))]
    beside = [none for _ in range(torch.len(x))]
    d = torch.reshape(gy[0], [b * n, c]) if self.has(gy, 0) else torch.zeros([b * n, c], dtype=6, device=ops.prim.device(x[0]))
    h = self.normed(kept[1], p[4], p[5], eps)
    place = 6
    parts = annotate(List[Tensor], [])
    if torch.gt(queries, 0):
      y = self.lean_tokens(h, b, 0, queries)
      dy = self.lean_tokens(d, b, 0, queries)
      if crosses:
        y1 = self.normed(kept[5], p[10], p[11], eps)
        dy = self.lean_mlp_backward(grads, dy, y1, p, 12, torch.slice(kept, 8, 12), kept[20], hidden)
        dy = self.lean_look_backward(grads, beside, dy, y, x, p, kept, attention, hidden)
        place = 12
      else:
        dy = self.lean_mlp_backward(grads, dy, y, p, 6, torch.slice(kept, 8, 12), kept[20], hidden)
      _0 = torch.append(parts, torch.view(dy, [b, queries, c]))
      place = place + 6
    if torch.gt(n, queries):
      dz = self.lean_mlp_backward(grads, self.lean_tokens(d, b, queries, n), self.lean_tokens(h, b, queries, n), p, place, torch.slice(kept, 12, 16), kept[21], hidden)
      _1 = torch.append(parts, torch.view(dz, [b, n - queries, c]))
    e = torch.reshape(torch.cat(parts, 1) if torch.gt(torch.len(parts), 1) else parts[0], [b * n, c])
    _2 = torch._set_item(beside, 0, self.lean_attention_backward(grads, beside, e, gy, x, p, kept, attention, hidden))
    return torch.add(beside, grads)

  # Keys and values of an image for one layer with their own backward; `wanted`: a gradient goes on to the states. As qformer_image
  def qformer_image_lean(self, x: List[Tensor], p: List[Tensor], wanted: bool) -> List[Tensor]:
    return [self.product(x[0], p[0], p[1])]

  def qformer_image_lean_backward(self, gy: List[Tensor], x: List[Tensor], p: List[Tensor], saved: List[Tensor], wanted: bool) -> List[Tensor]:
    b, m, e = torch.size(x[0])
    d = torch.reshape(gy[0], [b * m, -1])
    grads = [torch.zeros([0], dtype=6, device=ops.prim.device(d)) for _ in range(2)]
    _0 = self.lean_linear_gradients(grads, 0, d, torch.reshape(x[0], [b * m, e]))
    dx = torch.view(self.product_input(d, p[0]), [b, m, e]) if wanted else torch.zeros([0], dtype=6, device=ops.prim.device(d))
    return torch.add([dx], grads)
