package dev.eosin.tensor;

/// How kernels of a GPU compute where there is a choice between speed and digits. Of no effect on a
/// CPU. Narrow matrix products sum in fp32 whatever is chosen here.
///
/// @param deterministic whether a kernel that adds in any order gives way to a slower one that
///   always adds in the same, so that equal steps give equal bits
/// @param tf32 whether fp32 matrix products round what they multiply to TF32: 10 bits behind the
///   point instead of 23, at several times the speed
public record CudaNumerics(boolean deterministic, boolean tf32) {
  /// libtorch's own choice of kernels, and every digit of fp32.
  public static final CudaNumerics DEFAULT = new CudaNumerics(false, false);
}
