# Losses that align a Q-Former with text. b rows of B, q queries, n tokens, t words, c hidden size, e embedding size, v vocabulary.

  # x: tokens [b,n,c]; p: w [e,c] b -> fp32 unit vectors [b,n,e], or with `first` those of the first tokens [b,e]
  def alignment_features(self, x: List[Tensor], p: List[Tensor], first: bool) -> List[Tensor]:
    t = torch.select(x[0], 1, 0) if first else x[0]
    return [self.unit(torch.linear(torch.to(t, 6), torch.to(p[0], 6), torch.to(p[1], 6)))]

  # Of images with texts, the best of an image's queries each, divided by the temperature. x: own queries [b,q,e], own texts [b,e],
  # all queries [B,q,e], all texts [B,e]; p: temperature [] -> images by texts [b,B], texts by images [b,B]
  def alignment_similarities(self, x: List[Tensor], p: List[Tensor]) -> List[Tensor]:
    b, q, e = torch.size(x[0])
    images, _0 = torch.max(torch.view(torch.mm(torch.reshape(x[0], [b * q, e]), torch.t(x[3])), [b, q, -1]), 1, False)
    texts, _1 = torch.max(torch.view(torch.mm(x[1], torch.t(torch.reshape(x[2], [-1, e]))), [torch.size(x[1], 0), -1, q]), 2, False)
    return [torch.div(images, p[0]), torch.div(texts, p[0])]

  # Both directions' cross entropies, halved and divided by `weight`; row i belongs to column `start` + i. x: what
  # alignment_similarities gives.
  def alignment_contrast(self, x: List[Tensor], p: List[Tensor], start: int, smoothing: float, weight: float) -> List[Tensor]:
    b = torch.size(x[0], 0)
    y = torch.arange(start, start + b, dtype=4, device=ops.prim.device(x[0]))
    images = torch.cross_entropy_loss(x[0], y, None, 2, -100, smoothing)
    texts = torch.cross_entropy_loss(x[1], y, None, 2, -100, smoothing)
    return [torch.mul(torch.add(images, texts), 0.5 / weight)]

  # How likely each column is the negative of each row: a softmax in which the own pair has no share. x: similarities [b,B]
  def alignment_shares(self, x: Tensor, start: int) -> Tensor:
    b, all = torch.size(x)
    own = torch.eq(torch.view(torch.arange(start, start + b, dtype=4, device=ops.prim.device(x)), [b, 1]), torch.arange(all, dtype=4, device=ops.prim.device(x)))
    return torch.softmax(torch.masked_fill(x, own, -10000.), 1)

  # Whether image and text belong together, the mean over the queries. x: tokens, the queries first [b,n,c]; p: w [2,c] b
  # -> fp32 logits [b,2]: no, yes
  def alignment_match(self, x: List[Tensor], p: List[Tensor], queries: int) -> List[Tensor]:
    y = torch.linear(torch.to(torch.slice(x[0], 1, 0, queries), 6), torch.to(p[0], 6), torch.to(p[1], 6))
    return [torch.mean(y, [1])]

  # Rows one below the other.
  def alignment_stacked(self, x: List[Tensor], p: List[Tensor]) -> List[Tensor]:
    return [torch.cat(x)]

  # Summed cross entropy divided by `weight`. x: logits [b,v], targets int64 [b]
  def summed_cross_entropy(self, x: List[Tensor], p: List[Tensor], smoothing: float, weight: float) -> List[Tensor]:
    return [torch.div(torch.cross_entropy_loss(x[0], x[1], None, 2, -100, smoothing), weight)]

  # BERT's head before its scores. x: states [s,c]; p: w [c,c] b, norm w b -> [s,c]
  def alignment_transformed(self, x: List[Tensor], p: List[Tensor], eps: float) -> List[Tensor]:
    return [self.normed(torch.gelu(torch.linear(x[0], p[0], p[1])), p[2], p[3], eps)]

  # BERT's head: scores of what comes next. x: states [s,c]; p: w [c,c] b, norm w b, table [v,c], bias [v] -> fp32 [s,v]
  def alignment_words(self, x: List[Tensor], p: List[Tensor], eps: float) -> List[Tensor]:
    y = self.alignment_transformed(x, p, eps)
    return [torch.to(torch.linear(y[0], p[4], p[5]), 6)]

  # One chunk of what follows, in a frame of its own (see cross_entropy_chunk). grads: of the rows, the table, the bias -> the sum so far
  def word_loss_chunk(self, x: List[Tensor], p: List[Tensor], grads: List[Tensor], total: Tensor, buffer: Tensor, start: int, end: int, smoothing: float, share: float, wanted: bool) -> Tensor:
    h = torch.slice(x[0], 0, start, end)
    t = torch.unsqueeze(torch.slice(x[1], 0, start, end), 1)
    logp = torch._log_softmax(self.product(h, p[0], p[1]), 1, False, out=torch.slice(buffer, 0, 0, torch.size(h, 0)))
    each = smoothing / float(torch.size(p[0], 0))
    _0 = torch.sub_(total, torch.sum(torch.gather(logp, 1, t)), alpha=1. - smoothing)
    if torch.gt(smoothing, 0.):
      _1 = torch.sub_(total, torch.sum(logp), alpha=each)
    if wanted:
      g = torch.exp_(logp)
      if torch.gt(smoothing, 0.):
        _2 = torch.sub_(g, each)
      _3 = torch.scatter_add_(g, 1, t, torch.full_like(torch.slice(g, 1, 0, 1), smoothing - 1.))
      _4 = torch.copy_(torch.slice(grads[0], 0, start, end), self.product_input(g, p[0]))
      _5 = torch.addmm_(grads[1], torch.t(g), h, beta=1, alpha=share)
      _6 = torch.add_(grads[2], torch.sum(g, [0]), alpha=share)
    return total

  # The summed cross entropy of rows divided by `weight`, fp32 on a CPU, in chunks of rows so that never more than a chunk's logits
  # are there; where gradients are wanted they are computed on the way. x: rows [s,c], targets int64 [s]; p: table [v,c], bias [v]
  def alignment_word_loss(self, x: List[Tensor], p: List[Tensor], chunk: int, smoothing: float, weight: float, wanted: bool) -> List[Tensor]:
    s = torch.size(x[0], 0)
    share = 1. / weight
    total = torch.zeros([], dtype=6, device=ops.prim.device(x[0]))
    grads = annotate(List[Tensor], [])
    if wanted:
      grads = [torch.empty_like(x[0]), torch.zeros_like(p[0]), torch.zeros_like(p[1])]
    buffer = torch.zeros([chunk if torch.lt(chunk, s) else s, torch.size(p[0], 0)], dtype=6, device=ops.prim.device(x[0]))
    for i in range((s + chunk - 1) // chunk):
      _0 = self.word_loss_chunk(x, p, grads, total, buffer, i * chunk, i * chunk + chunk, smoothing, share, wanted)
    if wanted:
      _1 = torch.mul_(grads[0], share)
    return torch.add([torch.mul(total, share)], grads)

  def alignment_word_loss_backward(self, gy: List[Tensor], x: List[Tensor], p: List[Tensor], saved: List[Tensor], chunk: int, smoothing: float, weight: float, wanted: bool) -> List[Tensor]:
    g = [torch.mul_(t, gy[0]) for t in saved]
    return [g[0], torch.slice(torch.view(saved[0], [-1]), 0, 0, 0), g[1], g[2]]
