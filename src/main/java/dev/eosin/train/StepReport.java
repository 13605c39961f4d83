package dev.eosin.train;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What one update did, as `log.jsonl` and TensorBoard record it.
///
/// @param step updates done, this one included
/// @param loss of the batch, before the update
/// @param learningRate of the update
/// @param gradientNorm global L2 norm before clipping
/// @param figures further ones by their keys in `log.jsonl`, after the update; see
///   [Learner#figures]
/// @param imagesPerSecond over this step, waiting for data included
/// @param samples training samples seen so far
/// @param ranks processes training together
/// @param dataWaitShare part of the step's time spent waiting for data, 0 to 1
/// @param truncatedShare part of the captions whose ids were cut off, 0 to 1
/// @param sampledShare part of the captions of which sentences were left out, 0 to 1
/// @param scaling of the loss, after the update
/// @param shares of the ranks, where there are several
public record StepReport(
    long step,
    double loss,
    double learningRate,
    double gradientNorm,
    Map<String, Double> figures,
    double imagesPerSecond,
    long samples,
    int ranks,
    double dataWaitShare,
    double truncatedShare,
    double sampledShare,
    LossScaling scaling,
    Optional<RankShares> shares) {
  /// What each rank did.
  ///
  /// @param samples of each rank in this step, in order
  /// @param weights a digest of the trained weights after the update, the same on all ranks; in the
  ///   first step of a process, and where a checkpoint follows
  public record RankShares(List<Long> samples, Optional<String> weights) {
    public RankShares {
      samples = List.copyOf(samples);
    }
  }

  public StepReport {
    figures = Collections.unmodifiableMap(new LinkedHashMap<>(figures));
  }
}
