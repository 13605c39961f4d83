# The block of blocks.py with its norms after the sums (block_post) with its own backward, fully trained, on a CPU and in fp32: as
# qformer_lean.py computes a layer, whose functions it takes. It keeps 10 c floats per token and a byte for each element that dropout may
# leave out; shares of attention, norms and activations are computed again.
#
#   saved    query, key, value [3,b,h,n,d]; attention's sum, its mean and deviation; up's product, the MLP's sum, its mean and deviation;
#            what dropout leaves out of attention's shares, of its sum and of the MLP's

  # The weights of a block's MLP as lean_mlp takes them.
  def post_mlp(self, p: List[Tensor]) -> List[Tensor]:
    return torch.add(torch.slice(p, 8, 12), torch.slice(p, 6, 8))

  # x: tokens [b,n,c], boolean mask [b,1,1,n], seeds; p and site as block_post has them
  def block_post_lean(self, x: List[Tensor], p: List[Tensor], heads: int, site: int, hidden: float, attention: float, eps: float) -> List[Tensor]:
    b, n, c = torch.size(x[0])
    y = torch.reshape(x[0], [b * n, c])
    qkv = torch.contiguous(torch.permute(torch.view(self.product(y, p[2], p[3]), [b, n, 3, heads, c // heads]), [2, 0, 3, 1, 4]))
    q, k, v = torch.unbind(qkv, 0)
    of_shares = self.lean_left_out(x, site, [heads, n, n], attention)
    of_sum = self.lean_left_out(x, site + 1, [1, n, c], hidden)
    of_mlp = self.lean_left_out(x, site + 2, [1, n, c], hidden)
    a = self.lean_attended(q, k, v, torch.slice(x, 1, 2), of_shares, attention)
    s = self.lean_added(y, a, p[4], p[5], of_sum, hidden)
    h, mean, deviation = self.normed_keeping(s, p[0], p[1], eps)
    z = self.lean_mlp(h, self.post_mlp(p), 0, of_mlp, hidden, eps)
    kept = torch.add([qkv, s, mean, deviation], torch.slice(z, 1))
    return torch.add(torch.add([torch.view(z[0], [b, n, c])], kept), [of_shares, of_sum, of_mlp])

  # -> gradients of x, empty but for tokens, then of p in order.
  def block_post_lean_backward(self, gy: List[Tensor], x: List[Tensor], p: List[Tensor], saved: List[Tensor], heads: int, site: int, hidden: float, attention: float, eps: float) -> List[Tensor]:
    b, n, c = torch.size(x[0])
    qkv, s, mean, deviation, f, t, mean1, deviation1, of_shares, of_sum, of_mlp = saved
    none = torch.zeros([0], dtype=6, device=ops.prim.device(x[0]))
    mlp = [none for _ in range(6)]
    grads = [none for _ in range(6)]
    h = self.normed(s, p[0], p[1], eps)
    d = self.lean_mlp_backward(mlp, torch.reshape(gy[0], [b * n, c]), h, self.post_mlp(p), 0, [f, t, mean1, deviation1], of_mlp, hidden)
    ds = self.lean_norm_backward(grads, 0, d, s, mean, deviation, p)
    dh = self.lean_dropped(ds, of_sum, hidden)
    q, k, v = torch.unbind(qkv, 0)
    dq, dk, dv, a = self.lean_attended_backward(self.product_input(dh, p[4]), q, k, v, torch.slice(x, 1, 2), of_shares, attention)
    _0 = self.lean_linear_gradients(grads, 4, dh, a)
    dqkv = torch.reshape(torch.permute(torch.stack([dq, dk, dv]), [1, 3, 0, 2, 4]), [b * n, 3 * c])
    _1 = self.lean_linear_gradients(grads, 2, dqkv, torch.reshape(x[0], [b * n, c]))
    dx = torch.view(self.product_plain_added(dqkv, torch.t(p[2]), ds), [b, n, c])
    beside = [none for _ in range(torch.len(x) - 1)]
    own = torch.add(torch.slice(mlp, 4, 6), torch.slice(mlp, 0, 4))
    return torch.add(torch.add([dx], beside), torch.add(grads, own))
