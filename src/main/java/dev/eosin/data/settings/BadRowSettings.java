package dev.eosin.data.settings;

import dev.eosin.config.Doc;
import dev.eosin.config.Share;

/// What to do about images that cannot be read.
@Doc(
    "Samples whose image cannot be read, or whose caption is empty or not UTF-8, are replaced by"
        + " others of the same part in training and left out of evaluations, counted, and listed in"
        + " bad-rows.jsonl. A caption is empty when no ids are left between start and end of text"
        + " after clean-up.")
public record BadRowSettings(
    @Doc(
            "The run stops when more than this share of the samples are bad, each counted once"
                + " however often it comes; 0 % stops at the first.")
        Share limit) {}
