package dev.eosin.data;

import dev.eosin.config.Doc;
import dev.eosin.config.Share;

/// What to do about images that cannot be read.
@Doc("Images that cannot be read are replaced, counted and listed in bad-rows.jsonl.")
public record BadRowSettings(
    @Doc("The run stops when more than this share of the samples cannot be read.") Share limit) {}
