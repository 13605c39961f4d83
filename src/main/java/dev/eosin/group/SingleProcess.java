package dev.eosin.group;

import dev.eosin.tensor.Tensor;
import java.util.List;

/// One rank, which has nobody to wait for.
record SingleProcess() implements Group {
  @Override
  public int rank() {
    return 0;
  }

  @Override
  public int size() {
    return 1;
  }

  @Override
  public double sum(double own) {
    return own;
  }

  @Override
  public boolean any(boolean own) {
    return own;
  }

  @Override
  public List<Tensor> sum(List<Tensor> own) {
    return own.stream().map(SingleProcess::copy).toList();
  }

  @Override
  public Tensor gather(Tensor own) {
    return copy(own);
  }

  private static Tensor copy(Tensor own) {
    return own.engine().kernels().one("copied", own);
  }
}
