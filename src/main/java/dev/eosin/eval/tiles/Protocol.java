package dev.eosin.eval.tiles;

import dev.eosin.config.Share;
import dev.eosin.eval.probes.NearestNeighbours;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// What publications do with features of tiles, as far as it is known. Each value has its source;
/// what nobody has seen is ours, and said to be.
public enum Protocol {
  /// Huang et al. 2023, and PathologyFoundation/plip f010f3d.
  PLIP(
      "plip/1",
      List.of(
          "zero-shot: one prompt a class; f1_weighted is the figure (plip f010f3d)",
          "sgd-probe: log loss, L2, 10,000 iterations, classes balanced, alpha of 1e-4, 1e-3, 1e-2,"
              + " 1e-1, by macro F1 (plip f010f3d)",
          "ours: alpha is chosen on validation groups, where plip's code looks at the test set; 30 %"
              + " validation as in its fine-tuning; 20 % test where the data names none; 1,000"
              + " resamples"),
      0.3,
      0.2,
      1_000),
  /// Huang et al. 2023, the study of fine-tuning, and PathologyFoundation/plip c7c2fef.
  PLIP_FINE_TUNING(
      "plip-fine-tuning/1",
      List.of(
          "fine-tune: image tower and a linear layer on what it projects, not brought to length 1;"
              + " AdamW (0.9, 0.999), weight decay 0.1, batch 128, 10 epochs, cosine to nothing"
              + " without warm-up, no augmentation (plip c7c2fef, finetune.py)",
          "learning rates of 1e-6 to 1e-2, the best by weighted F1 after the last epoch on 30 % of the"
              + " tiles, then anew on all of them; shares of 1, 5, 10, 50 and 100 %, 10 seeds;"
              + " f1_weighted is the figure (plip c7c2fef, fine_tuning_train.py and"
              + " fine_tuning_analysis.py)",
          "ours: tiles are shuffled in each epoch, where plip's loader keeps one order; sides by group,"
              + " and the same in all runs; a share of each class; gains and biases do not decay;"
              + " 20 % test where the data names none; 1,000 resamples"),
      0.3,
      0.2,
      1_000),
  /// Ikezogwo et al. 2023.
  QUILTNET(
      "quiltnet/1",
      List.of(
          "zero-shot: accuracy is the figure of its table (QuiltNet)",
          "ours: spread over single prompts, since the choice of prompt alone moves PCam by .27 to"
              + " .35; 1,000 resamples",
          "unseen: its linear probe and retrieval settings; not set"),
      0.2,
      0.2,
      1_000),
  /// mahmoodlab/Patho-Bench.
  PATHO_BENCH(
      "patho-bench/1",
      List.of(
          "linear-probe: C = features x classes / 100, one of its three choices (Patho-Bench issue"
              + " 17); nothing is chosen, since its splits have no validation set",
          "bootstrap: 100 resamples, 95 % (Patho-Bench)",
          "ours: classes are not weighted; 20 % test where the data names none",
          "unseen: the bounds of its grid of 45; write strengths yourself"),
      0,
      0.2,
      100),
  /// kaiko-ai/eva.
  EVA(
      "eva/1",
      List.of(
          "gradient-probe: AdamW 3e-4, batch 256, 12,500 steps, patience 20 %, balanced accuracy, 5"
              + " runs (eva, tiles)",
          "ours: constant rate, no weight decay, validation behind each epoch, 1,000 resamples",
          "unseen: its schedule and weight decay"),
      0.2,
      0.2,
      1_000),
  /// peterhan91/Multimodal-Probes 0203182.
  MULTIMODAL_PROBES(
      "multimodal-probes/1",
      List.of(
          "gradient-probe: one linear layer, cross entropy, Adam 1e-4, no weight decay, batch 512, 80"
              + " epochs (Multimodal-Probes 0203182)",
          "sgd-probe: log loss, alpha .001, its CLIP baseline (Multimodal-Probes 0203182)",
          "ours: 5 runs, 1,000 resamples, 20 % test where the data names none; nothing is chosen, so"
              + " that no validation rows are held out"),
      0,
      0.2,
      1_000);

  private final String version;
  private final String sources;
  private final double validation;
  private final double test;
  private final int bootstrap;

  Protocol(String version, List<String> sources, double validation, double test, int bootstrap) {
    this.version = version;
    this.sources = String.join("\n", sources);
    this.validation = validation;
    this.test = test;
    this.bootstrap = bootstrap;
  }

  /// Another one where a value changes.
  public String version() {
    return version;
  }

  /// Where each value is from, one line each.
  public List<String> sources() {
    return sources.lines().toList();
  }

  /// Share of the groups that choose, where the data does not say; 0 for none.
  public double validation() {
    return validation;
  }

  /// Share of the groups that judge, where the data does not say.
  public double test() {
    return test;
  }

  /// Resamples.
  public int bootstrap() {
    return bootstrap;
  }

  /// What is asked where nobody says: zero-shot classification, a linear probe, neighbours.
  public static List<TileTask> standard() {
    return List.of(
        zeroShot(),
        new TileTask.LinearProbe(
            Optional.empty(),
            List.of(0.01, 0.1, 1.0, 10.0, 100.0, 1000.0),
            false,
            false,
            false,
            ChosenBy.BALANCED_ACCURACY),
        new TileTask.Neighbours(
            Optional.empty(),
            List.of(1, 5, 20),
            NearestNeighbours.Votes.UNIFORM,
            ChosenBy.BALANCED_ACCURACY));
  }

  private static TileTask zeroShot() {
    return new TileTask.ZeroShot(Optional.empty(), true);
  }

  /// What is asked.
  public List<TileTask> tasks() {
    return switch (this) {
      case PLIP -> List.of(zeroShot(), sgd(List.of(1e-4, 1e-3, 1e-2, 1e-1), true));
      case PLIP_FINE_TUNING -> List.of(fineTune());
      case QUILTNET -> List.of(zeroShot());
      case PATHO_BENCH ->
          List.of(
              new TileTask.LinearProbe(
                  Optional.empty(), List.of(1.0), true, false, false, ChosenBy.BALANCED_ACCURACY));
      case EVA -> List.of(gradient(3e-4, 256, Optional.of(12_500), Optional.empty(), 0.2));
      case MULTIMODAL_PROBES ->
          List.of(
              gradient(1e-4, 512, Optional.empty(), Optional.of(80), 1), sgd(List.of(1e-3), false));
    };
  }

  private static TileTask sgd(List<Double> alphas, boolean balanced) {
    return new TileTask.StochasticProbe(
        Optional.empty(), alphas, 10_000, 1e-3, balanced, ChosenBy.F1_MACRO);
  }

  private static TileTask fineTune() {
    return new TileTask.FineTune(
        Optional.empty(),
        Stream.of(0.01, 0.05, 0.1, 0.5, 1.0).map(Share::new).toList(),
        List.of(1e-6, 1e-5, 1e-4, 1e-3, 1e-2),
        0.1,
        128,
        10,
        10);
  }

  private static TileTask gradient(
      double lr, int batch, Optional<Integer> updates, Optional<Integer> epochs, double patience) {
    return new TileTask.Gradient(Optional.empty(), lr, 0, batch, updates, epochs, patience, 5);
  }
}
