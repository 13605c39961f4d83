package dev.eosin.checkpoint;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// Which elements of a storage make up a tensor, as PyTorch counts: element `i, j, ...` lies at
/// `offset + i stride[0] + j stride[1] + ...`.
///
/// @param offset of the first element, in elements
/// @param shape sizes of the dimensions
/// @param strides of the dimensions, in elements; 0 repeats
record StridedView(long offset, List<Long> shape, List<Long> strides) {
  /// PyTorch's own limit.
  static final int MOST_DIMENSIONS = 64;

  /// @throws MalformedFile when the numbers make no tensor or reach beyond a storage
  static StridedView within(long elements, long offset, List<Long> shape, List<Long> strides)
      throws MalformedFile {
    if (shape.size() != strides.size()) {
      throw new MalformedFile(
          "a tensor has %d sizes and %d strides".formatted(shape.size(), strides.size()));
    }
    if (offset < 0
        || shape.stream().anyMatch(size -> size < 0)
        || strides.stream().anyMatch(stride -> stride < 0)) {
      throw new MalformedFile("a tensor has a negative size, stride or offset");
    }
    StridedView view = new StridedView(offset, List.copyOf(shape), List.copyOf(strides));
    try {
      // The empty tensor reaches nothing, but may begin at the storage's end.
      long beyond = view.elements() == 0 ? offset : Math.addExact(view.lastElement(), 1);
      if (beyond > elements) {
        throw new MalformedFile(
            "a tensor of shape %s and strides %s at %d reaches beyond its storage of %d elements"
                .formatted(shape, strides, offset, elements));
      }
    } catch (ArithmeticException e) {
      throw new MalformedFile("a tensor of shape %s overflows 64 bits".formatted(shape));
    }
    return view;
  }

  /// The product of the sizes.
  long elements() {
    return shape.stream().mapToLong(Long::longValue).reduce(1, Math::multiplyExact);
  }

  private long lastElement() {
    long last = offset;
    for (int i = 0; i < shape.size(); i++) {
      last = Math.addExact(last, Math.multiplyExact(shape.get(i) - 1, strides.get(i)));
    }
    return last;
  }

  private boolean isContiguous() {
    long expected = 1;
    for (int i = shape.size() - 1; i >= 0; i--) {
      if (shape.get(i) != 1 && strides.get(i) != expected) {
        return false;
      }
      expected *= shape.get(i);
    }
    return true;
  }

  /// The elements in row-major order: a slice where they lie so already, otherwise a copy.
  ///
  /// @param storage at least as large as the view was checked against
  TensorData data(StoredType type, MemorySegment storage) {
    long bytes = elements() * type.bytes();
    if (bytes == 0 || isContiguous()) {
      long begin = bytes == 0 ? 0 : offset * type.bytes();
      return new TensorData(type, shape, storage.asSlice(begin, bytes));
    }
    MemorySegment copy = Arena.ofAuto().allocate(bytes, 8);
    gather(type.bytes(), storage, copy);
    return new TensorData(type, shape, copy.asReadOnly());
  }

  private void gather(int elementBytes, MemorySegment storage, MemorySegment copy) {
    int inner = shape.size() - 1;
    long[] index = new long[shape.size()];
    long at = offset;
    for (long to = 0; to < copy.byteSize(); to += elementBytes) {
      MemorySegment.copy(storage, at * elementBytes, copy, to, elementBytes);
      int dimension = inner;
      index[dimension]++;
      at += strides.get(dimension);
      while (dimension > 0 && index[dimension] == shape.get(dimension)) {
        at -= index[dimension] * strides.get(dimension);
        index[dimension] = 0;
        dimension--;
        index[dimension]++;
        at += strides.get(dimension);
      }
    }
  }
}
