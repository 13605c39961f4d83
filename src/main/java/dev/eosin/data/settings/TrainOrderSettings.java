package dev.eosin.data.settings;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;

/// `data.train-order`: what may stand together in a batch.
@Doc("What may stand together in a batch.")
public record TrainOrderSettings(
    @Doc(
            "any: groups meet as chance has it. spread: two samples of one group (slide, patient)"
                + " are kept out of the same batch, where a tile could be told from its neighbours"
                + " by stain alone; takes 12 bytes of memory a sample.")
        @OrElse("any")
        Groups groups) {
  /// How samples of one group are placed.
  public enum Groups {
    ANY,
    SPREAD
  }
}
