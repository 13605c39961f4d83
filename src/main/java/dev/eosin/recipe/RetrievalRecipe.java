package dev.eosin.recipe;

import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import dev.eosin.eval.embeddings.EmbeddingPairs;
import dev.eosin.train.machine.ComputeSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// `kind: retrieval`: how well stored embeddings of images and texts find each other.
@Named("retrieval")
@Doc(
    "How well images find their texts and texts their images, by cosine, over stored embeddings, run"
        + " by `eosin evaluate`: recall, mean and median rank, any of several right answers counting."
        + " Cosines are computed in blocks. Writes evaluation.json.")
public record RetrievalRecipe(
    @Doc("Root of all randomness: the same seed gives the same intervals.") @OrElse("42") long seed,
    @Doc("Where the cosines are computed.") @OrElse("{}") ComputeSettings compute,
    @Doc(
            "Embeddings of images: a .parquet, .safetensors, .npz or .npy file of `eosin embed` or of"
                + " another program.")
        Path images,
    @Doc("Embeddings of texts by the same model, in any of these formats.") Path texts,
    @Doc("The images' rows, where their file does not have them: a CSV or TSV in their order.")
        Optional<Path> imagesTable,
    @Doc("The same for the texts.") Optional<Path> textsTable,
    @Doc(
            "What images and texts have in common that belong together: the path, the label, the"
                + " group, or the place in the file. By path and by row, images whose"
                + " texts are all equal are one.")
        @OrElse("path")
        EmbeddingPairs.Match match,
    @Doc("How many of the best count, one recall for each.") @OrElse("[1, 5, 10, 50]")
        List<Integer> recalls,
    @Doc("Resamples of groups (of rows where there are none) for the 95 % intervals; 0 for none.")
        @OrElse("1_000")
        @Range(min = 0, max = 1e6)
        int bootstrap,
    @Doc("Where the results go.") OutputFolder output)
    implements Evaluation {
  /// What the evaluation is called in its results.
  public static final String NAME = "retrieval";

  /// @throws IllegalArgumentException for recalls below 1, or none
  public RetrievalRecipe {
    recalls = recalls.stream().distinct().sorted().toList();
    if (recalls.isEmpty() || recalls.getFirst() < 1) {
      throw new IllegalArgumentException(
          "recalls: %s; numbers of at least 1 are expected".formatted(recalls));
    }
  }

  @Override
  public ComputeSettings ofRanks() {
    return compute;
  }
}
