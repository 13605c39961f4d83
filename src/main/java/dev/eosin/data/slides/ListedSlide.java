package dev.eosin.data.slides;

import dev.eosin.slide.PixelSize;
import java.nio.file.Path;
import java.util.Optional;

/// A slide that a folder or a table names.
///
/// @param name letters, digits, dashes and underscores, each once: its path without the ending, of
///   an absolute path the file's name
/// @param path as it is listed, from the folder of the list on
/// @param group patient or case; the slide itself where nobody says it
/// @param label class of all its tiles
/// @param caption said of all its tiles
/// @param pixel what the table says that a pixel of level 0 measures
public record ListedSlide(
    String name,
    Path file,
    String path,
    String group,
    Optional<String> label,
    Optional<String> caption,
    Optional<PixelSize> pixel) {}
