package dev.eosin.recipe;

import dev.eosin.config.Doc;
import java.nio.file.Path;

/// The key `output` of a recipe that trains nothing.
@Doc("Where the results go.")
public record OutputFolder(@Doc("The folder, of this recipe alone; made where needed.") Path dir) {}
