package dev.eosin.curate.steps;

import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import java.nio.file.Path;

/// PLIP's expansion by images that are near.
@Named("nearest")
@Doc(
    "Keeps the images of a large collection that are among the nearest of some image of a small one,"
        + " as PLIP finds images of LAION that are near those of Twitter.")
public record NearestStep(
    @Doc(
            "An index of the rows' images, what `eosin index` makes of what `eosin embed` writes: a"
                + " row is known by its image's name.")
        Path index,
    @Doc("Embeddings of the images that are expanded, by the same model.") Path queries,
    @Doc("How many of the nearest each of them takes.") @OrElse("50") @Range(min = 1, max = 10_000)
        int each,
    @Doc("The least cosine.") @OrElse("0") @Range(min = -1, max = 1) double atLeast,
    @Doc("Of an index with a graph: candidates that each search looks at.")
        @OrElse("200")
        @Range(min = 1, max = 100_000)
        int breadth)
    implements CurationStep {}
