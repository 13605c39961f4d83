package dev.eosin.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.eosin.config.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// Several files of one kind under one index: `{"weight_map": {"<tensor>": "<file>"}}`, as Hugging
/// Face writes models larger than one file, as safetensors or with torch.save.
///
/// Every file must lie beside the index and hold exactly the tensors that the index gives it.
public final class ShardedTensors implements StoredTensors {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  /// Some 500,000 tensors.
  private static final long LARGEST_INDEX = 64L << 20;

  private static final int MOST_NAMED = 8;

  private final Path index;
  private final SortedMap<String, String> fileOfTensor;
  private final Map<String, StoredTensors> files;

  private ShardedTensors(
      Path index, SortedMap<String, String> fileOfTensor, Map<String, StoredTensors> files) {
    this.index = index;
    this.fileOfTensor = Collections.unmodifiableSortedMap(fileOfTensor);
    this.files = files;
  }

  /// Opens and checks an index and all its files.
  ///
  /// @param index usually `model.safetensors.index.json` or `pytorch_model.bin.index.json`
  /// @throws DataException naming the index or shard and the reason
  public static ShardedTensors open(Path index) throws DataException {
    SortedMap<String, String> fileOfTensor = readIndex(index);
    Map<String, StoredTensors> files = new TreeMap<>();
    ShardedTensors sharded = new ShardedTensors(index, fileOfTensor, files);
    try {
      requireFiles(index, new TreeSet<>(fileOfTensor.values()));
      for (String file : new TreeSet<>(fileOfTensor.values())) {
        files.put(file, shard(index.resolveSibling(file)));
      }
      sharded.requireComplete();
    } catch (DataException | RuntimeException | Error e) {
      sharded.close();
      throw e;
    }
    return sharded;
  }

  private static void requireFiles(Path index, SortedSet<String> files) throws DataException {
    List<String> missing =
        files.stream().filter(file -> !Files.exists(index.resolveSibling(file))).toList();
    if (!missing.isEmpty()) {
      throw new DataException(
          "%s: %d of the %d files that it names are missing: %s; download them into the same folder"
              .formatted(index, missing.size(), files.size(), Quote.some(missing, MOST_NAMED)));
    }
  }

  private static StoredTensors shard(Path file) throws DataException {
    return switch (StoredFormat.of(file)) {
      case SAFETENSORS -> SafetensorsFile.open(file);
      case TORCH -> TorchFile.open(file);
      case INDEX -> throw new DataException(file + ": is an index where a shard is expected");
    };
  }

  private static SortedMap<String, String> readIndex(Path index) throws DataException {
    SortedMap<String, String> fileOfTensor = new TreeMap<>();
    try {
      if (Files.size(index) > LARGEST_INDEX) {
        throw new DataException(
            "%s: has %d bytes, an index of at most %d is read"
                .formatted(index, Files.size(index), LARGEST_INDEX));
      }
      JsonNode map = JSON.readTree(Files.readString(index)).path("weight_map");
      if (!map.isObject()) {
        throw new DataException(index + ": has no object 'weight_map'");
      }
      for (Map.Entry<String, JsonNode> entry : map.properties()) {
        fileOfTensor.put(entry.getKey(), plainName(index, entry.getValue()));
      }
    } catch (NoSuchFileException e) {
      throw new DataException(index + ": no such file", e);
    } catch (JsonProcessingException e) {
      throw new DataException(index + ": is not valid JSON: " + Quote.reason(e), e);
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw new DataException(index + ": cannot be read: " + e.getMessage(), e);
    }
    return fileOfTensor;
  }

  /// An index from elsewhere must not open files outside its own folder.
  private static String plainName(Path index, JsonNode node) throws DataException {
    String name = node.asText();
    if (!node.isTextual()
        || !(name.endsWith(".safetensors") || name.endsWith(".bin"))
        || name.contains("/")
        || name.contains("\\")
        || name.indexOf('\0') >= 0) {
      throw new DataException(
          "%s: weight_map gives %s, expected the name of a .safetensors or .bin file in the same folder"
              .formatted(index, Quote.of(name)));
    }
    return name;
  }

  private void requireComplete() throws DataException {
    for (Map.Entry<String, StoredTensors> shard : files.entrySet()) {
      SortedSet<String> expected = new TreeSet<>(fileOfTensor.keySet());
      expected.removeIf(name -> !shard.getKey().equals(fileOfTensor.get(name)));
      for (String name : shard.getValue().names()) {
        if (!expected.remove(name)) {
          throw new DataException(
              "%s: has tensor %s, which %s does not list here"
                  .formatted(shard.getValue().path(), Quote.of(name), index.getFileName()));
        }
      }
      if (!expected.isEmpty()) {
        throw new DataException(
            "%s: lacks tensor %s, which %s lists here"
                .formatted(
                    shard.getValue().path(), Quote.of(expected.first()), index.getFileName()));
      }
    }
  }

  @Override
  public Path path() {
    return index;
  }

  @Override
  public List<Path> files() {
    List<Path> all = new ArrayList<>(List.of(index));
    files.values().forEach(shard -> all.addAll(shard.files()));
    return List.copyOf(all);
  }

  @Override
  public SortedSet<String> names() {
    return Collections.unmodifiableSortedSet(new TreeSet<>(fileOfTensor.keySet()));
  }

  @Override
  public String kind() {
    Set<String> kinds = new TreeSet<>();
    files.values().forEach(shard -> kinds.add(shard.kind()));
    return "%d files, %s".formatted(files.size(), String.join(" and ", kinds));
  }

  @Override
  public TensorHeader header(String name) throws DataException {
    return shardWith(name).header(name);
  }

  @Override
  public TensorData entry(String name) throws DataException {
    return shardWith(name).entry(name);
  }

  private StoredTensors shardWith(String name) throws DataException {
    String file = fileOfTensor.get(name);
    StoredTensors shard = file == null ? null : files.get(file);
    if (shard == null) {
      throw new DataException(index + ": has no tensor " + Quote.of(name));
    }
    return shard;
  }

  @Override
  public void close() {
    files.values().forEach(StoredTensors::close);
  }
}
