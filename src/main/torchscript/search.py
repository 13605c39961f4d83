# The next token of r rows: x are its scores fp32 [r,v], ids int64 [r,t] what each row has so far (below 0 where there is nothing), ends
# int64 [n] the ids that end a row. What goes to the host is a few fp32 numbers per row: an id is exact up to 2^24.

  # The scores as transformers' generate processes them, in its order: ids that came before have theirs divided by `repetition` where it is
  # above 0, else multiplied; ids that would repeat an n-gram of the row are out (`ngram` 0: none), and ends while they are `held`.
  def allowed_scores(self, x: Tensor, ids: Tensor, ends: Tensor, repetition: float, ngram: int, held: bool) -> Tensor:
    r, v = torch.size(x)
    t = torch.size(ids, 1)
    y = x
    if torch.__and__(torch.gt(t, 0), torch.ne(repetition, 1.)):
      places = self.spare_column(ids, v)
      wide = torch.constant_pad_nd(y, [0, 1], 0.)
      s = torch.gather(wide, 1, places)
      penalised = torch.where(torch.lt(s, 0), torch.mul(s, repetition), torch.div(s, repetition))
      y = torch.slice(torch.scatter_(wide, 1, places, penalised), 1, 0, v)
    if torch.__and__(torch.gt(ngram, 0), torch.ge(t, ngram)):
      windows = torch.unfold(ids, 1, ngram, 1)
      start = torch.unsqueeze(torch.slice(ids, 1, t + 1 - ngram, t), 1)
      same = torch.all(torch.eq(torch.slice(windows, 2, 0, ngram - 1), start), 2)
      last = torch.where(same, self.spare_column(torch.select(windows, 2, ngram - 1), v), v)
      out = torch.scatter_(torch.new_zeros(y, [r, v + 1], dtype=11), 1, last, True)
      y = torch.masked_fill(y, torch.slice(out, 1, 0, v), float("-inf"))
    if held:
      y = torch.index_fill(y, 1, ends, float("-inf"))
    return y

  # Ids that no score is of become v.
  def spare_column(self, ids: Tensor, v: int) -> Tensor:
    return torch.clamp(torch.masked_fill(ids, torch.lt(ids, 0), v), None, v)

  # -> [2,r]: the highest score, its id; the first of equal ones.
  def greedy_tokens(self, x: Tensor, ids: Tensor, ends: Tensor, repetition: float, ngram: int, held: bool) -> Tensor:
    best, token = torch.max(self.allowed_scores(x, ids, ends, repetition, ngram, held), 1)
    return torch.stack([best, torch.to(token, 6)])

  # -> [2,r]: the probability that was kept (not a number where nothing is allowed), the id that was drawn. drawn: int64 [r], 53 random bits.
  # Only the `most` likeliest ids (0: all) stay, and of these the likeliest whose probabilities reach `mass`.
  def sampled_tokens(self, x: Tensor, ids: Tensor, ends: Tensor, drawn: Tensor, repetition: float, ngram: int, held: bool, temperature: float, most: int, mass: float) -> Tensor:
    y = torch.div(self.allowed_scores(x, ids, ends, repetition, ngram, held), temperature)
    if torch.__or__(torch.gt(most, 0), torch.lt(mass, 1.)):
      shares, tokens = self.likeliest(y, most, mass)
      before = torch.sub(torch.cumsum(shares, 1, dtype=7), shares)
      reached = torch.cumsum(torch.masked_fill(shares, torch.ge(before, mass), 0.), 1, dtype=7)
      token = torch.gather(tokens, 1, self.drawn_places(reached, drawn))
    else:
      reached = torch.cumsum(torch.softmax(y, 1), 1, dtype=7)
      token = self.drawn_places(reached, drawn)
    return torch.stack([torch.to(torch.select(reached, 1, -1), 6), torch.to(torch.squeeze(token, 1), 6)])

  # The shares of the likeliest ids of each row, falling, those of lower ids first among equal ones, and the ids: `most` of them, or (0) as many
  # as surely reach `mass`. Sorting a whole vocabulary takes milliseconds a row: where 1,024 ids are enough for every row, apart from any that
  # equal the last of them, what is drawn is the same as of all.
  def likeliest(self, y: Tensor, most: int, mass: float) -> List[Tensor]:
    v = torch.size(y, 1)
    if torch.gt(most, 0):
      values, tokens = torch.topk(y, ops.prim.min(most, v))
      out = self.in_order(torch.softmax(values, 1), tokens)
    else:
      all = torch.softmax(y, 1)
      values, tokens = torch.topk(all, ops.prim.min(1024, v))
      above = torch.masked_fill(values, torch.le(values, torch.slice(values, 1, -1)), 0.)
      if bool(torch.all(torch.ge(torch.sum(above, [1], dtype=7), mass))):
        out = self.in_order(values, tokens)
      else:
        values, tokens = torch.sort(all, stable=True, dim=1, descending=True)
        out = [values, tokens]
    return out

  def in_order(self, values: Tensor, tokens: Tensor) -> List[Tensor]:
    ids, places = torch.sort(tokens, 1)
    falling, order = torch.sort(torch.gather(values, 1, places), stable=True, dim=1, descending=True)
    return [falling, torch.gather(ids, 1, order)]

  # The first place of each row whose cumulated share exceeds its draw: int64 [r,1]. A draw is below 1, so that its product is below the whole.
  def drawn_places(self, reached: Tensor, drawn: Tensor) -> Tensor:
    whole = torch.slice(reached, 1, -1)
    wanted = torch.mul(torch.mul(torch.unsqueeze(torch.to(drawn, 7), 1), 1.1102230246251565e-16), whole)
    return torch.clamp(torch.searchsorted(reached, wanted, right=True), None, torch.size(reached, 1) - 1)

  # -> [3,b,count]: sums of log-probabilities of the best continuations of each group of k beams, best first; the beam inside the group; the
  # id. sums: fp32 [b,k] of the beams so far, -inf where there is none. x: [b k,v]. Rules act on log-probabilities, as in transformers. Each
  # beam gives its best first: adding its sum keeps their order, and rows are shared among threads.
  def beam_candidates(self, x: Tensor, ids: Tensor, ends: Tensor, sums: Tensor, repetition: float, ngram: int, held: bool, count: int) -> Tensor:
    b, k = torch.size(sums)
    y = self.allowed_scores(torch.log_softmax(x, 1), ids, ends, repetition, ngram, held)
    each = ops.prim.min(count, torch.size(y, 1))
    values, tokens = torch.topk(y, each)
    all = torch.view(torch.add(torch.view(values, [b, k, each]), torch.unsqueeze(sums, 2)), [b, k * each])
    best, place = torch.topk(all, ops.prim.min(count, k * each))
    token = torch.gather(torch.view(tokens, [b, k * each]), 1, place)
    return torch.stack([best, torch.to(torch.floor_divide(place, each), 6), torch.to(token, 6)])
