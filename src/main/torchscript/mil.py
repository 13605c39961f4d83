# Gated attention over the tiles of a slide (Ilse et al. 2018). n tiles, c features, m hidden, a attention, k classes.

  # x: tiles [n,c]; p: embed w [m,c] b, V w [a,m] b, U w [a,m] b, attention w [1,a] b, classifier w [k,m] b
  # -> logits [1,k], attention [1,n], embedding [1,m]
  def mil_parts(self, x: Tensor, p: List[Tensor]) -> List[Tensor]:
    h = torch.relu(torch.linear(x, p[0], p[1]))
    gated = torch.mul(torch.tanh(torch.linear(h, p[2], p[3])), torch.sigmoid(torch.linear(h, p[4], p[5])))
    attention = torch.softmax(torch.t(torch.linear(gated, p[6], p[7])), 1)
    embedding = torch.matmul(attention, h)
    return [torch.linear(embedding, p[8], p[9]), attention, embedding]

  # x: tiles [n,c], class int64 [1]; p: as above -> cross entropy
  def mil(self, x: List[Tensor], p: List[Tensor]) -> List[Tensor]:
    return [torch.cross_entropy_loss(self.mil_parts(x[0], p)[0], x[1], None, 1, -100, 0.)]

  # eva's: a projection without an activation, gated attention over it, a classifier of two hidden layers.
  # x: tiles [n,c]; p: projection w [m,c] b, V w [a,m] b, U w [a,m] b, attention w [1,a] b, hidden w b, hidden w b, last w [k,..] b
  # -> logits [1,k]
  def mil_eva_logits(self, x: Tensor, p: List[Tensor]) -> Tensor:
    h = torch.linear(x, p[0], p[1])
    gated = torch.mul(torch.tanh(torch.linear(h, p[2], p[3])), torch.sigmoid(torch.linear(h, p[4], p[5])))
    attention = torch.softmax(torch.t(torch.linear(gated, p[6], p[7])), 1)
    first = torch.relu(torch.linear(torch.matmul(attention, h), p[8], p[9]))
    return torch.linear(torch.relu(torch.linear(first, p[10], p[11])), p[12], p[13])

  # x: tiles of several slides one behind the other [n,c], where each ends int64 [b], classes int64 [b]; p: as above
  # -> the slides' mean loss: cross entropy; of a single logit that of class 1 against class 0
  def mil_eva(self, x: List[Tensor], p: List[Tensor]) -> List[Tensor]:
    parts = annotate(List[Tensor], [])
    start = 0
    for i in range(torch.size(x[1], 0)):
      end = int(torch.select(x[1], 0, i))
      _0 = torch.append(parts, self.mil_eva_logits(torch.slice(x[0], 0, start, end), p))
      start = end
    logits = torch.cat(parts)
    if torch.eq(torch.size(logits, 1), 1):
      truth = torch.unsqueeze(torch.type_as(x[2], logits), 1)
      loss = torch.binary_cross_entropy_with_logits(logits, truth, None, None, 1)
    else:
      loss = torch.cross_entropy_loss(logits, x[2], None, 1, -100, 0.)
    return [loss]

  # Leaves out a part p of y [n,c] by a seed int64 [1], and scales the rest; y as it is where there is no seed.
  def mil_dropped(self, y: Tensor, seeds: List[Tensor], site: int, p: float) -> Tensor:
    if self.has(seeds, 0):
      n, c = torch.size(y)
      seed = torch.add(torch.mul(seeds[0], 3), site)
      out = torch.view(self.left_out(seed, [1, n, c], p), [n, c])
      z = torch.mul(torch.masked_fill(y, out, 0.), 1. / (1. - p))
    else:
      z = y
    return z

  # Patho-Bench's (TRIDENT's encoder): a layer before the attention and one behind it, attention without gates.
  # x: tiles [n,c]; seeds: int64 [1] for dropout, none to read; p: before w [c,c] b, attention w [a,c] b, score w [1,a] b,
  # behind w [c,c] b, classifier w [k,c] b -> logits [1,k]
  def mil_trident_logits(self, x: Tensor, seeds: List[Tensor], p: List[Tensor]) -> Tensor:
    h = self.mil_dropped(torch.gelu(torch.linear(x, p[0], p[1])), seeds, 0, 0.1)
    looked = self.mil_dropped(torch.tanh(torch.linear(h, p[2], p[3])), seeds, 1, 0.25)
    attention = torch.softmax(torch.t(torch.linear(looked, p[4], p[5])), 1)
    z = self.mil_dropped(torch.gelu(torch.linear(torch.matmul(attention, h), p[6], p[7])), seeds, 2, 0.1)
    return torch.linear(z, p[8], p[9])

  # x: tiles [n,c], class int64 [1], perhaps seed int64 [1]; p: as above -> cross entropy
  def mil_trident(self, x: List[Tensor], p: List[Tensor]) -> List[Tensor]:
    seeds = annotate(List[Tensor], [])
    if self.has(x, 2):
      _0 = torch.append(seeds, x[2])
    return [torch.cross_entropy_loss(self.mil_trident_logits(x[0], seeds, p), x[1], None, 1, -100, 0.)]

  # Patho-Bench's survival: the negative log likelihood of k intervals of time, whose hazards are sigmoids (Zadeh and Schmid 2020).
  # x: tiles [n,c], interval and whether it had the event (1) or ended the watching (0) int64 [2], perhaps seed int64 [1]; p: as above
  def mil_trident_survival(self, x: List[Tensor], p: List[Tensor]) -> List[Tensor]:
    seeds = annotate(List[Tensor], [])
    if self.has(x, 2):
      _0 = torch.append(seeds, x[2])
    hazards = torch.sigmoid(torch.squeeze(self.mil_trident_logits(x[0], seeds, p), 0))
    passed = torch.cumprod(torch.rsub(hazards, 1), 0)
    reached = torch.cat([torch.ones_like(torch.slice(hazards, 0, 0, 1)), passed])
    interval = torch.slice(x[1], 0, 0, 1)
    here = torch.log(torch.clamp_min(torch.index_select(hazards, 0, interval), 1e-7))
    before = torch.log(torch.clamp_min(torch.index_select(reached, 0, interval), 1e-7))
    through = torch.log(torch.clamp_min(torch.index_select(passed, 0, interval), 1e-7))
    had = torch.eq(torch.slice(x[1], 0, 1, 2), 1)
    loss = torch.neg(torch.squeeze(torch.where(had, torch.add(before, here), through), 0))
    return [loss]
