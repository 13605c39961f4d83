package dev.eosin.data;

import dev.eosin.config.Doc;
import java.util.Optional;

/// The columns of a table that Eosin reads, by the names in its header.
@Doc("The names of the table's columns.")
public record CsvColumns(
    @Doc("Path of the image file.") String image,
    @Doc("The caption.") Optional<String> caption,
    @Doc("The class, for zero-shot evaluation and templates.") Optional<String> label,
    @Doc("Slide, patient or original tile; a group may be on one side of a split only.")
        Optional<String> group) {}
