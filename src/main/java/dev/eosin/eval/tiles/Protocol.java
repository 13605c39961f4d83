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
  /// Ikezogwo et al. 2023, wisdomikezogwo/quilt1m 20a5824, and what it evaluates with,
  /// LAION-AI/CLIP_benchmark 48de38c.
  QUILTNET(
      "quiltnet/2",
      List.of(
          "zero-shot: all templates of a class averaged, accuracy is the figure (quilt1m 20a5824,"
              + " eval/README.md: CLIP_benchmark 48de38c, zeroshot_classification.py)",
          "names of the classes: in the recipes of its data sets (quilt1m 20a5824,"
              + " eval/en_classnames.json); templates there: the four that VectorInstitute's mmlearn"
              + " has for these sets; the table of the paper was not seen",
          "ours: spread over single prompts, since the choice of prompt alone moves PCam by .27 to"
              + " .35; 1,000 resamples",
          "its linear probe: protocol quiltnet-linear-probe"),
      0.2,
      0.2,
      1_000),
  /// The same, its linear probe.
  QUILTNET_LINEAR_PROBE(
      "quiltnet-linear-probe/1",
      List.of(
          "decay-probe: one linear layer on features of length 1, cross entropy, AdamW 0.1 without"
              + " warm-up, cosine to nothing, batch 64, 10 epochs, intercepts decay, too (quilt1m"
              + " 20a5824, eval/README.md: CLIP_benchmark 48de38c, metrics/linear_probe.py and cli.py)",
          "weight decay: of 97 values from 1e-6 to 1e2 every sixteenth by validation accuracy, then"
              + " thrice neighbours at 8, 4, 2 and 1; anew on train and validation where all tiles are"
              + " learnt from (CLIP_benchmark 48de38c, metrics/linear_probe.py); quilt1m 20a5824 adds a"
              + " search and several seeds and prints neither values nor seeds",
          "shares of 1, 10 and 100 % and five seeds (the paper's table, from memory, unseen)",
          "ours: in double precision, where that code takes amp; a share is of each class, at least"
              + " one tile; 20 % validation and 20 % test by group where the data names none; 1,000"
              + " resamples"),
      0.2,
      0.2,
      1_000),
  /// mahmoodlab/Patho-Bench 660e770.
  PATHO_BENCH(
      "patho-bench/2",
      List.of(
          "linear-probe: scikit-learn's logistic regression, C 0.5, classes balanced, features as they"
              + " are (Patho-Bench 660e770, advanced_usage/configs/linprobe/linprobe.yaml and"
              + " LinearProbeExperiment.py); nothing is chosen, since its splits have no validation"
              + " set",
          "bootstrap: 100 resamples, 2.5 to 97.5 % (Patho-Bench 660e770, ExperimentFactory.py)",
          "ours: solved to the minimum, where Patho-Bench ends after 10,000 iterations; resamples draw"
              + " groups, where it draws samples; 20 % test where the data names none",
          "its other choices of C: 0.001, 0.01, 0.1, 1, 10, features x classes / 100, and 45 from 1e-5"
              + " to 1e6 in equal ratios (Patho-Bench 660e770, advanced_usage/README.md): write"
              + " strengths or adaptive yourself; published numbers depend on it (issue 17)"),
      0,
      0.2,
      100),
  /// kaiko-ai/eva 73b61a7.
  EVA(
      "eva/2",
      List.of(
          "gradient-probe: one linear layer, cross entropy, AdamW 3e-4, batch 256, 12,500 updates, 5"
              + " runs; ends after 20 % of the epochs without a better balanced accuracy on validation"
              + " tiles, of which the best weights are kept (eva 73b61a7, docs/leaderboards.md and"
              + " configs/vision/pathology/offline/classification)",
          "weight decay 0.01, which torch's AdamW has by itself and eva's configurations leave (its"
              + " page says 0.0); a third of the rate in the first 5 epochs, which torch's ConstantLR"
              + " has by itself (eva 73b61a7, modules/head.py)",
          "ours: the intercepts do not decay; validation drawn by group, 20 %, and 20 % test, where the"
              + " data names none; 1,000 resamples"),
      0.2,
      0.2,
      1_000),
  /// peterhan91/Multimodal-Probes 0203182.
  MULTIMODAL_PROBES(
      "multimodal-probes/2",
      List.of(
          "gradient-probe: one linear layer, cross entropy, Adam 1e-4, no weight decay, batch 512, 80"
              + " epochs, one run; accuracy, macro F1, area of each class (Multimodal-Probes 0203182,"
              + " eval_torch_ex.py). Of every layer: protocol of kind activation-probe",
          "sgd-probe: log loss, L2, 10,000 iterations, classes balanced, alpha .001, its CLIP baseline"
              + " (Multimodal-Probes 0203182, clip_ex.py)",
          "ours: 1,000 resamples, 20 % test where the data names none; nothing is chosen, so that no"
              + " validation rows are held out"),
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
      case PLIP -> List.of(zeroShot(), sgd(List.of(1e-4, 1e-3, 1e-2, 1e-1)));
      case PLIP_FINE_TUNING -> List.of(fineTune());
      case QUILTNET -> List.of(zeroShot());
      case QUILTNET_LINEAR_PROBE ->
          List.of(
              new DecayProbeTask(
                  Optional.empty(),
                  Stream.of(0.01, 0.1, 1.0).map(Share::new).toList(),
                  0.1,
                  64,
                  10,
                  5));
      case PATHO_BENCH ->
          List.of(
              new TileTask.LinearProbe(
                  Optional.empty(), List.of(0.5), false, true, false, ChosenBy.BALANCED_ACCURACY));
      case EVA ->
          List.of(
              new TileTask.Gradient(
                  Optional.empty(),
                  3e-4,
                  0.01,
                  256,
                  Optional.of(12_500),
                  Optional.empty(),
                  5,
                  0.2,
                  5));
      case MULTIMODAL_PROBES ->
          List.of(
              new TileTask.Gradient(
                  Optional.empty(), 1e-4, 0, 512, Optional.empty(), Optional.of(80), 0, 1, 1),
              sgd(List.of(1e-3)));
    };
  }

  private static TileTask sgd(List<Double> alphas) {
    return new TileTask.StochasticProbe(
        Optional.empty(), alphas, 10_000, 1e-3, true, ChosenBy.F1_MACRO);
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
}
