package dev.eosin.checkpoint;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/// A value out of a pickle: tensors, plain containers, plain values, and the few names that they
/// are built with.
///
/// A pickle may share containers and nest them in themselves, so these are compared by identity and
/// nothing walks through them.
sealed interface Pickled {
  /// Values that no reader asks for: none, bytes, devices, element types.
  enum Plain implements Pickled {
    IGNORED
  }

  /// Also true and false, as 1 and 0.
  record Whole(long value) implements Pickled {}

  record Real(double value) implements Pickled {}

  record Text(String value) implements Pickled {}

  /// A function or class by its Python name; it is never anything but this name.
  record Global(String name) implements Pickled {}

  /// One storage, not yet looked up.
  ///
  /// @param key its name in the file
  /// @param type of the elements
  /// @param elements that it claims to have
  record Storage(String key, StoredType type, long elements) implements Pickled {}

  /// A strided view into a storage.
  record Tensor(Storage storage, StridedView view) implements Pickled {}

  /// A tensor of whole numbers, each of which stands for `(number - zero) * scale`.
  ///
  /// @param axis along which scales and zeros lie, each with a place of its own; both are scalars
  ///   where it is empty
  record Quantised(Tensor numbers, OptionalInt axis, Pickled scale, Pickled zero)
      implements Pickled {}

  /// A module of a TorchScript program: its attributes, once the pickle has set them.
  final class Module implements Pickled {
    private final Mapping attributes = new Mapping();

    Mapping attributes() {
      return attributes;
    }
  }

  /// An object of somebody's class, or what a function of theirs would return: only the name is
  /// kept, nothing was called.
  final class Foreign implements Pickled {
    private final String name;
    private boolean tensors;

    /// @param parts that it is made of
    Foreign(String name, List<Pickled> parts) {
      this.name = name;
      holds(parts);
    }

    /// Of the class or function.
    String name() {
      return name;
    }

    /// Whether tensors, or storages of which it may make some, are among its parts or in a
    /// container that is one.
    boolean hasTensors() {
      return tensors;
    }

    void holds(List<Pickled> parts) {
      tensors |= parts.stream().anyMatch(Foreign::isTensorOrHolds);
    }

    private static boolean isTensorOrHolds(Pickled part) {
      return switch (part) {
        case Items items -> items.values().stream().anyMatch(Foreign::isTensor);
        case Mapping mapping -> mapping.values().values().stream().anyMatch(Foreign::isTensor);
        default -> isTensor(part);
      };
    }

    private static boolean isTensor(Pickled value) {
      return switch (value) {
        case Tensor _, Storage _ -> true;
        case Foreign inner -> inner.tensors;
        default -> false;
      };
    }
  }

  /// A tuple, list or set.
  final class Items implements Pickled {
    private final List<Pickled> values;

    Items(List<Pickled> values) {
      this.values = new ArrayList<>(values);
    }

    List<Pickled> values() {
      return Collections.unmodifiableList(values);
    }

    void addAll(List<Pickled> more) {
      values.addAll(more);
    }
  }

  /// A dictionary; entries whose keys are no texts are left out.
  final class Mapping implements Pickled {
    private final Map<String, Pickled> values = new LinkedHashMap<>();

    Map<String, Pickled> values() {
      return Collections.unmodifiableMap(values);
    }

    void put(Pickled key, Pickled value) throws MalformedFile {
      if (key instanceof Text(String name) && values.put(name, value) != null) {
        throw new MalformedFile("the name " + Quote.of(name) + " is there twice");
      }
    }
  }
}
