package dev.eosin.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import dev.eosin.file.FileContent;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;

/// Collects tensors and writes them as one safetensors file.
///
/// The file depends on names, contents and metadata only, not on the order of adding: tensors go by
/// decreasing element size, then by name, as the safetensors library has it, so each lies aligned
/// for its type. Bytes are fetched tensor by tensor while writing, in pieces of 1 MiB.
public final class SafetensorsWriter implements FileContent {
  private static final int PIECE = 1 << 20;

  private record Pending(
      String name, StoredType type, List<Long> shape, long size, Contents contents) {}

  /// Shows a tensor's bytes to whoever writes them, and lets go of them afterwards.
  private interface Contents {
    void show(Reader reader) throws IOException;
  }

  private interface Reader {
    void read(MemorySegment bytes) throws IOException;
  }

  private final Map<String, String> metadata;
  private final List<Pending> tensors = new ArrayList<>();
  private final Set<String> names = new HashSet<>();

  /// Starts an empty file.
  ///
  /// @param metadata for `__metadata__`; readers of the PyTorch world expect `format` = `pt`
  public SafetensorsWriter(Map<String, String> metadata) {
    this.metadata = new TreeMap<>(metadata);
  }

  /// Adds a tensor.
  ///
  /// @throws IllegalArgumentException when the name is taken
  public SafetensorsWriter add(String name, TensorData data) {
    return add(name, data.type(), data.shape(), data::bytes);
  }

  /// A tensor whose bytes are fetched when their turn comes, and not kept, as transposed copies
  /// are.
  ///
  /// @throws IllegalArgumentException when the name is taken
  public SafetensorsWriter add(
      String name, StoredType type, List<Long> shape, Supplier<MemorySegment> bytes) {
    return add(name, type, shape, reader -> reader.read(bytes(bytes)));
  }

  /// An fp32 tensor, which must stay open until the file is written: read where it lies on a CPU,
  /// copied from a GPU when its turn comes, outside of Java's heap and one tensor at a time.
  ///
  /// @throws IllegalArgumentException when the name is taken, or the tensor is of another type
  public SafetensorsWriter add(String name, Tensor tensor) {
    return switch (tensor.engine().device()) {
      case Device.Cpu() -> add(name, TensorData.of(tensor));
      case Device.Cuda cuda -> addCopied(name, tensor);
    };
  }

  /// As [#add(String, Tensor)] has it for a tensor of a GPU.
  SafetensorsWriter addCopied(String name, Tensor tensor) {
    if (tensor.dtype() != DType.FLOAT32) {
      throw new IllegalArgumentException("an fp32 tensor is expected, found " + tensor);
    }
    return add(
        name,
        StoredType.F32,
        Arrays.stream(tensor.shape()).boxed().toList(),
        reader -> {
          try (Tensor host = tensor.hostCopy()) {
            reader.read(host.segment());
          }
        });
  }

  private SafetensorsWriter add(String name, StoredType type, List<Long> shape, Contents contents) {
    if (name.equals("__metadata__") || !names.add(name)) {
      throw new IllegalArgumentException("the tensor name " + Quote.of(name) + " is taken");
    }
    long size = shape.stream().mapToLong(Long::longValue).reduce(type.bytes(), Math::multiplyExact);
    tensors.add(new Pending(name, type, List.copyOf(shape), size, contents));
    return this;
  }

  /// The names of all tensors, in the order of adding.
  public List<String> names() {
    return tensors.stream().map(Pending::name).toList();
  }

  /// The same tensors in several files, in the order of adding.
  ///
  /// @param mostBytes of the tensors of a file; a larger tensor has one of its own
  public List<SafetensorsWriter> divided(long mostBytes) {
    List<SafetensorsWriter> files = new ArrayList<>();
    long bytes = 0;
    for (Pending tensor : tensors) {
      if (files.isEmpty() || bytes + tensor.size() > mostBytes) {
        files.add(new SafetensorsWriter(metadata));
        bytes = 0;
      }
      bytes += tensor.size();
      files.getLast().add(tensor.name(), tensor.type(), tensor.shape(), tensor.contents());
    }
    return files;
  }

  /// Bytes of all tensors, without the header.
  public long dataBytes() {
    return tensors.stream().mapToLong(Pending::size).reduce(0, Math::addExact);
  }

  /// Writes the file atomically.
  ///
  /// @throws DataException naming the file and the reason; what was there before is unchanged
  public void write(Path file) throws DataException {
    AtomicFile.write(file, this);
  }

  @Override
  public void writeTo(OutputStream out) throws IOException {
    List<Pending> ordered = new ArrayList<>(tensors);
    ordered.sort(
        Comparator.comparing((Pending tensor) -> -tensor.type().bytes())
            .thenComparing(Pending::name));
    out.write(header(ordered));
    byte[] piece = new byte[PIECE];
    for (Pending tensor : ordered) {
      tensor.contents().show(bytes -> write(tensor, bytes, piece, out));
    }
  }

  private static void write(Pending tensor, MemorySegment bytes, byte[] piece, OutputStream out)
      throws IOException {
    if (bytes.byteSize() != tensor.size()) {
      throw new IllegalStateException(
          "tensor %s: %d bytes announced, %d given"
              .formatted(tensor.name(), tensor.size(), bytes.byteSize()));
    }
    for (long done = 0; done < tensor.size(); done += PIECE) {
      int length = (int) Math.min(PIECE, tensor.size() - done);
      MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, done, piece, 0, length);
      out.write(piece, 0, length);
    }
  }

  private static MemorySegment bytes(Supplier<MemorySegment> bytes) throws IOException {
    try {
      return bytes.get();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /// Length and JSON, padded with spaces so that the data begins at a multiple of 8.
  private byte[] header(List<Pending> ordered) throws IOException {
    ByteArrayOutputStream json = new ByteArrayOutputStream();
    try (JsonGenerator generator = new JsonFactory().createGenerator(json)) {
      generator.writeStartObject();
      if (!metadata.isEmpty()) {
        generator.writeObjectFieldStart("__metadata__");
        for (Map.Entry<String, String> entry : metadata.entrySet()) {
          generator.writeStringField(entry.getKey(), entry.getValue());
        }
        generator.writeEndObject();
      }
      long offset = 0;
      for (Pending tensor : ordered) {
        writeEntry(generator, tensor, offset);
        offset += tensor.size();
      }
      generator.writeEndObject();
    }
    int padded = Math.ceilDiv(json.size(), 8) * 8;
    byte[] header = Arrays.copyOf(json.toByteArray(), padded);
    Arrays.fill(header, json.size(), padded, (byte) ' ');
    ByteBuffer all = ByteBuffer.allocate(8 + padded).order(ByteOrder.LITTLE_ENDIAN);
    return all.putLong(padded).put(header).array();
  }

  private static void writeEntry(JsonGenerator generator, Pending tensor, long offset)
      throws IOException {
    generator.writeObjectFieldStart(tensor.name());
    generator.writeStringField("dtype", tensor.type().name());
    generator.writeArrayFieldStart("shape");
    for (long size : tensor.shape()) {
      generator.writeNumber(size);
    }
    generator.writeEndArray();
    generator.writeArrayFieldStart("data_offsets");
    generator.writeNumber(offset);
    generator.writeNumber(offset + tensor.size());
    generator.writeEndArray();
    generator.writeEndObject();
  }
}
