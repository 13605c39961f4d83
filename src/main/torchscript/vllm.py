# Models of images and text outside tower and decoder. b rows or images, n tokens, c width of image features, d width of the language
# model.

  # Tokens without the first `skip`. x: [b,n,c]
  def tokens_after(self, x: List[Tensor], p: List[Tensor], skip: int) -> List[Tensor]:
    return [torch.slice(x[0], 1, skip)]

  # Linears with GELU between them, in the type of their weights. x: features [b,n,c]; p: each one's w [out,in] and b -> [b,n,d]
  def feature_projector(self, x: List[Tensor], p: List[Tensor]) -> List[Tensor]:
    y = torch.to(x[0], ops.prim.dtype(p[0]))
    for i in range(torch.len(p) // 2):
      y = torch.linear(torch.gelu(y) if torch.gt(i, 0) else y, p[2 * i], p[2 * i + 1])
    return [y]

  # Features in the places of tokens. x: tokens [b,n,d], features of width d, m in all, places int64 [m] among all b n -> [b,n,d]
  def with_features(self, x: List[Tensor], p: List[Tensor]) -> List[Tensor]:
    b, n, d = torch.size(x[0])
    features = torch.to(torch.reshape(x[1], [-1, d]), ops.prim.dtype(x[0]))
    return [torch.view(torch.index_copy(torch.reshape(x[0], [-1, d]), 0, x[2], features), [b, n, d])]

  # The tiles of each image side by side. x: features of all tiles [t,n,c], int64 [b k] which of them, any for padding -> [b,k n,c]
  def tiles_beside(self, x: List[Tensor], p: List[Tensor], images: int) -> List[Tensor]:
    t, n, c = torch.size(x[0])
    return [torch.reshape(torch.index_select(x[0], 0, x[1]), [images, -1, c])]

  # Which keys are of real tiles. counts: int64 [b], tiles of each image; `most` of any; n tokens each -> boolean [b,1,1,most n]
  def real_tiles(self, counts: Tensor, most: int, tokens: int) -> Tensor:
    keys = torch.arange(most * tokens, dtype=4, device=ops.prim.device(counts))
    return torch.lt(torch.view(keys, [1, 1, 1, most * tokens]), torch.mul(torch.view(counts, [-1, 1, 1, 1]), tokens))

  # A norm without weights of what asks. x: [b,n,c]
  def connector_queries(self, x: List[Tensor], p: List[Tensor], eps: float) -> List[Tensor]:
    return [torch.layer_norm(x[0], [torch.size(x[0], -1)], None, None, eps)]

  # A BERT layer with cross-attention. x: queries [b,n,c], tiles [b,m,c], mask boolean [b,1,1,m]; p: each w b: query-key-value, output
  # and norm of self-attention; query, key-value, output and norm of cross-attention; up, down and norm of the MLP -> [b,n,c]
  def connector_layer(self, x: List[Tensor], p: List[Tensor], heads: int, eps: float) -> List[Tensor]:
    b, n, c = torch.size(x[0])
    m = torch.size(x[1], 1)
    asking = torch.to(x[0], ops.prim.dtype(p[0]))
    q, k, v = torch.unbind(torch.permute(torch.reshape(torch.linear(asking, p[0], p[1]), [b, n, 3, heads, c // heads]), [2, 0, 3, 1, 4]), 0)
    own = torch.scaled_dot_product_attention(q, k, v, None, 0., False)
    own1 = torch.linear(torch.reshape(torch.transpose(own, 1, 2), [b, n, c]), p[2], p[3])
    h = self.normed(torch.add(asking, own1), p[4], p[5], eps)
    tiles = torch.to(x[1], ops.prim.dtype(p[8]))
    k1, v1 = torch.unbind(torch.permute(torch.reshape(torch.linear(tiles, p[8], p[9]), [b, m, 2, heads, c // heads]), [2, 0, 3, 1, 4]), 0)
    q1 = torch.transpose(torch.reshape(torch.linear(h, p[6], p[7]), [b, n, heads, c // heads]), 1, 2)
    seen = torch.scaled_dot_product_attention(q1, k1, v1, x[2], 0., False)
    seen1 = torch.linear(torch.reshape(torch.transpose(seen, 1, 2), [b, n, c]), p[10], p[11])
    g = self.normed(torch.add(h, seen1), p[12], p[13], eps)
    f = torch.linear(torch.gelu(torch.linear(g, p[14], p[15])), p[16], p[17])
    return [self.normed(torch.add(g, f), p[18], p[19], eps)]

  # x: the last layer's queries and the first features [b,n,c]; p: norm w b, linear w [d,c] b -> [b,n,d]
  def connector_head(self, x: List[Tensor], p: List[Tensor], eps: float) -> List[Tensor]:
    y = torch.add(x[0], torch.to(x[1], ops.prim.dtype(x[0])))
    return [torch.linear(self.normed(y, p[0], p[1], eps), p[2], p[3])]
