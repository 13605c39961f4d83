package dev.eosin.curate.steps;

import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.config.OrElse;

/// Figures of papers and slides of talks.
@Named("figures")
@Doc(
    "Leaves out images that are made up: several panels, arrows, letters over the tissue, as they are"
        + " seen in the pixels. `eosin bench curate --figures` has the precision of each on drawn"
        + " images; { type: images } comes before it.")
public record FiguresStep(
    @Doc("Whether images of several panels, set apart by straight gutters, are left out.")
        @OrElse("true")
        boolean panels,
    @Doc("Whether images with arrows of one strong colour are left out.") @OrElse("true")
        boolean arrows,
    @Doc("Whether images with lines of letters or digits are left out.") @OrElse("true")
        boolean text)
    implements CurationStep {
  /// @throws IllegalArgumentException where nothing is looked for
  public FiguresStep {
    if (!panels && !arrows && !text) {
      throw new IllegalArgumentException("panels: look for panels, arrows, text or several");
    }
  }
}
