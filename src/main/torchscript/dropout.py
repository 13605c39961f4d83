# Dropout whose masks are functions of a seed and of an element's place alone: neither of the rows beside it nor of the longest
# caption. One 64-bit word decides four elements. b rows.

  # SplitMix64's finaliser, in place. Shifts of int64 keep the sign, which the masks take away again.
  def mixed(self, x: Tensor) -> Tensor:
    _0 = torch.bitwise_xor_(x, torch.bitwise_and_(torch.bitwise_right_shift(x, 30), 17179869183))
    _1 = torch.mul_(x, -4658895280553007687)
    _2 = torch.bitwise_xor_(x, torch.bitwise_and_(torch.bitwise_right_shift(x, 27), 137438953471))
    _3 = torch.mul_(x, -7723592293110705685)
    return torch.bitwise_xor_(x, torch.bitwise_and_(torch.bitwise_right_shift(x, 31), 8589934591))

  # Which elements are left out: seeds int64 [b], sizes g, r, c -> boolean [b,g,r,c]. Word k of a row is its seed's output number
  # k, k = g 2^40 + r 2^20 + c / 4; element c takes 16 bits of it, the lowest first, and is left out with probability p (to 2^-16).
  # On a CPU a row at a time stays in its caches.
  def left_out(self, seeds: Tensor, sizes: List[int], p: float) -> Tensor:
    g, r, c = sizes
    device = ops.prim.device(seeds)
    groups = torch.mul(torch.view(torch.arange(g, dtype=4, device=device), [g, 1, 1]), 1099511627776)
    rows = torch.mul(torch.view(torch.arange(r, dtype=4, device=device), [r, 1]), 1048576)
    words = torch.add(torch.add(groups, rows), torch.arange(1, (c + 3) // 4 + 1, dtype=4, device=device))
    counters = torch.mul(words, -7046029254386353131)
    limit = int(p * 65535) - 32767
    b = torch.size(seeds, 0)
    together = b if ops.prim.is_cuda(seeds) else 1
    parts = annotate(List[Tensor], [])
    for i in range((b + together - 1) // together):
      some = torch.slice(seeds, 0, i * together, (i + 1) * together)
      x = self.mixed(torch.add(counters, torch.view(some, [torch.size(some, 0), 1, 1, 1])))
      _0 = torch.append(parts, torch.lt(torch.view_copy(x, dtype=2), limit))
    return torch.slice(torch.cat(parts), 3, 0, c)

  # x + dropout(y) for tokens [b,n,c]; y is overwritten. The seeds are those of inputs[2], where it is.
  def added(self, x: Tensor, y: Tensor, inputs: List[Tensor], site: int, p: float) -> Tensor:
    if torch.__and__(self.has(inputs, 2), torch.gt(p, 0.)):
      b, n, c = torch.size(y)
      out = torch.squeeze(self.left_out(torch.select(inputs[2], 1, site), [1, n, c], p), 1)
      s = torch.add(x, torch.masked_fill_(y, out, 0.), alpha=1. / (1. - p))
    else:
      s = torch.add(x, y)
    return s

  # Attention with dropout on its probabilities: q [b,h,r,d], k v [b,h,n,d], boolean mask [b,1,1,n], seeds int64 [b]
  def attended(self, q: Tensor, k: Tensor, v: Tensor, mask: Tensor, seeds: Tensor, p: float) -> Tensor:
    b, h, r, d = torch.size(q)
    scores = torch.matmul(torch.mul(q, d ** -0.5), torch.transpose(k, 2, 3))
    shares = torch.softmax(torch.masked_fill_(scores, torch.logical_not(mask), float("-inf")), -1)
    some = torch.masked_fill(shares, self.left_out(seeds, [h, r, torch.size(k, 2)], p), 0.)
    return torch.mul(torch.matmul(some, v), 1. / (1. - p))
