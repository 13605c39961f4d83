package dev.eosin.eval.tiles;

import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import dev.eosin.config.Share;
import java.util.List;
import java.util.Optional;

/// CLIP_benchmark's way.
@Named("decay-probe")
@Doc(
    "One linear layer on features of length 1 as CLIP_benchmark trains it, which QuiltNet probes"
        + " with: AdamW, cosine to nothing; the weight decay is searched on the validation tiles by"
        + " accuracy. On all of the tiles the last training has the validation tiles, too.")
public record DecayProbeTask(
    @Doc("What it is called in results; its type otherwise.") Optional<String> name,
    @Doc("Shares of each class's tiles; at least one tile of each, and each share a result.")
        @OrElse("[100 %]")
        List<Share> shares,
    @Doc("Learning rate at the beginning.") @OrElse("0.1") @Range(above = 0) double lr,
    @Doc("Tiles of an update.") @OrElse("64") @Range(min = 1, max = 65536) int batch,
    @Doc("Passes over the tiles.") @OrElse("10") @Range(min = 1) int epochs,
    @Doc(
            "How many times: other tiles of a share, another first layer, another order. The results"
                + " are means, and their spread is told.")
        @OrElse("1")
        @Range(min = 1, max = 1000)
        int runs)
    implements TileTask {
  /// @throws IllegalArgumentException for no share, or a share of nothing
  public DecayProbeTask {
    shares = ClassShares.checked(shares);
  }

  @Override
  public String title() {
    return ClassShares.title(TileTask.super.title(), shares);
  }

  @Override
  public List<TileTask> single() {
    return shares.stream()
        .<TileTask>map(each -> new DecayProbeTask(name, List.of(each), lr, batch, epochs, runs))
        .toList();
  }

  @Override
  public String version() {
    return "decay-probe/1";
  }

  @Override
  public boolean chooses() {
    return true;
  }
}
