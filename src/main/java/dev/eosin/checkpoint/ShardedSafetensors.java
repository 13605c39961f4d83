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
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// Several safetensors files under one index: `{"weight_map": {"<tensor>": "<file>"}}`, as Hugging
/// Face writes models larger than one file.
///
/// Every file must lie beside the index and hold exactly the tensors that the index gives it.
public final class ShardedSafetensors implements StoredTensors {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private final Path index;
  private final SortedMap<String, String> fileOfTensor;
  private final Map<String, SafetensorsFile> files;

  private ShardedSafetensors(
      Path index, SortedMap<String, String> fileOfTensor, Map<String, SafetensorsFile> files) {
    this.index = index;
    this.fileOfTensor = Collections.unmodifiableSortedMap(fileOfTensor);
    this.files = files;
  }

  /// Opens and checks an index and all its files.
  ///
  /// @param index usually `model.safetensors.index.json`
  /// @throws DataException naming the index or shard and the reason
  public static ShardedSafetensors open(Path index) throws DataException {
    SortedMap<String, String> fileOfTensor = readIndex(index);
    Map<String, SafetensorsFile> files = new TreeMap<>();
    ShardedSafetensors sharded = new ShardedSafetensors(index, fileOfTensor, files);
    try {
      for (String file : new TreeSet<>(fileOfTensor.values())) {
        files.put(file, SafetensorsFile.open(index.resolveSibling(file)));
      }
      sharded.requireComplete();
    } catch (DataException | RuntimeException | Error e) {
      sharded.close();
      throw e;
    }
    return sharded;
  }

  private static SortedMap<String, String> readIndex(Path index) throws DataException {
    SortedMap<String, String> fileOfTensor = new TreeMap<>();
    try {
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
        || !name.endsWith(".safetensors")
        || name.contains("/")
        || name.contains("\\")
        || name.indexOf('\0') >= 0) {
      throw new DataException(
          "%s: weight_map gives %s, expected the name of a .safetensors file in the same folder"
              .formatted(index, Quote.of(name)));
    }
    return name;
  }

  private void requireComplete() throws DataException {
    for (Map.Entry<String, SafetensorsFile> shard : files.entrySet()) {
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
  public SortedSet<String> names() {
    return Collections.unmodifiableSortedSet(new TreeSet<>(fileOfTensor.keySet()));
  }

  @Override
  public TensorData entry(String name) throws DataException {
    String file = fileOfTensor.get(name);
    SafetensorsFile shard = file == null ? null : files.get(file);
    if (shard == null) {
      throw new DataException(index + ": has no tensor " + Quote.of(name));
    }
    return shard.entry(name);
  }

  @Override
  public void close() {
    files.values().forEach(SafetensorsFile::close);
  }
}
