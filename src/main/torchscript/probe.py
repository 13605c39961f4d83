# What a small probe reads from tokens that are given. b rows, n tokens, c width, q queries, m hidden, k classes.

  # x: tokens [b,n,c]; p: queries [q,c], hidden w [m,q*c] b, out w [k,m] b -> fp32 logits [b,k]. Each query takes a weighted mean
  # of all tokens: which token it is, only the token itself can tell.
  def probe_logits(self, x: Tensor, p: List[Tensor]) -> Tensor:
    c = torch.size(x, 2)
    y = torch.layer_norm(torch.to(x, 6), [c])
    scores = torch.div(torch.matmul(y, torch.t(p[0])), float(c) ** 0.5)
    pooled = torch.matmul(torch.transpose(torch.softmax(scores, 1), 1, 2), y)
    hidden = torch.gelu(torch.linear(torch.flatten(pooled, 1), p[1], p[2]))
    return torch.linear(hidden, p[3], p[4])

  # x: tokens [b,n,c], classes int64 [b], of which -100 does not count; p: a probe's -> mean cross entropy of those that count
  def probe(self, x: List[Tensor], p: List[Tensor]) -> List[Tensor]:
    return [torch.cross_entropy_loss(self.probe_logits(x[0], p), x[1], None, 1, -100, 0.)]

  # x: tokens [b,n,c]; p: a probe's -> the class with the largest logit int64 [b]
  def probe_classes(self, x: Tensor, p: List[Tensor]) -> Tensor:
    return torch.argmax(self.probe_logits(x, p), 1)

  # x: features [b,c]; p: w [k,c] b [k] -> fp32 logits of classes [b,k]
  def class_logits(self, x: List[Tensor], p: List[Tensor]) -> List[Tensor]:
    return [torch.linear(torch.to(x[0], 6), torch.to(p[0], 6), torch.to(p[1], 6))]
