package dev.eosin.checkpoint;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// Python's pickle machine, restricted: it builds [Pickled] values and nothing else.
///
/// Every length is compared with the bytes that are left before anything is allocated, the number
/// of operations is limited, and no container is ever walked, so neither nesting nor sharing costs
/// more than the bytes that describe it.
///
/// Source: https://docs.python.org/3/library/pickletools.html
final class PickleReader {
  /// Some 60,000 tensors. An operation makes at most one object, about 100 bytes on the heap.
  private static final int MOST_OPERATIONS = 2_000_000;

  /// Bounds the texts; a tensor takes about 100 bytes.
  private static final long LONGEST = 32L << 20;

  private final PickleBytes bytes;
  private final TorchObjects objects;
  private final List<Pickled.Storage> storages = new ArrayList<>();
  private final List<Pickled> stack = new ArrayList<>();
  private final List<Integer> marks = new ArrayList<>();
  private final Map<Long, Pickled> memo = new HashMap<>();

  /// @param objects what the pickle's names may stand for
  PickleReader(PickleBytes bytes, TorchObjects objects) {
    this.bytes = bytes;
    this.objects = objects;
  }

  /// Reads one pickle, after which `bytes` stands behind it. To be called once.
  Pickled read() throws MalformedFile {
    long begin = bytes.position();
    for (int i = 0; i < MOST_OPERATIONS; i++) {
      int code = bytes.unsigned8();
      if (code == '.') {
        return pop();
      }
      run(code);
      if (bytes.position() - begin > LONGEST) {
        throw new MalformedFile("the pickle is longer than " + LONGEST + " bytes");
      }
    }
    throw new MalformedFile("the pickle has more than " + MOST_OPERATIONS + " operations");
  }

  /// Every storage that the pickle named, as often as it did.
  List<Pickled.Storage> storages() {
    return storages;
  }

  private void run(int code) throws MalformedFile {
    if (!runValue(code) && !runContainer(code) && !runMemo(code)) {
      throw new MalformedFile(
          "the pickle uses operation 0x%02x at byte %d, which tensors and plain containers do not need"
              .formatted(code, bytes.position() - 1));
    }
  }

  private boolean runValue(int code) throws MalformedFile {
    switch (code) {
      case 0x80 -> protocol();
      case 0x95 -> bytes.length(bytes.signed64());
      case 'N' -> push(Pickled.Plain.IGNORED);
      case 0x88 -> push(new Pickled.Whole(1));
      case 0x89 -> push(new Pickled.Whole(0));
      case 'K' -> push(new Pickled.Whole(bytes.unsigned8()));
      case 'M' -> push(new Pickled.Whole(bytes.unsigned16()));
      case 'J' -> push(new Pickled.Whole(bytes.signed32()));
      case 0x8a -> push(bytes.whole(bytes.unsigned8()));
      case 0x8b -> push(bytes.whole(bytes.signed32()));
      case 'G' -> push(new Pickled.Real(bytes.bigEndianDouble()));
      case 0x8c, 'U' -> push(bytes.text(bytes.unsigned8()));
      case 'X' -> push(bytes.text(bytes.unsigned32()));
      case 'T' -> push(bytes.text(bytes.signed32()));
      case 0x8d -> push(bytes.text(bytes.signed64()));
      case 'C' -> ignore(bytes.unsigned8());
      case 'B' -> ignore(bytes.unsigned32());
      case 0x8e, 0x96 -> ignore(bytes.signed64());
      case 'c' -> push(objects.global(bytes.line(), bytes.line()));
      case 0x93 -> {
        String name = popText();
        push(objects.global(popText(), name));
      }
      case 'Q' -> {
        storages.add(TorchObjects.storage(pop()));
        push(storages.getLast());
      }
      case 'R' -> {
        Pickled.Items arguments = popItems();
        push(TorchObjects.reduce(pop(), arguments.values()));
      }
      case 0x81 -> {
        Pickled.Items arguments = popItems();
        push(TorchObjects.object(pop(), arguments.values()));
      }
      case 0x92 -> {
        List<Pickled> named = popLast(1);
        Pickled.Items arguments = popItems();
        push(
            TorchObjects.object(
                pop(), Stream.concat(arguments.values().stream(), named.stream()).toList()));
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  private boolean runContainer(int code) throws MalformedFile {
    switch (code) {
      case '(' -> marks.add(stack.size());
      case ')', ']', 0x8f -> push(new Pickled.Items(List.of()));
      case '}' -> push(new Pickled.Mapping());
      case 't', 'l', 0x91 -> push(new Pickled.Items(popMarked()));
      case 0x85 -> push(new Pickled.Items(popLast(1)));
      case 0x86 -> push(new Pickled.Items(popLast(2)));
      case 0x87 -> push(new Pickled.Items(popLast(3)));
      case 'd' -> {
        List<Pickled> entries = popMarked();
        push(new Pickled.Mapping());
        setAll(entries);
      }
      case 's' -> setAll(popLast(2));
      case 'u' -> setAll(popMarked());
      case 'a' -> addAll(popLast(1));
      case 'e', 0x90 -> addAll(popMarked());
      case 'b' -> setAttributes(pop());
      default -> {
        return false;
      }
    }
    return true;
  }

  private boolean runMemo(int code) throws MalformedFile {
    switch (code) {
      case 'q' -> memo.put((long) bytes.unsigned8(), top());
      case 'r' -> memo.put(bytes.unsigned32(), top());
      case 0x94 -> memo.put((long) memo.size(), top());
      case 'h' -> push(remembered(bytes.unsigned8()));
      case 'j' -> push(remembered(bytes.unsigned32()));
      default -> {
        return false;
      }
    }
    return true;
  }

  private void protocol() throws MalformedFile {
    int version = bytes.unsigned8();
    if (version > 5) {
      throw new MalformedFile("the pickle has protocol " + version + ", at most 5 is read");
    }
  }

  private void ignore(long length) throws MalformedFile {
    bytes.skip(length);
    push(Pickled.Plain.IGNORED);
  }

  private Pickled remembered(long key) throws MalformedFile {
    Pickled value = memo.get(key);
    if (value == null) {
      throw new MalformedFile("the pickle recalls value " + key + ", which it did not store");
    }
    return value;
  }

  private void push(Pickled value) {
    stack.add(value);
  }

  private Pickled pop() throws MalformedFile {
    return popLast(1).getFirst();
  }

  private Pickled top() throws MalformedFile {
    requireDepth(1);
    return stack.getLast();
  }

  private String popText() throws MalformedFile {
    if (pop() instanceof Pickled.Text(String value)) {
      return value;
    }
    throw new MalformedFile("the pickle names a function by something that is no text");
  }

  private Pickled.Items popItems() throws MalformedFile {
    if (pop() instanceof Pickled.Items items) {
      return items;
    }
    throw new MalformedFile("the pickle calls a function with something that is no tuple");
  }

  private List<Pickled> popMarked() throws MalformedFile {
    if (marks.isEmpty()) {
      throw new MalformedFile("the pickle closes a container that it did not open");
    }
    return popFrom(marks.removeLast());
  }

  private List<Pickled> popLast(int count) throws MalformedFile {
    requireDepth(count);
    return popFrom(stack.size() - count);
  }

  private List<Pickled> popFrom(int begin) {
    List<Pickled> last = stack.subList(begin, stack.size());
    List<Pickled> popped = List.copyOf(last);
    last.clear();
    return popped;
  }

  /// Never below the innermost mark, so that every mark stays within the stack.
  private void requireDepth(int count) throws MalformedFile {
    int floor = marks.isEmpty() ? 0 : marks.getLast();
    if (stack.size() - floor < count) {
      throw new MalformedFile("the pickle takes a value where there is none");
    }
  }

  private void setAll(List<Pickled> entries) throws MalformedFile {
    if (top() instanceof Pickled.Foreign object) {
      object.holds(entries);
      return;
    }
    if (!(top() instanceof Pickled.Mapping mapping) || entries.size() % 2 != 0) {
      throw new MalformedFile("the pickle sets entries of something that is no dictionary");
    }
    for (int i = 0; i < entries.size(); i += 2) {
      mapping.put(entries.get(i), entries.get(i + 1));
    }
  }

  /// Those of an OrderedDict (PyTorch's _metadata) or a parameter are not needed.
  private void setAttributes(Pickled state) throws MalformedFile {
    if (top() instanceof Pickled.Foreign object) {
      object.holds(List.of(state));
      return;
    }
    if (!(top() instanceof Pickled.Module module)) {
      return;
    }
    if (!(state instanceof Pickled.Mapping attributes)) {
      throw new MalformedFile("a module of the program keeps its state in a way of its own");
    }
    for (Map.Entry<String, Pickled> attribute : attributes.values().entrySet()) {
      module.attributes().put(new Pickled.Text(attribute.getKey()), attribute.getValue());
    }
  }

  private void addAll(List<Pickled> values) throws MalformedFile {
    if (top() instanceof Pickled.Foreign object) {
      object.holds(values);
      return;
    }
    if (!(top() instanceof Pickled.Items items)) {
      throw new MalformedFile("the pickle adds to something that is no list");
    }
    items.addAll(values);
  }
}
