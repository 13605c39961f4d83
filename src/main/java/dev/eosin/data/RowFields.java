package dev.eosin.data;

import dev.eosin.config.Doc;
import java.util.Optional;

/// The fields of a record that Eosin reads. A dot leads into what is nested: `image.bytes`; a
/// number counts in a list, from 0: `captions.0`.
@Doc("The names of the records' fields; a dot leads into nested ones, for example meta.slide.")
public record RowFields(
    @Doc("The image: the path of its file or, in Parquet, its encoded bytes.") String image,
    @Doc("The caption or captions: a text, a list of texts or a list of { text, weight }.")
        Optional<String> caption,
    @Doc("The class, for zero-shot evaluation and templates.") Optional<String> label,
    @Doc("Slide, patient or original tile; a group may be on one side of a split only.")
        Optional<String> group) {}
