package dev.eosin.checkpoint;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/// The weights in a torch.save file and where their bytes are, both formats.
///
/// @param tensors by name, each within its storage
/// @param storages each within the file
/// @param kind which of PyTorch's formats
/// @param beside names of what lies beside the weights
record TorchContents(
    SortedMap<String, Pickled.Tensor> tensors,
    TorchStorages storages,
    String kind,
    List<String> beside) {
  /// The number 0x1950a86a20f9469cfc6c, pickled, with which the older format begins.
  private static final byte[] MAGIC = {
    (byte) 0x8a,
    10,
    0x6c,
    (byte) 0xfc,
    (byte) 0x9c,
    0x46,
    (byte) 0xf9,
    0x20,
    0x6a,
    (byte) 0xa8,
    0x50,
    0x19,
    '.'
  };

  private static final long PROTOCOL = 1001;

  /// Reads the pickle and checks every tensor of the weights.
  ///
  /// @param file at least one byte
  static TorchContents read(MemorySegment file) throws MalformedFile {
    Root root = root(file);
    TorchContents contents =
        root.program()
            ? new TorchContents(
                PickledWeights.ofProgram(root.value()), root.storages(), root.kind(), List.of())
            : new TorchContents(
                PickledWeights.of(root.value()),
                root.storages(),
                root.kind(),
                PickledWeights.beside(root.value()));
    for (Map.Entry<String, Pickled.Tensor> entry : contents.tensors.entrySet()) {
      try {
        check(entry.getValue(), contents.storages, file.byteSize());
      } catch (MalformedFile e) {
        throw new MalformedFile("tensor " + Quote.of(entry.getKey()) + ": " + e.reason());
      }
    }
    return contents;
  }

  /// What a file holds, whatever it is.
  ///
  /// @param program whether TorchScript wrote it
  /// @param storages each within the file
  /// @param kind which of PyTorch's formats
  record Root(Pickled value, boolean program, TorchStorages storages, String kind) {}

  /// Reads the pickle; no tensor is checked.
  ///
  /// @param file at least one byte
  static Root root(MemorySegment file) throws MalformedFile {
    return file.get(ValueLayout.JAVA_BYTE, 0) == 'P' ? readZip(file) : readStream(file);
  }

  /// That a tensor lies within its storage, and that within the file.
  static void check(Pickled.Tensor tensor, TorchStorages storages, long fileSize)
      throws MalformedFile {
    Pickled.Storage storage = tensor.storage();
    long bytes = storages.bytes(storage);
    int size = storage.type().bytes();
    if (storage.elements() > bytes / size) {
      throw new MalformedFile(
          "its storage claims %d elements of %d bytes, the file has %d bytes of it"
              .formatted(storage.elements(), size, bytes));
    }
    // A stride of 0 repeats elements: the only way to ask for more than there is.
    if (tensor.view().elements() > Math.max(bytes, fileSize) / size) {
      throw new MalformedFile(
          "repeats its elements to the shape %s, larger than the file"
              .formatted(tensor.view().shape()));
    }
  }

  private static Root readZip(MemorySegment file) throws MalformedFile {
    ZipArchive zip = ZipArchive.read(file);
    String folder = folder(zip);
    String order = folder + "byteorder";
    if (zip.has(order) && !zip.shortText(order).equals("little")) {
      throw new MalformedFile(
          "has the byte order %s, only little-endian files are read"
              .formatted(Quote.of(zip.shortText(order))));
    }
    PickleBytes pickle = new PickleBytes(zip.contents(folder + "data.pkl"));
    TorchStorages storages = new TorchStorages.Zipped(zip, folder);
    if (zip.has(folder + "constants.pkl")) {
      Pickled root = new PickleReader(pickle, TorchObjects.PROGRAM).read();
      return new Root(root, true, storages, "TorchScript program");
    }
    Pickled root = new PickleReader(pickle, TorchObjects.SAVED).read();
    return new Root(root, false, storages, "torch.save");
  }

  private static String folder(ZipArchive zip) throws MalformedFile {
    String found = "";
    for (String name : zip.names()) {
      int slash = name.indexOf('/');
      if (slash > 0 && name.substring(slash).equals("/data.pkl")) {
        if (!found.isEmpty()) {
          throw new MalformedFile("holds two pickles, " + Quote.of(found) + " and another");
        }
        found = name.substring(0, slash + 1);
      }
    }
    if (found.isEmpty()) {
      throw new MalformedFile("is a zip file, but not one that torch.save wrote: no data.pkl");
    }
    return found;
  }

  private static Root readStream(MemorySegment file) throws MalformedFile {
    PickleBytes bytes = new PickleBytes(file);
    requireMagic(bytes);
    if (!(new PickleReader(bytes, TorchObjects.SAVED).read() instanceof Pickled.Whole(long version))
        || version != PROTOCOL) {
      throw new MalformedFile("is of another version than " + PROTOCOL + " of the older format");
    }
    if (!(new PickleReader(bytes, TorchObjects.SAVED).read() instanceof Pickled.Mapping system)
        || !(system.values().get("little_endian") instanceof Pickled.Whole(long little))
        || little != 1) {
      throw new MalformedFile("does not say that it is little-endian; only such files are read");
    }
    PickleReader reader = new PickleReader(bytes, TorchObjects.SAVED);
    Pickled root = reader.read();
    Map<String, StoredType> types = types(reader.storages());
    Pickled keys = new PickleReader(bytes, TorchObjects.SAVED).read();
    return new Root(
        root,
        false,
        new TorchStorages.Streamed(bytes, keys, types),
        "torch.save, the older stream");
  }

  private static Map<String, StoredType> types(List<Pickled.Storage> storages)
      throws MalformedFile {
    Map<String, StoredType> types = new HashMap<>();
    for (Pickled.Storage storage : storages) {
      StoredType known = types.putIfAbsent(storage.key(), storage.type());
      if (known != null && known != storage.type()) {
        throw new MalformedFile(
            "storage %s is both %s and %s"
                .formatted(Quote.of(storage.key()), known, storage.type()));
      }
    }
    return types;
  }

  /// A file that does not begin so may still be any pickle; reading on tells what it asks for.
  private static void requireMagic(PickleBytes bytes) throws MalformedFile {
    MemorySegment rest = bytes.rest();
    // From protocol 4 on a frame comes first.
    boolean framed = rest.byteSize() > 3 && rest.get(ValueLayout.JAVA_BYTE, 2) == (byte) 0x95;
    int begin = framed ? 11 : 2;
    if (rest.byteSize() > begin + MAGIC.length
        && rest.asSlice(begin, MAGIC.length).mismatch(MemorySegment.ofArray(MAGIC)) == -1) {
      bytes.skip(begin + MAGIC.length);
      return;
    }
    new PickleReader(bytes, TorchObjects.SAVED).read();
    throw new MalformedFile("is a pickle, but not one that torch.save wrote");
  }
}
