# CLIP outside its blocks. b batch, n tokens, c width, e embedding size.

  # uint8 pixels [b,3,h,w] -> (x / 255 - mean) / std in `dtype`; mean, std [3,1,1] fp32
  def normalise(self, x: Tensor, mean: Tensor, std: Tensor, dtype: int) -> Tensor:
    return torch.to(torch.div_(torch.sub_(torch.div(torch.to(x, 6), 255.), mean), std), dtype)

  # The patch embedding as a matrix product. x: pixels [b,3,h,w]; p: weight [c,3,k,k] -> [b,n,c]; rows and columns that do not
  # fill a patch are dropped, as a convolution of stride k does.
  def patches(self, x: Tensor, weight: Tensor) -> Tensor:
    b, d, height, width = torch.size(x)
    c, _d, k, _k = torch.size(weight)
    whole = torch.slice(torch.slice(x, 2, 0, height // k * k), 3, 0, width // k * k)
    cells = torch.permute(torch.reshape(whole, [b, d, height // k, k, width // k, k]), [0, 2, 4, 1, 3, 5])
    return torch.linear(torch.reshape(torch.to(cells, ops.prim.dtype(weight)), [b, -1, d * k * k]), torch.reshape(weight, [c, d * k * k]))

  # x: pixels [b,3,h,w] normalised; p: patch weight [c,3,k,k], class token [c], positions [n,c], pre-norm w b -> [b,n,c]
  def embed_image(self, x: List[Tensor], p: List[Tensor]) -> List[Tensor]:
    e = self.patches(x[0], p[0])
    b, _n, c = torch.size(e)
    t = torch.add(torch.cat([torch.expand(p[1], [b, 1, c]), e], 1), p[2])
    return [self.normed(t, p[3], p[4], 1e-5)]

  # x: tokens [b,n,c], places int64 [b,k] -> [b,k,c]
  def tokens_at(self, x: List[Tensor], p: List[Tensor]) -> List[Tensor]:
    b, k = torch.size(x[1])
    return [torch.gather(x[0], 1, torch.expand(torch.view(x[1], [b, k, 1]), [b, k, torch.size(x[0], 2)]))]

  # x: token ids [b,n]; p: table [v,c], positions [>=n,c] -> [b,n,c]
  def embed_text(self, x: List[Tensor], p: List[Tensor]) -> List[Tensor]:
    return [torch.add(self.embedded(p[0], x[0]), torch.slice(p[1], 0, 0, torch.size(x[0], 1)))]

  # Unit vectors of fp32 rows [b,e] (F.normalize, eps 1e-12).
  def unit(self, x: Tensor) -> Tensor:
    return torch.div(x, torch.clamp_min(torch.linalg_vector_norm(x, 2, [-1], True), 1e-12))

  # x: tokens [b,n,c] (n = 1: already pooled), position int64 [b]; p: norm w b, projection [c,e] -> fp32 [b,e] before L2. What
  # follows the pooling is fp32 whatever the tower is: it costs nothing, and a contrastive loss magnifies what is rounded here.
  def project(self, x: List[Tensor], p: List[Tensor]) -> Tensor:
    b, n, c = torch.size(x[0])
    t = x[0] if n == 1 else torch.gather(x[0], 1, torch.expand(torch.view(x[1], [b, 1, 1]), [b, 1, c]))
    return torch.matmul(self.normed_wide(torch.view(t, [b, c]), p[0], p[1], 1e-5), torch.to(p[2], 6))

  # As project, as a node of its own.
  def projection(self, x: List[Tensor], p: List[Tensor]) -> List[Tensor]:
    return [self.project(x, p)]

  # As project, then unit vectors.
  def head(self, x: List[Tensor], p: List[Tensor]) -> List[Tensor]:
    return [self.unit(self.project(x, p))]

  # All tokens after the tower's final norm, for hidden states. p: norm w b
  def norm(self, x: List[Tensor], p: List[Tensor]) -> List[Tensor]:
    return [self.normed(x[0], p[0], p[1], 1e-5)]

  # x: image and text features; p: logit scale (log) -> logits per image [b,b]
  def logits(self, x: List[Tensor], p: List[Tensor]) -> Tensor:
    return torch.mul(torch.matmul(x[0], torch.t(x[1])), torch.exp(p[0]))

  # open_clip's rule: the position of the largest id, the first of equals. ids [b,n] -> [b]
  def largest_position(self, ids: Tensor) -> Tensor:
    return torch.argmax(ids, -1)

  # The first position of `id` (0 where a row has none, as transformers does). ids [b,n] -> [b]
  def first_position(self, ids: Tensor, id: int) -> Tensor:
    return torch.argmax(torch.to(torch.eq(ids, id), 3), -1)
