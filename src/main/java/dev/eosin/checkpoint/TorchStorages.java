package dev.eosin.checkpoint;

import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/// The bytes that the tensors of a torch.save file are views of. Thread safe.
sealed interface TorchStorages {
  /// The size that the file gives a storage, in bytes; nothing is read.
  ///
  /// @throws MalformedFile when it has none of that key
  long bytes(Pickled.Storage storage) throws MalformedFile;

  /// A storage's bytes.
  MemorySegment contents(Pickled.Storage storage) throws MalformedFile;

  /// Entries of a zip file, `<folder>/data/<key>`; the first reading of one compares its checksum.
  final class Zipped implements TorchStorages {
    private final ZipArchive zip;
    private final String folder;
    private final ConcurrentMap<String, MemorySegment> read = new ConcurrentHashMap<>();

    Zipped(ZipArchive zip, String folder) {
      this.zip = zip;
      this.folder = folder;
    }

    @Override
    public long bytes(Pickled.Storage storage) throws MalformedFile {
      return zip.size(entry(storage));
    }

    @Override
    public MemorySegment contents(Pickled.Storage storage) throws MalformedFile {
      MemorySegment known = read.get(storage.key());
      if (known != null) {
        return known;
      }
      MemorySegment contents = zip.contents(entry(storage));
      read.put(storage.key(), contents);
      return contents;
    }

    private String entry(Pickled.Storage storage) {
      return folder + "data/" + storage.key();
    }
  }

  /// What follows the pickles of the older format: for each key the number of elements, then these.
  final class Streamed implements TorchStorages {
    private final Map<String, MemorySegment> contents = new HashMap<>();

    /// @param bytes stands behind the list of keys
    /// @param types the element types by key, as the tensors give them
    Streamed(PickleBytes bytes, Pickled keys, Map<String, StoredType> types) throws MalformedFile {
      if (!(keys instanceof Pickled.Items items)) {
        throw new MalformedFile("has no list of its storages");
      }
      for (Pickled value : items.values()) {
        if (!(value instanceof Pickled.Text(String key)) || !types.containsKey(key)) {
          throw new MalformedFile("lists a storage that no tensor uses");
        }
        long elements = bytes.signed64();
        int size = types.get(key).bytes();
        // Division keeps the product from wrapping around.
        MemorySegment slice = bytes.slice(elements > Long.MAX_VALUE / size ? -1 : elements * size);
        if (contents.put(key, slice) != null) {
          throw new MalformedFile("lists storage " + Quote.of(key) + " twice");
        }
      }
      if (!bytes.atEnd()) {
        throw new MalformedFile("goes on after its last storage, at byte " + bytes.position());
      }
    }

    @Override
    public long bytes(Pickled.Storage storage) throws MalformedFile {
      return contents(storage).byteSize();
    }

    @Override
    public MemorySegment contents(Pickled.Storage storage) throws MalformedFile {
      MemorySegment slice = contents.get(storage.key());
      if (slice == null) {
        throw new MalformedFile("lacks storage " + Quote.of(storage.key()));
      }
      return slice;
    }
  }
}
