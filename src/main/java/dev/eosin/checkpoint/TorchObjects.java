package dev.eosin.checkpoint;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/// The Python names that a torch.save file may use, and what they stand for. Nothing is ever
/// called: each stands for a tensor, a container or a value that is passed over.
///
/// A torch.save file and a TorchScript program have different names. A file may in addition hold
/// [ForeignNames], of which only the name is kept; a program's may be those of its own classes,
/// whose objects are kept as their attributes, and of typed lists.
enum TorchObjects {
  /// What torch.save writes.
  SAVED,
  /// What a TorchScript program's `data.pkl` holds.
  PROGRAM,
  /// Data without tensors or classes; an ordered dictionary is a dictionary.
  PLAIN;

  private static final String TENSOR = "torch._utils._rebuild_tensor_v2";
  private static final String OLD_TENSOR = "torch._utils._rebuild_tensor";
  private static final String PARAMETER = "torch._utils._rebuild_parameter";
  private static final String PARAMETER_WITH_STATE = "torch._utils._rebuild_parameter_with_state";
  private static final String QUANTISED = "torch._utils._rebuild_qtensor";
  private static final String PER_TENSOR = "torch.per_tensor_affine";
  private static final Set<String> PER_CHANNEL =
      Set.of("torch.per_channel_affine", "torch.per_channel_affine_float_qparams");
  private static final String ORDERED = "collections.OrderedDict";
  private static final Set<String> SEQUENCES =
      Set.of("torch.Size", "__builtin__.set", "builtins.set");
  private static final String DEVICE = "torch.device";
  private static final String CLASSES = "__torch__.";
  private static final Set<String> TYPED =
      Set.of(
          "torch.jit._pickle.build_intlist",
          "torch.jit._pickle.build_doublelist",
          "torch.jit._pickle.build_boollist",
          "torch.jit._pickle.build_tensorlist",
          "torch.jit._pickle.restore_type_tag");

  private static final Map<String, StoredType> STORAGES =
      Map.ofEntries(
          Map.entry("torch.DoubleStorage", StoredType.F64),
          Map.entry("torch.FloatStorage", StoredType.F32),
          Map.entry("torch.HalfStorage", StoredType.F16),
          Map.entry("torch.BFloat16Storage", StoredType.BF16),
          Map.entry("torch.LongStorage", StoredType.I64),
          Map.entry("torch.IntStorage", StoredType.I32),
          Map.entry("torch.ShortStorage", StoredType.I16),
          Map.entry("torch.CharStorage", StoredType.I8),
          Map.entry("torch.ByteStorage", StoredType.U8),
          Map.entry("torch.QInt8Storage", StoredType.I8),
          Map.entry("torch.QUInt8Storage", StoredType.U8),
          Map.entry("torch.BoolStorage", StoredType.BOOL),
          Map.entry("torch.storage.UntypedStorage", StoredType.U8));

  private static final Set<String> ELEMENT_TYPES =
      Set.of(
          "torch.float64",
          "torch.float32",
          "torch.float16",
          "torch.bfloat16",
          "torch.int64",
          "torch.int32",
          "torch.int16",
          "torch.int8",
          "torch.uint8",
          "torch.bool");

  /// The name, if it is allowed.
  Pickled global(String module, String name) throws MalformedFile {
    String full = module + "." + name;
    if (this == PLAIN) {
      return plain(full);
    }
    if (ELEMENT_TYPES.contains(full)) {
      return Pickled.Plain.IGNORED;
    }
    boolean allowed =
        STORAGES.containsKey(full)
            || SEQUENCES.contains(full)
            || PER_CHANNEL.contains(full)
            || switch (full) {
              case TENSOR,
                  OLD_TENSOR,
                  PARAMETER,
                  PARAMETER_WITH_STATE,
                  QUANTISED,
                  PER_TENSOR,
                  ORDERED,
                  DEVICE ->
                  true;
              default ->
                  switch (this) {
                    case PROGRAM -> full.startsWith(CLASSES) || TYPED.contains(full);
                    case SAVED -> ForeignNames.canBePassedOver(module, name);
                    case PLAIN -> false;
                  };
            };
    if (!allowed) {
      throw new MalformedFile(
          "the pickle asks for %s; only tensors and plain containers are read, nothing is run"
              .formatted(Quote.of(full)));
    }
    return new Pickled.Global(full);
  }

  private static Pickled plain(String name) throws MalformedFile {
    if (!name.equals(ORDERED)) {
      throw new MalformedFile(
          "the pickle asks for %s; only plain containers, texts and numbers are read, nothing is run"
              .formatted(Quote.of(name)));
    }
    return new Pickled.Global(name);
  }

  /// What a call of an allowed name stands for.
  static Pickled reduce(Pickled function, List<Pickled> arguments) throws MalformedFile {
    if (!(function instanceof Pickled.Global global)) {
      throw new MalformedFile("the pickle calls something that is no function");
    }
    String name = global.name();
    return switch (name) {
      case TENSOR, OLD_TENSOR -> tensor(arguments);
      case QUANTISED -> quantised(arguments);
      case PARAMETER, PARAMETER_WITH_STATE -> first(arguments, Pickled.Tensor.class, name);
      case ORDERED -> ordered(arguments);
      case DEVICE -> Pickled.Plain.IGNORED;
      default -> {
        if (TYPED.contains(name)) {
          yield Pickled.Plain.IGNORED;
        }
        if (SEQUENCES.contains(name)) {
          yield first(arguments, Pickled.Items.class, name);
        }
        if (STORAGES.containsKey(name)
            || PER_CHANNEL.contains(name)
            || name.equals(PER_TENSOR)
            || name.startsWith(CLASSES)) {
          throw new MalformedFile("the pickle calls " + name + ", which is no function");
        }
        yield new Pickled.Foreign(name, arguments);
      }
    };
  }

  /// A new object of a class: a program's module, or a placeholder.
  static Pickled object(Pickled type, List<Pickled> arguments) throws MalformedFile {
    if (!(type instanceof Pickled.Global(String name))) {
      throw new MalformedFile("the pickle makes an object of something that is no class");
    }
    return name.startsWith(CLASSES) ? new Pickled.Module() : new Pickled.Foreign(name, arguments);
  }

  private static Pickled tensor(List<Pickled> arguments) throws MalformedFile {
    if (arguments.size() < 4
        || !(arguments.get(0) instanceof Pickled.Storage storage)
        || !(arguments.get(1) instanceof Pickled.Whole(long offset))
        || !(arguments.get(2) instanceof Pickled.Items shape)
        || !(arguments.get(3) instanceof Pickled.Items strides)) {
      throw new MalformedFile("a tensor is not made of storage, offset, sizes and strides");
    }
    StridedView view =
        StridedView.within(storage.elements(), offset, numbers(shape), numbers(strides));
    return new Pickled.Tensor(storage, view);
  }

  /// Storage, offset, sizes, strides, and how its numbers are meant.
  private static Pickled quantised(List<Pickled> arguments) throws MalformedFile {
    if (arguments.size() > 4
        && tensor(arguments) instanceof Pickled.Tensor numbers
        && arguments.get(4) instanceof Pickled.Items meant
        && meant.values().size() >= 3
        && meant.values().get(0) instanceof Pickled.Global(String scheme)) {
      Pickled scale = meant.values().get(1);
      Pickled zero = meant.values().get(2);
      if (scheme.equals(PER_TENSOR)) {
        return new Pickled.Quantised(numbers, OptionalInt.empty(), scale, zero);
      }
      if (PER_CHANNEL.contains(scheme)
          && meant.values().size() == 4
          && meant.values().get(3) instanceof Pickled.Whole(long axis)
          && axis >= 0
          && axis < numbers.view().shape().size()) {
        return new Pickled.Quantised(numbers, OptionalInt.of((int) axis), scale, zero);
      }
    }
    throw new MalformedFile("a quantised tensor does not say what its numbers stand for");
  }

  private static Pickled ordered(List<Pickled> arguments) throws MalformedFile {
    if (!arguments.isEmpty()) {
      throw new MalformedFile("an OrderedDict as Python 2 wrote it is not read");
    }
    return new Pickled.Mapping();
  }

  /// The storage that a persistent id names.
  static Pickled.Storage storage(Pickled id) throws MalformedFile {
    if (!(id instanceof Pickled.Items items)
        || items.values().size() < 5
        || !(items.values().get(0) instanceof Pickled.Text(String kind))
        || !kind.equals("storage")
        || !(items.values().get(1) instanceof Pickled.Global(String type))
        || !(items.values().get(2) instanceof Pickled.Text(String key))
        || !(items.values().get(4) instanceof Pickled.Whole(long elements))) {
      throw new MalformedFile("the pickle names something outside of it that is no storage");
    }
    StoredType stored = STORAGES.get(type);
    if (stored == null) {
      throw new MalformedFile("a storage has the type " + Quote.of(type));
    }
    if (items.values().size() > 5 && items.values().get(5) != Pickled.Plain.IGNORED) {
      throw new MalformedFile("storages within storages (PyTorch before 0.4) are not read");
    }
    if (elements < 0 || elements > Long.MAX_VALUE / stored.bytes()) {
      throw new MalformedFile("storage %s claims %d elements".formatted(Quote.of(key), elements));
    }
    return new Pickled.Storage(key, stored, elements);
  }

  private static <T extends Pickled> T first(List<Pickled> arguments, Class<T> kind, String name)
      throws MalformedFile {
    if (arguments.isEmpty() || !kind.isInstance(arguments.getFirst())) {
      throw new MalformedFile("the pickle gives %s other arguments than PyTorch".formatted(name));
    }
    return kind.cast(arguments.getFirst());
  }

  private static List<Long> numbers(Pickled.Items items) throws MalformedFile {
    if (items.values().size() > StridedView.MOST_DIMENSIONS) {
      throw new MalformedFile("a tensor has %d dimensions".formatted(items.values().size()));
    }
    List<Long> numbers = new ArrayList<>();
    for (Pickled value : items.values()) {
      if (!(value instanceof Pickled.Whole(long number))) {
        throw new MalformedFile("a tensor's sizes or strides are no whole numbers");
      }
      numbers.add(number);
    }
    return numbers;
  }
}
