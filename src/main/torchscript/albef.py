# Losses of ALBEF's manner. b own rows of B, n features to be told apart, e embedding size.

  # x: own features [b,e], all others [n,e], fp32; p: temperature [] -> [b,n]
  def albef_similarities(self, x: List[Tensor], p: List[Tensor]) -> List[Tensor]:
    return [torch.div(torch.mm(x[0], torch.t(x[1])), p[0])]

  # What rows are to be like, softened by what the momentum model finds: row i belongs to column `start` + i. features [b,e],
  # all [n,e], temperature [] -> [b,n], rows of sum 1
  def albef_targets(self, features: Tensor, all: Tensor, temperature: Tensor, start: int, alpha: float) -> Tensor:
    soft = torch.softmax(torch.div(torch.mm(features, torch.t(all)), temperature), 1)
    b, n = torch.size(soft)
    rows = torch.view(torch.arange(start, start + b, dtype=4, device=ops.prim.device(soft)), [b, 1])
    own = torch.eq(rows, torch.arange(n, dtype=4, device=ops.prim.device(soft)))
    return torch.add(torch.mul(soft, alpha), torch.to(own, 6), alpha=1. - alpha)

  # Summed cross entropy with soft targets divided by `weight`. x: similarities [b,n], targets [b,n]
  def soft_cross_entropy(self, x: List[Tensor], p: List[Tensor], weight: float) -> List[Tensor]:
    return [torch.div(torch.neg(torch.sum(torch.mul(torch.log_softmax(x[0], 1), x[1]))), weight)]
