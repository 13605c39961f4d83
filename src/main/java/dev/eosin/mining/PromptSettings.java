package dev.eosin.mining;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import java.nio.file.Path;
import java.util.Optional;

/// Tiles that are most like some texts.
@Doc("Tiles that are most like some texts.")
public record PromptSettings(
    @Doc("What the results call it, such as attributes.") String name,
    @Doc(
            "Embeddings of the texts by the model of the images. A text whose row has a group is of"
                + " the images of this group or label alone, such as a report's slide or a project;"
                + " others are of all.")
        Path texts,
    @Doc("The texts' rows, where their file does not have them: a CSV or TSV in their order.")
        Optional<Path> textsTable,
    @Doc("How a tile's cosines with several texts become its score: the largest, or their sum.")
        @OrElse("max")
        Combine combine,
    @Doc("How many of the best tiles are taken.") @Range(min = 1, max = 10_000_000) int top) {
  /// How cosines become one score.
  public enum Combine {
    MAX,
    SUM
  }
}
