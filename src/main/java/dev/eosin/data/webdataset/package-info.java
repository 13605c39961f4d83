/// Tar shards as sources, and their writer; how shards are read and indexed lies in `data.shard`.
///
/// Ring 2, above `data.json` and `data.shard`. Start reading at [WebDatasetSource] and [ShardPack].
@NullMarked
package dev.eosin.data.webdataset;

import org.jspecify.annotations.NullMarked;
