package dev.eosin.curate.steps;

import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import java.nio.file.Path;

/// Images that a model sees as the same.
@Named("similar-images")
@Doc(
    "Leaves out images whose embedding is nearly that of an earlier one that is kept: random planes"
        + " find candidates (at least 999 of 1,000 of them), the cosine decides. A row without an"
        + " embedding is left out.")
public record SimilarImagesStep(
    @Doc(
            "Embeddings of the rows' images, what `eosin embed` writes: a row is known by its image's"
                + " name.")
        Path features,
    @Doc("The cosine from which on they are alike.") @OrElse("0.97") @Range(min = 0.9, max = 1)
        double atLeast)
    implements CurationStep {}
