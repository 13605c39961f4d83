package dev.eosin.data;

import dev.eosin.config.DataException;
import dev.eosin.data.shard.IndexStore;
import dev.eosin.data.shard.LocalShards;
import dev.eosin.data.shard.ShardBytes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// Finds what a recipe's `path` of shards names.
final class ShardFiles {
  private ShardFiles() {}

  /// One for each shard, in the recipe's order.
  ///
  /// @throws DataException when a folder or pattern has no shard
  static List<ShardSet.Opener> openers(WebDatasetSettings settings) throws DataException {
    LocalShards local = new LocalShards();
    IndexStore indices = new IndexStore(settings.index());
    return ShardPaths.files(settings.path()).stream()
        .<ShardSet.Opener>map(file -> new Local(local, indices, file))
        .toList();
  }

  private record Local(LocalShards shards, IndexStore indices, Path file)
      implements ShardSet.Opener {
    @Override
    public String fileName() {
      return String.valueOf(file.getFileName());
    }

    @Override
    public ShardBytes bytes() throws IOException {
      return shards.open(file);
    }

    @Override
    public IndexStore.Opened index(ShardBytes bytes) throws IOException {
      return indices.open(bytes, file);
    }
  }
}
