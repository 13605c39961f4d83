# Losses over a batch of pairs. b pairs, e embedding size; x: image and text features [b,e] fp32; p: logit scale (log) [] and, for
# SigLIP, logit bias []. The plain forms keep logits [b,b]; the forms `_rows` compute them twice in blocks of rows and keep O(b).

  # The mean of both directions' cross entropies.
  def contrastive(self, x: List[Tensor], p: List[Tensor], smoothing: float) -> List[Tensor]:
    logits = torch.mul(torch.matmul(x[0], torch.t(x[1])), torch.exp(p[0]))
    y = torch.arange(torch.size(logits, 0), dtype=4, device=ops.prim.device(logits))
    images = torch.cross_entropy_loss(logits, y, None, 1, -100, smoothing)
    return [torch.mul(torch.add(images, torch.cross_entropy_loss(torch.t(logits), y, None, 1, -100, smoothing)), 0.5)]

  # The sigmoid loss of every image with every text, summed and divided by b.
  def siglip(self, x: List[Tensor], p: List[Tensor]) -> List[Tensor]:
    logits = torch.add(torch.mul(torch.matmul(x[0], torch.t(x[1])), torch.exp(p[0])), p[1])
    b = torch.size(logits, 0)
    y = torch.sub(torch.mul(torch.eye(b, dtype=6, device=ops.prim.device(logits)), 2.), 1.)
    return [torch.div(torch.sum(torch.log_sigmoid(torch.mul(y, logits))), -1. * float(b))]

  # The number of blocks of `rows` in x [b,e].
  def blocks(self, x: Tensor, rows: int) -> int:
    return (torch.size(x, 0) + rows - 1) // rows

  # Rows of one block, a view.
  def block_of(self, x: Tensor, block: int, rows: int) -> Tensor:
    return torch.slice(x, 0, block * rows, block * rows + rows)

  # Memory for blocks of logits that are written again and again: what stays alive between two blocks must not lie between the
  # pieces that come and go, or the heap grows with every block.
  def logits_buffer(self, x: Tensor, rows: int) -> Tensor:
    return torch.new_empty(x, [rows, torch.size(x, 0)])

  # Logits of one block, without bias, into the first rows of `buffer` -> view [rows,b]
  def block_logits(self, buffer: Tensor, image: Tensor, text: Tensor) -> Tensor:
    return torch.mm(image, torch.t(text), out=torch.slice(buffer, 0, 0, torch.size(image, 0)))

  # For each row the mean of the features that it should meet: its own partner's, mixed with everyone's by label smoothing.
  def targets(self, x: Tensor, smoothing: float) -> Tensor:
    out = x
    if smoothing > 0.:
      out = torch.add(torch.mul(x, 1. - smoothing), torch.mean(x, [0], True), alpha=smoothing)
    return out

  # `contrastive` in blocks of `rows` -> loss; saved: log sums of exp over the columns and, where `keep`, all logits.
  # A log sum is x minus log_softmax(x), for any element: libtorch computes the latter in one pass.
  def contrastive_rows(self, x: List[Tensor], p: List[Tensor], smoothing: float, rows: int, keep: bool) -> List[Tensor]:
    image = torch.mul(x[0], torch.exp(p[0]))
    by_row = torch.new_empty(image, [torch.size(image, 0)])
    by_column = torch.full_like(by_row, -3e38)
    buffer = self.logits_buffer(image, torch.size(image, 0) if keep else rows)
    for i in range(self.blocks(image, rows)):
      s = self.block_logits(self.block_of(buffer, i, rows) if keep else buffer, self.block_of(image, i, rows), x[1])
      _0 = torch.copy_(self.block_of(by_row, i, rows), torch.sub(torch.select(s, 1, 0), torch.select(torch.log_softmax(s, 1), 1, 0)))
      _1 = torch.copy_(by_column, torch.logaddexp(by_column, torch.sub(torch.select(s, 0, 0), torch.select(torch.log_softmax(s, 0), 0, 0))))
    met = torch.sum(torch.mul(image, self.targets(x[1], smoothing)), [1])
    loss = torch.mul(torch.mean(torch.sub(torch.add(by_row, by_column), met, alpha=2)), 0.5)
    return [loss, by_column, buffer] if keep else [loss, by_column]

  def contrastive_rows_backward(self, gy: List[Tensor], x: List[Tensor], p: List[Tensor], saved: List[Tensor], smoothing: float, rows: int, keep: bool) -> List[Tensor]:
    scale = torch.exp(p[0])
    image = torch.mul(x[0], scale)
    image_gradient = torch.new_empty(image, torch.size(image))
    text_gradient = torch.mul(self.targets(image, smoothing), -2.)
    buffer = saved[1] if keep else self.logits_buffer(image, rows)
    for i in range(self.blocks(image, rows)):
      block = self.block_of(image, i, rows)
      s = self.block_of(buffer, i, rows) if keep else self.block_logits(buffer, block, x[1])
      g = torch.softmax(s, 1)
      g = torch.add_(g, torch.exp_(torch.sub_(s, saved[0])))
      _0 = torch.mm(g, x[1], out=self.block_of(image_gradient, i, rows))
      _1 = torch.addmm_(text_gradient, torch.t(g), block)
    image_gradient = torch.sub_(image_gradient, self.targets(x[1], smoothing), alpha=2)
    share = torch.mul(gy[0], 0.5 / float(torch.size(image, 0)))
    scale_gradient = torch.mul(torch.sum(torch.mul(image_gradient, image)), share)
    return [torch.mul_(image_gradient, torch.mul(scale, share)), torch.mul_(text_gradient, share), scale_gradient]

  # `siglip` in blocks of `rows`; nothing is needed of other blocks, so gradients are made beside the loss: saved are those of image,
  # text, scale and bias. softplus(-z) = softplus(z) - z spares the signs.
  def siglip_rows(self, x: List[Tensor], p: List[Tensor], rows: int) -> List[Tensor]:
    scale = torch.exp(p[0])
    image = torch.mul(x[0], scale)
    b = float(torch.size(image, 0))
    unlike = torch.new_empty(image, [torch.size(image, 0)])
    likely = torch.new_empty(image, [torch.size(image, 0)])
    image_gradient = torch.new_empty(image, torch.size(image))
    text_gradient = torch.neg(image)
    buffer = self.logits_buffer(image, rows)
    for i in range(self.blocks(image, rows)):
      block = self.block_of(image, i, rows)
      z = torch.add_(self.block_logits(buffer, block, x[1]), p[1])
      _0 = torch.copy_(self.block_of(unlike, i, rows), torch.sum(torch.softplus(z), [1]))
      g = torch.sigmoid_(z)
      _1 = torch.copy_(self.block_of(likely, i, rows), torch.sum(g, [1]))
      _2 = torch.mm(g, x[1], out=self.block_of(image_gradient, i, rows))
      _3 = torch.addmm_(text_gradient, torch.t(g), block)
    own = torch.add(torch.sum(torch.mul(image, x[1]), [1]), p[1])
    loss = torch.mean(torch.sub(unlike, own))
    image_gradient = torch.sub_(image_gradient, x[1])
    scale_gradient = torch.div(torch.sum(torch.mul(image_gradient, image)), b)
    bias_gradient = torch.mean(torch.sub(likely, 1.))
    return [loss, torch.mul_(image_gradient, torch.div(scale, b)), torch.div_(text_gradient, b), scale_gradient, bias_gradient]

  def siglip_rows_backward(self, gy: List[Tensor], x: List[Tensor], p: List[Tensor], saved: List[Tensor], rows: int) -> List[Tensor]:
    return [torch.mul_(t, gy[0]) for t in saved]
