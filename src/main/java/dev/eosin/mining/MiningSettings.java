package dev.eosin.mining;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The key `mine` of `kind: mine`.
@Doc("Embeddings of tiles, and which of the tiles are taken.")
public record MiningSettings(
    @Doc(
            "Embeddings of the tiles: a file of `eosin embed` or of another program; a row's group"
                + " is its slide.")
        Path images,
    @Doc("The tiles' rows, where their file does not have them: a CSV or TSV in their order.")
        Optional<Path> imagesTable,
    @Doc("Whether tiles are taken of each slide, or of all slides as one.") @OrElse("slide")
        Over over,
    @Doc("Tiles that are most like some texts, in this order.") @OrElse("[]")
        List<PromptSettings> prompts,
    @Doc("Tiles out of clusters, after those of prompts.") Optional<ClusterSettings> clusters,
    @Doc(
            "A tile is left out when its cosine with one that is taken before it is larger, within"
                + " the slide (or within all slides, with over: collection).")
        Optional<Double> similarity,
    @Doc(
            "The same between what is taken of all slides, in their order; compares each with each,"
                + " so that 100,000 tiles take minutes.")
        Optional<Double> collectionSimilarity,
    @Doc(
            "Whether the next tile in order takes the place of one that was taken already or is too"
                + " similar, as long as there are any.")
        @OrElse("false")
        boolean refill,
    @Doc(
            "The folder that the tiles' paths start from, for pictures on the page; tiles in shards"
                + " are shown without.")
        Optional<Path> pictures) {
  /// What tiles are taken of.
  public enum Over {
    SLIDE,
    COLLECTION
  }

  /// @throws IllegalArgumentException when nothing chooses tiles, names repeat, or a cosine is none
  public MiningSettings {
    prompts = List.copyOf(prompts);
    if (prompts.isEmpty() && clusters.isEmpty()) {
      throw new IllegalArgumentException("nothing chooses tiles; give prompts, clusters or both");
    }
    Set<String> names = new HashSet<>(Set.of(TileMiner.CLUSTERS));
    for (PromptSettings one : prompts) {
      if (!one.name().matches("[a-z0-9-]+") || !names.add(one.name())) {
        throw new IllegalArgumentException(
            "prompts: the name '%s' is not of small letters, digits and dashes, is 'clusters', or stands twice"
                .formatted(one.name()));
      }
    }
    requireCosine("similarity", similarity);
    requireCosine("collection-similarity", collectionSimilarity);
  }

  private static void requireCosine(String name, Optional<Double> value) {
    if (value.isPresent() && !(value.get() > -1 && value.get() < 1)) {
      throw new IllegalArgumentException(
          "%s: %s is no cosine between -1 and 1".formatted(name, value.get()));
    }
  }
}
