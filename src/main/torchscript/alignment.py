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

  # BERT's head: scores of what comes next. x: states [s,c]; p: w [c,c] b, norm w b, table [v,c], bias [v] -> fp32 [s,v]
  def alignment_words(self, x: List[Tensor], p: List[Tensor], eps: float) -> List[Tensor]:
    y = self.normed(torch.gelu(torch.linear(x[0], p[0], p[1])), p[2], p[3], eps)
    return [torch.to(torch.linear(y, p[4], p[5]), 6)]
