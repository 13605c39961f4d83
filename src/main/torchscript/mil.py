# Gated attention over the tiles of a slide (Ilse et al. 2018). n tiles, c features, m hidden, a attention, k classes.

  # x: tiles [n,c]; p: embed w [m,c] b, V w [a,m] b, U w [a,m] b, attention w [1,a] b, classifier w [k,m] b
  # -> logits [1,k], attention [1,n], embedding [1,m]
  def mil_parts(self, x: Tensor, p: List[Tensor]) -> List[Tensor]:
    h = torch.relu(torch.linear(x, p[0], p[1]))
    gated = torch.mul(torch.tanh(torch.linear(h, p[2], p[3])), torch.sigmoid(torch.linear(h, p[4], p[5])))
    attention = torch.softmax(torch.t(torch.linear(gated, p[6], p[7])), 1)
    embedding = torch.matmul(attention, h)
    return [torch.linear(embedding, p[8], p[9]), attention, embedding]

  # x: tiles [n,c], class int64 [1]; p: as above -> cross entropy
  def mil(self, x: List[Tensor], p: List[Tensor]) -> List[Tensor]:
    return [torch.cross_entropy_loss(self.mil_parts(x[0], p)[0], x[1], None, 1, -100, 0.)]
