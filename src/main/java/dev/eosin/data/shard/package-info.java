/// Tar shards: where the members of each sample lie, and reading them at any time.
///
/// Part of ring 2 (`data`). Start reading at `ShardIndex`, which `TarScan` fills in one pass over
/// the headers and `IndexStore` keeps beside the shard, then `LocalShards`, which reads members.
@NullMarked
package dev.eosin.data.shard;

import org.jspecify.annotations.NullMarked;
