# Towers of other kinds outside their blocks: timm's vision transformers and BERT. b batch, n tokens, c width, e embedding size.

  # x: pixels [b,3,h,w] normalised; p: patch weight [c,3,k,k], bias [c], class token [1,1,c], positions [1,m,c], and register
  # tokens [1,r,c] where there are any -> class token, registers, patches [b,n,c]. Positions count the patches only (m = n-1-r),
  # or every token (m = n).
  def embed_timm(self, x: List[Tensor], p: List[Tensor]) -> List[Tensor]:
    e = torch.add(self.patches(x[0], p[0]), torch.to(p[1], ops.prim.dtype(p[0])))
    b, n, c = torch.size(e)
    patches_only = torch.eq(torch.size(p[3], 1), n)
    if patches_only:
      e = torch.add(e, p[3])
    tokens = [torch.expand(p[2], [b, 1, c])]
    if torch.gt(torch.len(p), 4):
      tokens = [torch.expand(p[2], [b, 1, c]), torch.expand(p[4], [b, torch.size(p[4], 1), c])]
    t = torch.cat([torch.cat(tokens, 1), e], 1)
    return [t if patches_only else torch.add(t, p[3])]

  # Linear layers with GELU between them, in fp32: matrices [out,in], each with its bias after it where it has one.
  def projected(self, x: Tensor, p: List[Tensor], start: int) -> Tensor:
    y = torch.to(x, 6)
    matrices = 0
    for t in torch.slice(p, start):
      if torch.eq(torch.dim(t), 2):
        y = torch.linear(torch.gelu(y) if torch.gt(matrices, 0) else y, torch.to(t, 6))
        matrices = torch.add(matrices, 1)
      else:
        y = torch.add(y, torch.to(t, 6))
    return y

  # x: tokens [b,n,c] (n = 1: already pooled); p: norm w b, projections. Pools the first token, or with `skip` > 0 the mean of what
  # follows so many tokens; `norm_first`: the norm before the mean -> fp32 [b,e] before L2
  def projection_timm(self, x: List[Tensor], p: List[Tensor], skip: int, norm_first: bool, eps: float) -> List[Tensor]:
    if torch.gt(skip, 0):
      rest = torch.slice(x[0], 1, skip)
      if norm_first:
        t = torch.mean(self.normed(rest, p[0], p[1], eps), [1], False, dtype=6)
      else:
        t = self.normed_wide(torch.mean(rest, [1], False, dtype=6), p[0], p[1], eps)
    else:
      t = self.normed_wide(torch.select(x[0], 1, 0), p[0], p[1], eps)
    return [self.projected(t, p, 2)]

  # As projection_timm, then unit vectors.
  def head_timm(self, x: List[Tensor], p: List[Tensor], skip: int, norm_first: bool, eps: float) -> List[Tensor]:
    return [self.unit(self.projection_timm(x, p, skip, norm_first, eps)[0])]

  # x: token ids [b,n], and in training with dropout its seeds int64 [b,s], of which the first is taken; p: words [v,c], positions
  # [>=n,c], token types [t,c], norm w b -> [b,n,c]
  def embed_bert(self, x: List[Tensor], p: List[Tensor], hidden: float, eps: float) -> List[Tensor]:
    fixed = torch.add(torch.slice(p[1], 0, 0, torch.size(x[0], 1)), torch.select(p[2], 0, 0))
    t = torch.add(self.embedded(p[0], x[0]), fixed)
    y = self.normed(t, p[3], p[4], eps)
    if torch.__and__(self.has(x, 1), torch.gt(hidden, 0.)):
      out = self.left_out(torch.select(x[1], 1, 0), [1, torch.size(t, 1), torch.size(t, 2)], hidden)
      y = torch.mul(torch.masked_fill_(y, torch.squeeze(out, 1), 0.), 1. / (1. - hidden))
    return [y]

  # Which tokens count: ids [b,n] -> boolean [b,1,1,n]
  def not_padding(self, ids: Tensor, padding: int) -> Tensor:
    return torch.unsqueeze(torch.unsqueeze(torch.ne(ids, padding), 1), 1)

  # x: tokens [b,n,c] (n = 1: already pooled), mask [b,1,1,m]; p: with `pooler` BERT's pooler w b, then projections. Pools the
  # first token, or with `mean` the mean of the tokens that count -> fp32 unit vectors [b,e]
  def head_bert(self, x: List[Tensor], p: List[Tensor], mean: bool, pooler: bool) -> List[Tensor]:
    if mean:
      counts = torch.to(torch.transpose(torch.squeeze(x[1], 1), 1, 2), ops.prim.dtype(x[0]))
      t = torch.div(torch.sum(torch.mul(x[0], counts), [1], dtype=6), torch.sum(counts, [1], dtype=6))
    else:
      t = torch.select(x[0], 1, 0)
    start = 0
    if pooler:
      t = torch.tanh(torch.linear(torch.to(t, 6), torch.to(p[0], 6), torch.to(p[1], 6)))
      start = 2
    return [self.unit(self.projected(t, p, start))]
