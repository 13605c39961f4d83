# Retrieval by cosine. x: n queries [n,e], y: m candidates [m,e], unit vectors in fp32. A candidate is right where its class is the query's;
# classes are int64 [n] and [m].

  # -> fp32 [n] each: how many candidates score higher than the best right one; how many score the same, itself included (0 where a score is
  # not a number); how many of these are others. In blocks of `rows` queries, so that memory grows with m. Scores are compared as one and the
  # same product gave them: computed otherwise, equal vectors would differ by rounding. Comparisons are written as fp32 because sums of
  # booleans take five times as long; counts are exact up to 2^24.
  def retrieval_ranks(self, x: Tensor, y: Tensor, wanted: Tensor, classes: Tensor, rows: int) -> List[Tensor]:
    higher = torch.new_empty(x, [torch.size(x, 0)])
    alike = torch.empty_like(higher)
    others = torch.empty_like(higher)
    buffers = torch.new_empty(x, [3, rows, torch.size(y, 0)])
    for i in range(self.blocks(x, rows)):
      s = self.block_logits(torch.select(buffers, 0, 0), self.block_of(x, i, rows), y)
      k = torch.size(s, 0)
      other = torch.slice(torch.select(buffers, 0, 1), 0, 0, k)
      marks = torch.slice(torch.select(buffers, 0, 2), 0, 0, k)
      _0 = torch.ne(torch.unsqueeze(self.block_of(wanted, i, rows), 1), classes, out=other)
      best = torch.amax(torch.add(s, other, alpha=-4, out=marks), [1], True)
      _1 = torch.copy_(self.block_of(higher, i, rows), torch.sum(torch.gt(s, best, out=marks), [1]))
      _2 = torch.copy_(self.block_of(alike, i, rows), torch.sum(torch.eq(s, best, out=marks), [1]))
      _3 = torch.copy_(self.block_of(others, i, rows), torch.sum(torch.mul_(marks, other), [1]))
    return [higher, alike, others]

  # The same where a query has `of_query` vectors, neighbours in x [n of_query,e], and a candidate `of_candidate` in y [m of_candidate,e]: a
  # score is the largest of their cosines.
  def retrieval_ranks_of_sets(self, x: Tensor, y: Tensor, wanted: Tensor, classes: Tensor, rows: int, of_query: int, of_candidate: int) -> List[Tensor]:
    higher = torch.new_empty(x, [torch.size(wanted, 0)])
    alike = torch.empty_like(higher)
    others = torch.empty_like(higher)
    for i in range(self.blocks(wanted, rows)):
      all = torch.matmul(self.block_of(x, i, torch.mul(rows, of_query)), torch.t(y))
      k = torch.floordiv(torch.size(all, 0), of_query)
      s = torch.amax(torch.view(all, [k, of_query, torch.size(classes, 0), of_candidate]), [1, 3])
      other = torch.to(torch.ne(torch.unsqueeze(self.block_of(wanted, i, rows), 1), classes), 6)
      best = torch.amax(torch.sub(s, other, alpha=4), [1], True)
      same = torch.to(torch.eq(s, best), 6)
      _0 = torch.copy_(self.block_of(higher, i, rows), torch.sum(torch.to(torch.gt(s, best), 6), [1]))
      _1 = torch.copy_(self.block_of(alike, i, rows), torch.sum(same, [1]))
      _2 = torch.copy_(self.block_of(others, i, rows), torch.sum(torch.mul(same, other), [1]))
    return [higher, alike, others]

  # The best `most` candidates of each query among those found so far and one block more [m,e], whose first row is `first`: cosines fp32 [n,k]
  # and rows int64 [n,k], best first. Begins with k = 0.
  def nearest(self, x: Tensor, block: Tensor, first: int, scores: Tensor, found: Tensor, most: int) -> List[Tensor]:
    values, places = torch.topk(torch.mm(x, torch.t(block)), ops.prim.min(most, torch.size(block, 0)))
    all = torch.cat([scores, values], 1)
    rows = torch.cat([found, torch.add(places, first)], 1)
    best, at = torch.topk(all, ops.prim.min(most, torch.size(all, 1)))
    return [best, torch.gather(rows, 1, at)]

  # Writes values into the rows of a table from `start` on.
  def write_rows(self, table: Tensor, start: int, values: Tensor) -> None:
    _0 = torch.copy_(torch.slice(table, 0, start, start + torch.size(values, 0)), values)
