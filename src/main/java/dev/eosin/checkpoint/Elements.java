package dev.eosin.checkpoint;

/// The numbers of a floating-point tensor, one at a time: where a tensor is made of others, its
/// numbers are made when they are asked for, and nothing of its size is held. Asked row by row they
/// are made once; a jump to another row makes that row anew. Not thread safe.
public interface Elements extends AutoCloseable {
  /// Numbers of a tensor that is there.
  static Elements of(TensorData data) {
    return new Elements() {
      @Override
      public double at(long index) {
        return data.floatingAt(index);
      }

      @Override
      public void close() {
        data.unload();
      }
    };
  }

  /// @param index row-major
  double at(long index);

  /// Gives back what the file's pages take.
  @Override
  void close();
}
