package dev.eosin.checkpoint;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFolder;
import dev.eosin.file.FileContent;
import java.util.List;
import java.util.OptionalLong;

/// The weights of a model in a folder of Hugging Face's: one file, or several under an index.
public final class WeightFiles {
  private static final String WHOLE = "model.safetensors";
  private static final String SHARD = "model-%05d-of-%05d.safetensors";
  private static final String INDEX = "model.safetensors.index.json";

  private WeightFiles() {}

  /// Writes them.
  ///
  /// @param weights all of them
  /// @param shardBytes most bytes of tensors in a file; a larger tensor has a file of its own.
  ///   Without it there is one file
  /// @return how many files hold weights
  /// @throws DataException as [AtomicFolder#write]
  public static int write(AtomicFolder out, SafetensorsWriter weights, OptionalLong shardBytes)
      throws DataException {
    List<SafetensorsWriter> shards =
        shardBytes.isPresent() ? weights.divided(shardBytes.getAsLong()) : List.of(weights);
    if (shards.size() == 1) {
      out.write(WHOLE, weights);
      return 1;
    }
    ObjectNode index = new JsonMapper().createObjectNode();
    index.putObject("metadata").put("total_size", weights.dataBytes());
    ObjectNode map = index.putObject("weight_map");
    for (int i = 0; i < shards.size(); i++) {
      String name = SHARD.formatted(i + 1, shards.size());
      shards.get(i).names().forEach(tensor -> map.put(tensor, name));
      out.write(name, shards.get(i));
    }
    out.write(INDEX, FileContent.text(index.toPrettyString() + "\n"));
    return shards.size();
  }
}
