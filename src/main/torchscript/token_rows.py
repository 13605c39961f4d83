# A token table of which some rows are trained while the others stay (peft's trainable_token_indices): rows [k,c] take the place of those
# that `chosen` int64 [k] names. v vocabulary, s rows that are asked for. A tied head is the same table.

  # x: ids int64 [.], chosen; p: table [v,c], rows [k,c] -> [.,c], fp32 where `wide`, else in the table's type
  def chosen_embedding(self, x: List[Tensor], p: List[Tensor], wide: bool) -> List[Tensor]:
    plain = torch.embedding(p[0], x[0])
    y = torch.to(plain, 6) if wide else plain
    same = torch.eq(torch.unsqueeze(x[0], -1), x[1])
    trained = torch.embedding(p[1], torch.argmax(torch.to(same, 1), -1))
    return [torch.where(torch.any(same, -1, True), torch.to(trained, ops.prim.dtype(y)), y)]

  # x: rows [s,c], chosen; p: head [v,c], rows [k,c] -> logits [s,v], fp32
  def chosen_logits(self, x: List[Tensor], p: List[Tensor]) -> List[Tensor]:
    y = torch.to(self.times(x[0], p[0]), 6)
    return [torch.index_copy_(y, 1, x[1], torch.to(self.times(x[0], p[1]), 6))]

  # One chunk of `linear_cross_entropy` with chosen rows. -> the sum so far
  def chosen_entropy_chunk(self, x: List[Tensor], p: List[Tensor], dx: Tensor, dw: Tensor, total: Tensor, start: int, end: int, share: float, wanted: bool) -> Tensor:
    h = torch.slice(x[0], 0, start, end)
    t = torch.unsqueeze(torch.slice(x[1], 0, start, end), 1)
    logp = torch.log_softmax(self.chosen_logits([h, x[2]], p)[0], 1)
    _0 = torch.sub_(total, torch.sum(torch.gather(logp, 1, t)))
    if wanted:
      g = torch.exp_(logp)
      _1 = torch.scatter_add_(g, 1, t, torch.full_like(torch.slice(g, 1, 0, 1), -1.))
      d = torch.index_select(g, 1, x[2])
      _2 = torch.addmm_(dw, torch.t(d), torch.to(h, 6), beta=1, alpha=share)
      _3 = torch.index_fill_(g, 1, x[2], 0)
      back = torch.add(self.times_input(torch.to(g, ops.prim.dtype(h)), p[0]), self.times_input(torch.to(d, ops.prim.dtype(h)), p[1]))
      _4 = torch.copy_(torch.slice(dx, 0, start, end), back)
    return total

  # x: rows [s,c], targets int64 [s], chosen; p: head [v,c], rows [k,c] -> loss [], and where gradients are wanted those of both rows
  def chosen_cross_entropy(self, x: List[Tensor], p: List[Tensor], chunk: int, weight: float, wanted: bool) -> List[Tensor]:
    s, c = torch.size(x[0])
    share = 1.0 / weight
    total = torch.zeros([], dtype=6, device=ops.prim.device(x[0]))
    dx = torch.empty_like(x[0])
    dw = torch.zeros_like(p[1], dtype=6)
    for i in range((s + chunk - 1) // chunk):
      _0 = self.chosen_entropy_chunk(x, p, dx, dw, total, i * chunk, i * chunk + chunk, share, wanted)
    return [torch.mul(total, share), torch.mul_(dx, share), dw]

  def chosen_cross_entropy_backward(self, gy: List[Tensor], x: List[Tensor], p: List[Tensor], saved: List[Tensor], chunk: int, weight: float, wanted: bool) -> List[Tensor]:
    none = torch.slice(torch.view(saved[0], [-1]), 0, 0, 0)
    dx = torch.mul(saved[0], torch.to(gy[0], ops.prim.dtype(saved[0])))
    return [dx, none, none, none, torch.mul(saved[1], gy[0])]

  # The natural logarithm of each target's probability [s], in chunks; x and p as above
  def chosen_likelihoods(self, x: List[Tensor], p: List[Tensor], chunk: int) -> Tensor:
    s, c = torch.size(x[0])
    out = torch.zeros([s], dtype=6, device=ops.prim.device(x[0]))
    for i in range((s + chunk - 1) // chunk):
      h = torch.slice(x[0], 0, i * chunk, i * chunk + chunk)
      t = torch.unsqueeze(torch.slice(x[1], 0, i * chunk, i * chunk + chunk), 1)
      logp = torch.log_softmax(self.chosen_logits([h, x[2]], p)[0], 1)
      _0 = torch.copy_(torch.slice(out, 0, i * chunk, i * chunk + chunk), torch.squeeze(torch.gather(logp, 1, t), 1))
    return out
