package dev.eosin.checkpoint;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// How one tensor of Eosin is kept in a foreign format. Every rule is exact in both directions and
/// for every element type.
public sealed interface TensorRule {
  /// Eosin's name.
  String name();

  /// The names in the foreign format, in the rule's order.
  List<String> foreignNames();

  /// The foreign tensors' shapes for a shape of ours.
  ///
  /// @throws IllegalArgumentException when the rule cannot hold a tensor of this shape
  List<List<Long>> foreignShapes(List<Long> shape);

  /// Whether a foreign tensor of shape `found` can be part `part` of ours.
  default boolean holds(List<Long> shape, int part, List<Long> found) {
    return found.equals(foreignShapes(shape).get(part));
  }

  /// What our tensor is, from what the foreign ones are; they have been found alike.
  ///
  /// @throws IllegalArgumentException when the rule cannot read them
  TensorHeader header(List<TensorHeader> foreign);

  /// Our tensor from the foreign ones.
  ///
  /// @throws IllegalArgumentException when the rule cannot read them
  TensorData read(List<TensorData> foreign);

  /// The foreign tensors from ours.
  List<TensorData> write(TensorData data);

  /// The same numbers under another name.
  record Copy(String name, String foreign) implements TensorRule {
    @Override
    public List<String> foreignNames() {
      return List.of(foreign);
    }

    @Override
    public List<List<Long>> foreignShapes(List<Long> shape) {
      return List.of(shape);
    }

    @Override
    public TensorHeader header(List<TensorHeader> foreign) {
      return foreign.getFirst();
    }

    @Override
    public TensorData read(List<TensorData> foreign) {
      return foreign.getFirst();
    }

    @Override
    public List<TensorData> write(TensorData data) {
      return List.of(data);
    }
  }

  /// One number, of shape [] as torch has it; files that keep it as [1] are read too.
  record Scalar(String name, String foreign) implements TensorRule {
    @Override
    public List<String> foreignNames() {
      return List.of(foreign);
    }

    @Override
    public List<List<Long>> foreignShapes(List<Long> shape) {
      return List.of(shape);
    }

    @Override
    public boolean holds(List<Long> shape, int part, List<Long> found) {
      return found.isEmpty() || found.equals(List.of(1L));
    }

    @Override
    public TensorHeader header(List<TensorHeader> foreign) {
      requireOne(foreign.getFirst().shape(), foreign.getFirst().elements());
      return new TensorHeader(foreign.getFirst().type(), List.of());
    }

    private static void requireOne(List<Long> shape, long elements) {
      if (elements != 1) {
        throw new IllegalArgumentException("one number is needed, not the shape " + shape);
      }
    }

    @Override
    public TensorData read(List<TensorData> foreign) {
      TensorData data = foreign.getFirst();
      requireOne(data.shape(), data.elements());
      return new TensorData(data.type(), List.of(), data.bytes());
    }

    @Override
    public List<TensorData> write(TensorData data) {
      return List.of(data);
    }
  }

  /// A matrix kept as [n, m] where ours is [m, n].
  record Transpose(String name, String foreign) implements TensorRule {
    @Override
    public List<String> foreignNames() {
      return List.of(foreign);
    }

    @Override
    public List<List<Long>> foreignShapes(List<Long> shape) {
      if (shape.size() != 2) {
        throw new IllegalArgumentException("a matrix is needed, not the shape " + shape);
      }
      return List.of(shape.reversed());
    }

    @Override
    public TensorHeader header(List<TensorHeader> foreign) {
      TensorHeader header = foreign.getFirst();
      return new TensorHeader(header.type(), foreignShapes(header.shape()).getFirst());
    }

    @Override
    public TensorData read(List<TensorData> foreign) {
      return transposed(foreign.getFirst());
    }

    @Override
    public List<TensorData> write(TensorData data) {
      return List.of(transposed(data));
    }

    private TensorData transposed(TensorData data) {
      List<Long> shape = foreignShapes(data.shape()).getFirst();
      int size = data.type().bytes();
      long rows = data.shape().get(0);
      long columns = data.shape().get(1);
      MemorySegment to = Arena.ofAuto().allocate(data.bytes().byteSize(), 64);
      for (long row = 0; row < rows; row++) {
        for (long column = 0; column < columns; column++) {
          MemorySegment.copy(
              data.bytes(),
              (row * columns + column) * size,
              to,
              (column * rows + row) * size,
              size);
        }
      }
      return new TensorData(data.type(), shape, to);
    }
  }

  /// The same numbers under each of several names.
  record Repeat(String name, List<String> foreignNames) implements TensorRule {
    public Repeat {
      foreignNames = List.copyOf(foreignNames);
    }

    @Override
    public List<List<Long>> foreignShapes(List<Long> shape) {
      return List.copyOf(Collections.nCopies(foreignNames.size(), List.copyOf(shape)));
    }

    @Override
    public TensorHeader header(List<TensorHeader> foreign) {
      return foreign.getFirst();
    }

    @Override
    public TensorData read(List<TensorData> foreign) {
      TensorData first = foreign.getFirst();
      for (int i = 1; i < foreign.size(); i++) {
        if (first.bytes().mismatch(foreign.get(i).bytes()) >= 0) {
          throw new IllegalArgumentException(
              "%s and %s must be the same numbers"
                  .formatted(foreignNames.getFirst(), foreignNames.get(i)));
        }
      }
      return first;
    }

    @Override
    public List<TensorData> write(TensorData data) {
      return Collections.nCopies(foreignNames.size(), data);
    }
  }

  /// Several tensors of one shape, which ours stacks along the first dimension.
  record Stack(String name, List<String> foreignNames) implements TensorRule {
    public Stack {
      foreignNames = List.copyOf(foreignNames);
    }

    @Override
    public List<List<Long>> foreignShapes(List<Long> shape) {
      int parts = foreignNames.size();
      if (shape.isEmpty() || shape.getFirst() % parts != 0) {
        throw new IllegalArgumentException(
            "a first dimension divisible by %d is needed, not the shape %s"
                .formatted(parts, shape));
      }
      List<Long> part = new ArrayList<>(shape);
      part.set(0, shape.getFirst() / parts);
      return List.copyOf(Collections.nCopies(parts, List.copyOf(part)));
    }

    @Override
    public TensorHeader header(List<TensorHeader> foreign) {
      TensorHeader first = foreign.getFirst();
      for (int i = 0; i < foreign.size(); i++) {
        TensorHeader part = foreign.get(i);
        if (!part.equals(first) || part.shape().isEmpty()) {
          throw new IllegalArgumentException(
              "%s is %s %s, but %s is %s %s: they must be alike"
                  .formatted(
                      foreignNames.get(i),
                      part.type(),
                      part.shape(),
                      foreignNames.getFirst(),
                      first.type(),
                      first.shape()));
        }
      }
      List<Long> shape = new ArrayList<>(first.shape());
      shape.set(0, shape.getFirst() * foreign.size());
      return new TensorHeader(first.type(), shape);
    }

    @Override
    public TensorData read(List<TensorData> foreign) {
      TensorHeader header =
          header(
              foreign.stream().map(part -> new TensorHeader(part.type(), part.shape())).toList());
      long size = foreign.getFirst().bytes().byteSize();
      MemorySegment to = Arena.ofAuto().allocate(size * foreign.size(), 64);
      for (int i = 0; i < foreign.size(); i++) {
        MemorySegment.copy(foreign.get(i).bytes(), 0, to, i * size, size);
      }
      return new TensorData(header.type(), header.shape(), to);
    }

    @Override
    public List<TensorData> write(TensorData data) {
      List<TensorData> parts = new ArrayList<>();
      long size = data.bytes().byteSize() / foreignNames.size();
      for (List<Long> shape : foreignShapes(data.shape())) {
        parts.add(
            new TensorData(data.type(), shape, data.bytes().asSlice(parts.size() * size, size)));
      }
      return parts;
    }
  }

  /// As a [Stack] of three tensors of which the middle one is zero and not kept, like the biases of
  /// keys in EVA's image towers.
  record StackAroundZeros(String name, String first, String last) implements TensorRule {
    @Override
    public List<String> foreignNames() {
      return List.of(first, last);
    }

    private Stack whole() {
      return new Stack(name, List.of(first, "the zeros between", last));
    }

    @Override
    public List<List<Long>> foreignShapes(List<Long> shape) {
      return whole().foreignShapes(shape).subList(0, 2);
    }

    @Override
    public TensorHeader header(List<TensorHeader> foreign) {
      return whole().header(List.of(foreign.get(0), foreign.get(0), foreign.get(1)));
    }

    @Override
    public TensorData read(List<TensorData> foreign) {
      TensorData part = foreign.getFirst();
      MemorySegment zeros = Arena.ofAuto().allocate(part.bytes().byteSize(), 64);
      TensorData between = new TensorData(part.type(), part.shape(), zeros);
      return whole().read(List.of(part, between, foreign.get(1)));
    }

    /// @throws IllegalArgumentException when the middle third is not zero
    @Override
    public List<TensorData> write(TensorData data) {
      List<TensorData> parts = whole().write(data);
      MemorySegment between = parts.get(1).bytes();
      if (between.mismatch(Arena.ofAuto().allocate(between.byteSize(), 64)) >= 0) {
        throw new IllegalArgumentException(
            "%s: the middle third is not zero, and this format has no place for it"
                .formatted(name));
      }
      return List.of(parts.get(0), parts.get(2));
    }
  }
}
