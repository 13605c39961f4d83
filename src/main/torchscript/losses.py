# Losses over a batch of pairs. b pairs, e embedding size; x: image and text features [b,e] fp32; p: logit scale (log) [] and, for
# SigLIP, logit bias []. The plain forms keep logits [b,b]; the forms `_rows` work in blocks of rows and keep O(b).

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

  # For each row the sum of the rows of its class; a class is named by its first row. Without classes every row is alone.
  def class_sums(self, x: Tensor, classes: Tensor) -> Tensor:
    out = x
    if torch.gt(torch.numel(classes), 0):
      out = torch.index_select(torch.index_add(torch.zeros_like(x), 0, classes, x), 0, classes)
    return out

  # How many rows each row's class has -> [b,1]
  def class_sizes(self, x: Tensor, classes: Tensor) -> Tensor:
    return self.class_sums(torch.new_ones(x, [torch.size(x, 0), 1]), classes)

  # For each row the mean of the features that it should meet: those of its class, mixed with everyone's by label smoothing.
  def targets(self, x: Tensor, classes: Tensor, smoothing: float) -> Tensor:
    out = torch.div(self.class_sums(x, classes), self.class_sizes(x, classes))
    if smoothing > 0.:
      out = torch.add(torch.mul(out, 1. - smoothing), torch.mean(x, [0], True), alpha=smoothing)
    return out

  def times_exp(self, x: Tensor, log_scale: Tensor) -> Tensor:
    return torch.mul(x, torch.exp(log_scale))

  # What a loss in blocks may be given besides features: classes int64 [b], empty where every row is alone, and a teacher's features,
  # those of images times its scale.
  def classes_of(self, x: List[Tensor]) -> Tensor:
    return x[2] if self.has(x, 2) else torch.new_empty(x[0], [0])

  # Log sums of exp over the rows and over the columns of the logits -> [b], [b]; a buffer with room for all logits keeps them.
  # A log sum is x minus log_softmax(x), for any element: libtorch computes the latter in one pass.
  def log_sums(self, image: Tensor, text: Tensor, buffer: Tensor, rows: int, keep: bool) -> Tuple[Tensor, Tensor]:
    by_row = torch.new_empty(image, [torch.size(image, 0)])
    by_column = torch.full_like(by_row, -3e38)
    for i in range(self.blocks(image, rows)):
      s = self.block_logits(self.block_of(buffer, i, rows) if keep else buffer, self.block_of(image, i, rows), text)
      _0 = torch.copy_(self.block_of(by_row, i, rows), torch.sub(torch.select(s, 1, 0), torch.select(torch.log_softmax(s, 1), 1, 0)))
      _1 = torch.copy_(by_column, torch.logaddexp(by_column, torch.sub(torch.select(s, 0, 0), torch.select(torch.log_softmax(s, 0), 0, 0))))
    return (by_row, by_column)

  # softmax over the rows plus softmax over the columns, of one block; s is overwritten.
  def both_softmax(self, s: Tensor, by_column: Tensor) -> Tensor:
    rows = torch.softmax(s, 1)
    return torch.add_(rows, torch.exp_(torch.sub_(s, by_column)))

  # `contrastive` in blocks of `rows`, with classes and a teacher -> loss; saved: log sums of exp over the columns, the teacher's,
  # and, where `keep`, all logits. The teacher's soft targets weigh `distillation` (Hinton et al. 2015 at temperature 1).
  def contrastive_rows(self, x: List[Tensor], p: List[Tensor], smoothing: float, distillation: float, rows: int, keep: bool) -> List[Tensor]:
    image = torch.mul(x[0], torch.exp(p[0]))
    buffer = self.logits_buffer(image, torch.size(image, 0) if keep else rows)
    by_row, by_column = self.log_sums(image, x[1], buffer, rows, keep)
    met = torch.sum(torch.mul(image, self.targets(x[1], self.classes_of(x), smoothing)), [1])
    each = torch.sub(torch.add(by_row, by_column), met, alpha=2)
    taught = torch.new_empty(image, [0])
    if self.has(x, 3):
      other = self.logits_buffer(image, rows)
      _0, taught = self.log_sums(x[3], x[4], other, rows, False)
      agreed = torch.empty_like(by_row)
      for i in range(self.blocks(image, rows)):
        s = self.block_of(buffer, i, rows) if keep else self.block_logits(buffer, self.block_of(image, i, rows), x[1])
        q = self.both_softmax(self.block_logits(other, self.block_of(x[3], i, rows), x[4]), taught)
        _1 = torch.copy_(self.block_of(agreed, i, rows), torch.sum(torch.mul_(q, s), [1]))
      each = torch.add(each, torch.sub(torch.add(by_row, by_column), agreed), alpha=distillation)
    loss = torch.mul(torch.mean(each), 0.5)
    return [loss, by_column, taught, buffer] if keep else [loss, by_column, taught]

  def contrastive_rows_backward(self, gy: List[Tensor], x: List[Tensor], p: List[Tensor], saved: List[Tensor], smoothing: float, distillation: float, rows: int, keep: bool) -> List[Tensor]:
    scale = torch.exp(p[0])
    image = torch.mul(x[0], scale)
    image_gradient = torch.new_empty(image, torch.size(image))
    text_gradient = torch.mul(self.targets(image, self.classes_of(x), smoothing), -2.)
    buffer = saved[2] if keep else self.logits_buffer(image, rows)
    other = self.logits_buffer(image, rows if self.has(x, 3) else 0)
    for i in range(self.blocks(image, rows)):
      block = self.block_of(image, i, rows)
      g = self.both_softmax(self.block_of(buffer, i, rows) if keep else self.block_logits(buffer, block, x[1]), saved[0])
      if self.has(x, 3):
        q = self.both_softmax(self.block_logits(other, self.block_of(x[3], i, rows), x[4]), saved[1])
        g = torch.sub_(torch.mul_(g, 1. + distillation), q, alpha=distillation)
      _0 = torch.mm(g, x[1], out=self.block_of(image_gradient, i, rows))
      _1 = torch.addmm_(text_gradient, torch.t(g), block)
    image_gradient = torch.sub_(image_gradient, self.targets(x[1], self.classes_of(x), smoothing), alpha=2)
    share = torch.mul(gy[0], 0.5 / float(torch.size(image, 0)))
    scale_gradient = torch.mul(torch.sum(torch.mul(image_gradient, image)), share)
    return self.with_beside([torch.mul_(image_gradient, torch.mul(scale, share)), torch.mul_(text_gradient, share)], x, [scale_gradient])

  # A gradient for every input: what stands beside the features has none, and anything serves in its place.
  def with_beside(self, features: List[Tensor], x: List[Tensor], parameters: List[Tensor]) -> List[Tensor]:
    out = annotate(List[Tensor], [])
    for t in features:
      _0 = torch.append(out, t)
    for i in range(torch.len(x) - 2):
      _1 = torch.append(out, x[2 + i])
    for t in parameters:
      _2 = torch.append(out, t)
    return out

  # `siglip` in blocks of `rows`, with classes; nothing is needed of other blocks, so gradients are made beside the loss: saved are those of image,
  # text, scale and bias. softplus(-z) = softplus(z) - z spares the signs.
  def siglip_rows(self, x: List[Tensor], p: List[Tensor], rows: int) -> List[Tensor]:
    scale = torch.exp(p[0])
    image = torch.mul(x[0], scale)
    b = float(torch.size(image, 0))
    unlike = torch.new_empty(image, [torch.size(image, 0)])
    likely = torch.new_empty(image, [torch.size(image, 0)])
    image_gradient = torch.new_empty(image, torch.size(image))
    classes = self.classes_of(x)
    text_gradient = torch.neg(self.class_sums(image, classes))
    positives = torch.squeeze(self.class_sizes(image, classes), 1)
    met = self.class_sums(x[1], classes)
    buffer = self.logits_buffer(image, rows)
    for i in range(self.blocks(image, rows)):
      block = self.block_of(image, i, rows)
      z = torch.add_(self.block_logits(buffer, block, x[1]), p[1])
      _0 = torch.copy_(self.block_of(unlike, i, rows), torch.sum(torch.softplus(z), [1]))
      g = torch.sigmoid_(z)
      _1 = torch.copy_(self.block_of(likely, i, rows), torch.sum(g, [1]))
      _2 = torch.mm(g, x[1], out=self.block_of(image_gradient, i, rows))
      _3 = torch.addmm_(text_gradient, torch.t(g), block)
    alike = torch.add(torch.sum(torch.mul(image, met), [1]), torch.mul(positives, p[1]))
    loss = torch.mean(torch.sub(unlike, alike))
    image_gradient = torch.sub_(image_gradient, met)
    scale_gradient = torch.div(torch.sum(torch.mul(image_gradient, image)), b)
    bias_gradient = torch.mean(torch.sub(likely, positives))
    return [loss, torch.mul_(image_gradient, torch.div(scale, b)), torch.div_(text_gradient, b), scale_gradient, bias_gradient]

  def siglip_rows_backward(self, gy: List[Tensor], x: List[Tensor], p: List[Tensor], saved: List[Tensor], rows: int) -> List[Tensor]:
    g = [torch.mul_(t, gy[0]) for t in saved]
    return self.with_beside([g[0], g[1]], x, [g[2], g[3]])

  # Losses over ranks. x: own image and text features [n,e], then those of all ranks [b,e]; own rows begin at `first`. A rank asks its images
  # against all texts and its texts against all images, in blocks of `rows`: what it computes and holds grows with its own rows.

  # Log sums of exp of the logits of own images and of own texts -> [n,2]
  def log_sums_of_rank(self, x: List[Tensor], log_scale: Tensor, rows: int) -> Tensor:
    return torch.stack([self.sums_against(self.times_exp(x[0], log_scale), x[3], rows), self.sums_against(self.times_exp(x[1], log_scale), x[2], rows)], 1)

  # Of scaled rows [n,e] against all others [b,e] -> [n]
  def sums_against(self, own: Tensor, others: Tensor, rows: int) -> Tensor:
    out = torch.new_empty(own, [torch.size(own, 0)])
    buffer = self.logits_buffer(others, rows)
    for i in range(self.blocks(own, rows)):
      s = self.block_logits(buffer, self.block_of(own, i, rows), others)
      _0 = torch.copy_(self.block_of(out, i, rows), torch.sub(torch.select(s, 1, 0), torch.select(torch.log_softmax(s, 1), 1, 0)))
    return out

  # What stands beside the features over ranks, from x[4] on: classes of all rows int64 [b], empty where every row is alone; then a teacher's
  # own image and text features [n,t], those of all ranks [b,t], its logit scale (log) [], and its log sums of all ranks' rows [b,2].
  def classes_of_ranks(self, x: List[Tensor]) -> Tensor:
    return x[4] if self.has(x, 4) else torch.new_empty(x[0], [0])

  # Gradient of both directions' log sums, less both of what was met and of a teacher's soft targets, for scaled rows [n,e], which are images or
  # (`side` 1) texts; sums: of all ranks' rows [b,2] -> [n,e]; sum over own rows of the logits that the teacher weighs []
  def contrast_against(self, own: Tensor, x: List[Tensor], side: int, sums: Tensor, met: Tensor, distillation: float, rows: int) -> Tuple[Tensor, Tensor]:
    others = x[3 - side]
    of_others = torch.select(sums, 1, 1 - side)
    out = torch.new_empty(own, torch.size(own))
    agreed = torch.new_zeros(own, [])
    buffer = self.logits_buffer(others, rows)
    taught = self.has(x, 5)
    teacher = self.times_exp(x[5 + side], x[9]) if taught else own
    of_teacher = torch.select(x[10], 1, 1 - side) if taught else of_others
    other = self.logits_buffer(others, rows if taught else 0)
    for i in range(self.blocks(own, rows)):
      s = self.block_logits(buffer, self.block_of(own, i, rows), others)
      if taught:
        q = self.both_softmax(self.block_logits(other, self.block_of(teacher, i, rows), x[8 - side]), of_teacher)
        agreed = torch.add(agreed, torch.sum(torch.mul(q, s)))
        g = torch.sub_(torch.mul_(self.both_softmax(s, of_others), 1. + distillation), q, alpha=distillation)
      else:
        g = self.both_softmax(s, of_others)
      _0 = torch.mm(g, others, out=self.block_of(out, i, rows))
    return (torch.sub_(out, met, alpha=2), agreed)

  # What own rows are to meet: their own others or those of their class, mixed with everyone's by label smoothing. Own rows begin at `first`.
  def met_by_own(self, own: Tensor, others: Tensor, classes: Tensor, smoothing: float, first: int) -> Tensor:
    out = own
    if torch.gt(torch.numel(classes), 0):
      out = torch.slice(self.targets(others, classes, smoothing), 0, first, first + torch.size(own, 0))
    elif smoothing > 0.:
      out = torch.add(torch.mul(own, 1. - smoothing), torch.mean(others, [0], True), alpha=smoothing)
    return out

  # Own rows' share of `contrastive`; sums: of all ranks' rows [b,2]; gradients are multiplied by `factor` -> share [], gradients of own images
  # and texts [n,e], own part of the scale's
  def contrastive_of_rank(self, x: List[Tensor], p: List[Tensor], sums: Tensor, smoothing: float, distillation: float, factor: float, first: int, rows: int) -> List[Tensor]:
    scale = torch.exp(p[0])
    image = torch.mul(x[0], scale)
    classes = self.classes_of_ranks(x)
    met = self.met_by_own(x[1], x[3], classes, smoothing, first)
    own_sums = torch.mul(torch.sum(torch.slice(sums, 0, first, first + torch.size(image, 0))), 1. + distillation)
    half = 0.5 / float(torch.size(sums, 0))
    image_gradient, agreed = self.contrast_against(image, x, 0, sums, met, distillation, rows)
    share = torch.sub(torch.sub(own_sums, torch.sum(torch.mul(image, met)), alpha=2), agreed, alpha=distillation)
    met_by_texts = self.met_by_own(x[0], x[2], classes, smoothing, first)
    text_gradient, _0 = self.contrast_against(torch.mul(x[1], scale), x, 1, sums, met_by_texts, distillation, rows)
    scale_gradient = torch.mul(torch.sum(torch.mul(image_gradient, image)), half * factor)
    by = torch.mul(scale, half * factor)
    return [torch.mul(share, half), torch.mul_(image_gradient, by), torch.mul_(text_gradient, by), scale_gradient]

  # Of scaled rows [n,e] against all others [b,e]: sums over all of softplus and of sigmoid of the logits [n], and the gradient, less what was met
  # [n,e]
  def sigmoids_against(self, own: Tensor, others: Tensor, bias: Tensor, met: Tensor, rows: int) -> Tuple[Tensor, Tensor, Tensor]:
    unlike = torch.new_empty(own, [torch.size(own, 0)])
    likely = torch.new_empty(own, [torch.size(own, 0)])
    out = torch.new_empty(own, torch.size(own))
    buffer = self.logits_buffer(others, rows)
    for i in range(self.blocks(own, rows)):
      z = torch.add_(self.block_logits(buffer, self.block_of(own, i, rows), others), bias)
      _0 = torch.copy_(self.block_of(unlike, i, rows), torch.sum(torch.softplus(z), [1]))
      g = torch.sigmoid_(z)
      _1 = torch.copy_(self.block_of(likely, i, rows), torch.sum(g, [1]))
      _2 = torch.mm(g, others, out=self.block_of(out, i, rows))
    return (unlike, likely, torch.sub_(out, met))

  # The sum of the others that own rows are to meet: their own or those of their class.
  def all_met_by_own(self, own: Tensor, others: Tensor, classes: Tensor, first: int) -> Tensor:
    out = own
    if torch.gt(torch.numel(classes), 0):
      out = torch.slice(self.class_sums(others, classes), 0, first, first + torch.size(own, 0))
    return out

  # Own rows' share of `siglip`; gradients are multiplied by `factor` -> share [], gradients of own images and texts [n,e], own part of the
  # scale's and the bias's
  def siglip_of_rank(self, x: List[Tensor], p: List[Tensor], factor: float, first: int, rows: int) -> List[Tensor]:
    scale = torch.exp(p[0])
    image = torch.mul(x[0], scale)
    classes = self.classes_of_ranks(x)
    met = self.all_met_by_own(x[1], x[3], classes, first)
    unlike, likely, image_gradient = self.sigmoids_against(image, x[3], p[1], met, rows)
    _0, _1, text_gradient = self.sigmoids_against(torch.mul(x[1], scale), x[2], p[1], self.all_met_by_own(x[0], x[2], classes, first), rows)
    b = float(torch.size(x[2], 0))
    positives = self.positives_of_own(x[2], classes, first, torch.size(image, 0))
    alike = torch.add(torch.sum(torch.mul(image, met), [1]), torch.mul(positives, p[1]))
    share = torch.div(torch.sum(torch.sub(unlike, alike)), b)
    scale_gradient = torch.mul(torch.sum(torch.mul(image_gradient, image)), factor / b)
    bias_gradient = torch.mul(torch.sum(torch.sub(likely, positives)), factor / b)
    by = torch.mul(scale, factor / b)
    return [share, torch.mul_(image_gradient, by), torch.mul_(text_gradient, by), scale_gradient, bias_gradient]

  # How many positives each own row has -> [n]
  def positives_of_own(self, all: Tensor, classes: Tensor, first: int, rows: int) -> Tensor:
    out = torch.new_ones(all, [rows])
    if torch.gt(torch.numel(classes), 0):
      out = torch.slice(torch.squeeze(self.class_sizes(all, classes), 1), 0, first, first + rows)
    return out
