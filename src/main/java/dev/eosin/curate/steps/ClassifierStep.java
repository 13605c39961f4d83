package dev.eosin.curate.steps;

import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import dev.eosin.config.Share;
import java.nio.file.Path;
import java.util.List;

/// PLIP's classifier of images that are pathology.
@Named("classifier")
@Doc(
    "Leaves out images that a classifier of embeddings says are something else, such as no"
        + " pathology: a logistic regression on labelled examples of your own. manifest.json says how"
        + " many of every fifth example, left out, it tells rightly.")
public record ClassifierStep(
    @Doc(
            "Embeddings of the rows' images, what `eosin embed` writes: a row is known by its image's"
                + " name. A row without one is left out.")
        Path features,
    @Doc("Embeddings of labelled images by the same model.") Path examples,
    @Doc("Labels of what is kept; all other labels are what is left out.") List<String> keep,
    @Doc("A row is kept from so likely on.") @OrElse("50 %") Share atLeast,
    @Doc("Inverse strength of the regularisation.") @OrElse("10") @Range(min = 1e-6, max = 1e6)
        double c)
    implements CurationStep {
  /// @throws IllegalArgumentException without labels
  public ClassifierStep {
    keep = List.copyOf(keep);
    if (keep.isEmpty()) {
      throw new IllegalArgumentException("keep: name at least one label");
    }
  }
}
