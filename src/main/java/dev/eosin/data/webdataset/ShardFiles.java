package dev.eosin.data.webdataset;

import dev.eosin.config.DataException;
import dev.eosin.data.settings.ShardCacheSettings;
import dev.eosin.data.settings.ShardPaths;
import dev.eosin.data.settings.WebDatasetSettings;
import dev.eosin.data.shard.IndexStore;
import dev.eosin.data.shard.LocalShards;
import dev.eosin.data.shard.ShardBytes;
import dev.eosin.data.shard.ShardCache;
import dev.eosin.fetch.Download;
import dev.eosin.fetch.Patience;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Finds what a recipe's `path` of shards names.
final class ShardFiles {
  private ShardFiles() {}

  /// Opens and indexes every shard, after downloading those that lie on servers and are not here.
  ///
  /// @throws DataException naming the shards that are broken, missing or cannot be had
  static ShardSet open(WebDatasetSettings settings) throws DataException {
    return open(settings, Patience.usual());
  }

  /// @param patience with servers
  static ShardSet open(WebDatasetSettings settings, Patience patience) throws DataException {
    try (Download download = new Download(patience, Download.Progress.silent())) {
      return ShardSet.open(openers(settings, download), settings.skipBrokenShards());
    }
  }

  private static List<ShardSet.Opener> openers(WebDatasetSettings settings, Download download)
      throws DataException {
    LocalShards local = new LocalShards();
    IndexStore indices = new IndexStore(settings.index());
    List<String> shards = ShardPaths.shards(settings.path());
    List<ShardSet.Opener> openers = new ArrayList<>();
    if (settings.cache().isPresent()) {
      ShardCacheSettings kept = settings.cache().get();
      ShardCache cache = ShardCache.open(kept.dir(), kept.size(), download);
      for (String shard : shards) {
        openers.add(
            ShardPaths.isRemote(shard)
                ? new Remote(cache, local, indices, address(shard))
                : new Local(local, indices, ShardPaths.path(shard)));
      }
      return openers;
    }
    for (String shard : shards) {
      openers.add(new Local(local, indices, ShardPaths.path(shard)));
    }
    return openers;
  }

  private static URI address(String shard) throws DataException {
    try {
      return URI.create(shard);
    } catch (IllegalArgumentException e) {
      throw new DataException("%s: no address: %s".formatted(shard, e.getMessage()), e);
    }
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

  private record Remote(ShardCache cache, LocalShards local, IndexStore indices, URI address)
      implements ShardSet.Opener {
    @Override
    public String fileName() {
      String path = String.valueOf(address.getPath());
      return path.substring(path.lastIndexOf('/') + 1);
    }

    @Override
    public ShardBytes bytes() throws IOException {
      return cache.open(address, local);
    }

    @Override
    public IndexStore.Opened index(ShardBytes bytes) throws IOException {
      return indices.open(bytes, cache.file(address));
    }
  }
}
