package dev.eosin.eval.slides;

import java.util.List;
import java.util.Optional;

/// What publications do with features of slides' tiles, as their code was read.
public enum SlideProtocol {
  /// mahmoodlab/Patho-Bench 660e770, classification of pooled features.
  PATHO_BENCH(
      "patho-bench-slides/1",
      List.of(
          "mean-probe: scikit-learn's logistic regression of the mean of the tiles, C 0.5, classes"
              + " balanced (Patho-Bench 660e770, advanced_usage/configs/linprobe/linprobe.yaml)",
          "bootstrap: 100 resamples, 2.5 to 97.5 % (Patho-Bench 660e770, ExperimentFactory.py)",
          "ours: solved to the minimum; resamples draw patients"),
      100),
  /// The same, trained attention.
  PATHO_BENCH_ABMIL(
      "patho-bench-abmil/1",
      List.of(
          "patho-bench-abmil: AdamW 3e-4, decay 1e-5, cosine to 1e-8 by updates, 20 epochs, a patient"
              + " an update, at most 2,048 tiles drawn each time, for judging, too; the last epoch"
              + " (Patho-Bench 660e770, advanced_usage/configs/finetune/abmil.yaml,"
              + " ExperimentFactory.py, PatchEmbeddingsDataset.py)",
          "the network: one head of 512, no gates, dropout 0.25 in the attention (abmil_kwargs.yaml)"
              + " and 0.1 before and behind it (TRIDENT a91fa84, slide_encoder_models/load.py); as wide"
              + " as the features, where that file says 768",
          "its balanced loss: weights of classes divide out of the mean over one patient, so that"
              + " nothing is left of them (torch's cross entropy; recorded in scripts/record-bags.py)",
          "ours: biases do not decay; resamples draw patients; of several slides apart the mean of"
              + " shares, where Patho-Bench takes that of features"),
      100),
  /// The same, survival by trained attention.
  PATHO_BENCH_ABMIL_SURVIVAL(
      "patho-bench-abmil-survival/1",
      List.of(
          "patho-bench-abmil-survival: network, optimiser, rates, epochs and tiles of protocol"
              + " patho-bench-abmil; a hazard of each of four intervals, negative log likelihood, alpha 0"
              + " (Patho-Bench 660e770, ExperimentFactory.py, NLLSurvLoss.py); the risk is less the sum"
              + " of what comes through (SurvivalMixin.py)",
          "intervals: the label's column, the rest after division by 4; columns of the task's name"
              + " with _days and _event (Patho-Bench 660e770, TrainableSlideEncoder.py,"
              + " FinetuningExperiment.py)",
          "ours: an output for each of the four intervals, where Patho-Bench has one for each entry of"
              + " label_dict and those beyond the fourth learn nothing but count in the risk; biases do"
              + " not decay; resamples draw patients; of several slides apart the mean of risks"),
      100),
  /// The same, survival.
  PATHO_BENCH_SURVIVAL(
      "patho-bench-survival/1",
      List.of(
          "elastic-net-survival: scikit-survival's CoxnetSurvivalAnalysis, l1_ratio 0.5, alpha 0.01,"
              + " 0.02 and 0.07, each with a result of its own; columns of the task's name with _days"
              + " and _event (Patho-Bench 660e770, advanced_usage/configs/coxnet/coxnet.yaml and"
              + " CoxNetExperiment.py)",
          "bootstrap: 100 resamples, where there is one fold; of several folds mean and spread"
              + " (Patho-Bench 660e770, CoxNetExperiment.py); here both",
          "ours: solved to the minimum, where it ends after a tolerance of 1e-7; copies of a patient in"
              + " a resample are not compared with each other"),
      100),
  /// kaiko-ai/eva 73b61a7.
  EVA(
      "eva-slides/1",
      List.of(
          "eva-abmil: a projection to 128, gated attention of 128, hidden layers of 128 and 64 with"
              + " relu, one logit for two classes; AdamW 1e-3 on 32 slides an update, at most 100 epochs"
              + " and 12,500 updates, 20 runs (eva 73b61a7,"
              + " configs/vision/pathology/offline/classification/panda.yaml, camelyon16.yaml,"
              + " docs/leaderboards.md)",
          "ends after 20 epochs without a better balanced accuracy on the validation side, of which"
              + " the best weights are kept (the same configurations)",
          "weight decay 0.01 and a third of the rate in the first 5 epochs, which torch's AdamW and"
              + " ConstantLR have by themselves (eva 73b61a7, core/models/modules/head.py)",
          "ours: biases do not decay; all tiles of the features, of which eva embeds at most 200 to"
              + " 10,000 of a slide; 1,000 resamples"),
      1_000),
  /// PathGen, whose slides are told by ABMIL.
  PATHGEN(
      "pathgen-slides/1",
      List.of(
          "abmil: 50 epochs, a slide an update, learning rate 1e-4, decay 1e-5, the epoch of the best"
              + " sum of F1 and area on the validation side (PathGen-1.6M 308b5a2)",
          "ours: AdamW, constant rate, hidden and attention sizes; macro F1 and macro area; the last"
              + " epoch where there is no validation side; 1,000 resamples"),
      1_000);

  private final String version;
  private final List<String> sources;
  private final int bootstrap;

  SlideProtocol(String version, List<String> sources, int bootstrap) {
    this.version = version;
    this.sources = sources;
    this.bootstrap = bootstrap;
  }

  /// Another one where a value changes.
  public String version() {
    return version;
  }

  /// Where each value is from, one line each.
  public List<String> sources() {
    return sources;
  }

  /// Resamples.
  public int bootstrap() {
    return bootstrap;
  }

  /// What is asked.
  public List<SlideTask> tasks() {
    Optional<String> unnamed = Optional.empty();
    return List.of(
        switch (this) {
          case PATHO_BENCH -> new SlideTask.MeanProbe(unnamed, 0.5, false, true);
          case PATHO_BENCH_ABMIL ->
              new SlideTask.PathoBenchAttention(unnamed, 3e-4, 1e-5, 20, 2048, 1);
          case PATHO_BENCH_ABMIL_SURVIVAL ->
              new SlideTask.PathoBenchSurvival(
                  unnamed, unnamed, unnamed, 4, true, 3e-4, 1e-5, 20, 2048, 1);
          case PATHO_BENCH_SURVIVAL ->
              new SlideTask.ElasticNetSurvival(
                  unnamed, unnamed, unnamed, List.of(0.01, 0.02, 0.07), 0.5);
          case EVA -> new SlideTask.EvaAttention(unnamed, 1e-3, 0.01, 32, 100, 12_500, 20, 20);
          case PATHGEN -> new SlideTask.Attention(unnamed, 50, 1e-4, 1e-5, 512, 128, 1);
        });
  }
}
