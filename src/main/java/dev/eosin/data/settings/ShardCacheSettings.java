package dev.eosin.data.settings;

import dev.eosin.config.ByteSize;
import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import java.nio.file.Path;

/// Where shards from servers are kept.
@Doc("A folder that keeps shards from http(s) addresses; several runs may share it.")
public record ShardCacheSettings(
    @Doc("The folder.") Path dir,
    @Doc(
            "What the shards in it may take; those used longest ago go first, never those of a run"
                + " under way. All shards of one recipe must fit.")
        @OrElse("200 GB")
        ByteSize size) {}
