# The Q-Former: BERT's layers over learned queries and words. b rows, n tokens (queries first), t of them words, m tokens of an image,
# c hidden size, e the image's, h heads, d = c / h, s seeds of dropout.
#
# A layer's inputs
#   x   tokens [b,n,c]; which keys are seen, boolean [b,1,1 or n,past + n], or empty; seeds int64 [b,s], or empty; keys and values of
#       the image [b,m,2c], or empty; which of those are seen, boolean [b,1,1,m], or empty; past keys and values [b,h,past,d], where
#       there are any
#   p   query-key-value w [3c,c] b, output w b, norm w b; where it crosses query w b, output w b, norm w b; then for queries, and for
#       words, where they are there: up w b, down w b, norm w b

  # The learned queries [1,q,c] for `rows` rows -> [rows,q,c]
  def qformer_queries(self, x: List[Tensor], p: List[Tensor], rows: int) -> List[Tensor]:
    one, q, c = torch.size(p[0])
    return [torch.clone(torch.expand(p[0], [rows, q, c]))]

  # Words with their positions from 0. x: ids [b,t]; p: table [v,c], positions [>=t,c] -> [b,t,c]
  def qformer_words(self, x: List[Tensor], p: List[Tensor]) -> List[Tensor]:
    return [torch.add(self.embedded(p[0], x[0]), torch.slice(p[1], 0, 0, torch.size(x[0], 1)))]

  # Queries and words in one row.
  def qformer_joined(self, x: List[Tensor], p: List[Tensor]) -> List[Tensor]:
    return [torch.cat(x, 1)]

  # What enters the first layer. x: tokens [b,n,c] and in training with dropout its seeds [b,s], of which the first is taken; p: norm w b
  def qformer_entering(self, x: List[Tensor], p: List[Tensor], hidden: float, eps: float) -> List[Tensor]:
    y = self.normed(x[0], p[0], p[1], eps)
    if torch.__and__(self.has(x, 1), torch.gt(hidden, 0.)):
      b, n, c = torch.size(y)
      out = torch.squeeze(self.left_out(torch.select(x[1], 1, 0), [1, n, c], hidden), 1)
      y = torch.mul(torch.masked_fill_(y, out, 0.), 1. / (1. - hidden))
    return [y]

  # Which keys words see: themselves and `queries` before them. present: int64 [b,t], 0 for padding -> boolean [b,1,1,queries + t], or
  # where they see nothing that follows them [b,1,t,queries + t]
  def qformer_seen(self, present: Tensor, queries: int, causal: bool) -> Tensor:
    b, t = torch.size(present)
    words = torch.ne(present, 0)
    m = torch.view(torch.cat([torch.new_ones(words, [b, queries]), words], 1), [b, 1, 1, queries + t])
    if causal:
      rows = torch.view(torch.arange(t, dtype=4, device=ops.prim.device(m)), [t, 1])
      m = torch.logical_and(m, torch.le(torch.arange(queries + t, dtype=4, device=ops.prim.device(m)), torch.add(rows, queries)))
    return m

  # The norm of an image's tokens [b,m,e], of whatever type, in fp32; p: norm w b -> in their type
  def qformer_image_norm(self, x: List[Tensor], p: List[Tensor], eps: float) -> List[Tensor]:
    return [torch.to(self.normed_wide(x[0], p[0], p[1], eps), ops.prim.dtype(p[0]))]

  # Keys and values of an image for one layer. x: states [b,m,e]; p: key-value w [2c,e] b -> [b,m,2c]
  def qformer_image(self, x: List[Tensor], p: List[Tensor]) -> List[Tensor]:
    return [torch.linear(x[0], p[0], p[1])]

  # Some rows. x: any [b,...], places int64 [k] -> [k,...]
  def qformer_rows(self, x: List[Tensor], p: List[Tensor]) -> List[Tensor]:
    return [torch.index_select(x[0], 0, x[1])]

  # q [b,h,r,d], k v [b,h,m,d], a boolean mask or an empty list -> [b,r,c]; x: a layer's inputs
  def qformer_attention(self, q: Tensor, k: Tensor, v: Tensor, mask: List[Tensor], x: List[Tensor], site: int, share: float) -> Tensor:
    if torch.__and__(self.has(x, 2), torch.gt(share, 0.)):
      seen = mask[0] if self.has(mask, 0) else torch.ones([1, 1, 1, torch.size(k, 2)], dtype=11, device=ops.prim.device(k))
      a = self.attended(q, k, v, seen, torch.select(x[2], 1, site), share)
    else:
      if self.has(mask, 0):
        a = torch.scaled_dot_product_attention(q, k, v, mask[0], 0., False)
      else:
        a = torch.scaled_dot_product_attention(q, k, v, None, 0., False)
    return torch.flatten(torch.transpose(a, 1, 2), 2)

  # y = norm(y + down(gelu(up(y)))); p from `place` on: up w b, down w b, norm w b
  def qformer_mlp(self, y: Tensor, p: List[Tensor], place: int, x: List[Tensor], site: int, hidden: float, eps: float) -> Tensor:
    g = torch.gelu(torch.linear(y, p[place], p[place + 1]))
    f = torch.linear(g, p[place + 2], p[place + 3])
    return self.normed(self.added(y, f, x, site, hidden), p[place + 4], p[place + 5], eps)

  # Differentiated by autograd. Of the seeds this layer takes six from `site` on: attention's shares, what it adds, the same for the image,
  # what the queries' MLP adds, what the words' adds. -> tokens [b,n,c], their keys and values [b,h,n,d]
  def qformer_layer(self, x: List[Tensor], p: List[Tensor], heads: int, queries: int, crosses: bool, site: int, hidden: float, attention: float, eps: float) -> List[Tensor]:
    b, n, c = torch.size(x[0])
    q, k, v = torch.unbind(torch.permute(torch.reshape(torch.linear(x[0], p[0], p[1]), [b, n, 3, heads, c // heads]), [2, 0, 3, 1, 4]), 0)
    past = self.has(x, 5)
    a = self.qformer_attention(q, torch.cat([x[5], k], 2) if past else k, torch.cat([x[6], v], 2) if past else v, torch.slice(x, 1, 2), x, site, attention)
    h = self.normed(self.added(x[0], torch.linear(a, p[2], p[3]), x, site + 1, hidden), p[4], p[5], eps)
    place = 6
    parts = annotate(List[Tensor], [])
    if torch.gt(queries, 0):
      y = torch.slice(h, 1, 0, queries)
      if crosses:
        m = torch.size(x[3], 1)
        ik, iv = torch.unbind(torch.permute(torch.view(x[3], [b, m, 2, heads, c // heads]), [2, 0, 3, 1, 4]), 0)
        iq = torch.transpose(torch.view(torch.linear(y, p[6], p[7]), [b, queries, heads, c // heads]), 1, 2)
        looked = self.qformer_attention(iq, ik, iv, torch.slice(x, 4, 5), x, site + 2, attention)
        y = self.normed(self.added(y, torch.linear(looked, p[8], p[9]), x, site + 3, hidden), p[10], p[11], eps)
        place = 12
      _0 = torch.append(parts, self.qformer_mlp(y, p, place, x, site + 4, hidden, eps))
      place = place + 6
    if torch.gt(n, queries):
      _1 = torch.append(parts, self.qformer_mlp(torch.slice(h, 1, queries), p, place, x, site + 5, hidden, eps))
    return [torch.cat(parts, 1) if torch.gt(torch.len(parts), 1) else parts[0], k, v]

  # The first `queries` of some states as a language model's tokens. x: states [b,n,c]; p: w [d,c] b -> [b,queries,d]
  def qformer_projected(self, x: List[Tensor], p: List[Tensor], queries: int) -> List[Tensor]:
    return [torch.linear(torch.slice(x[0], 1, 0, queries), p[0], p[1])]

  # Tokens of an image in the place of others. x: tokens [b,n,d], the image's [b,q,d], places int64 [b q] among all b n -> [b,n,d]
  def qformer_spliced(self, x: List[Tensor], p: List[Tensor]) -> List[Tensor]:
    b, n, d = torch.size(x[0])
    news = torch.to(torch.reshape(x[1], [-1, d]), ops.prim.dtype(x[0]))
    return [torch.view(torch.index_copy(torch.reshape(x[0], [b * n, d]), 0, x[2], news), [b, n, d])]
