package dev.eosin.train;

/// What one update did, as `log.jsonl` and TensorBoard record it.
///
/// @param step updates done, this one included
/// @param loss of the batch, before the update
/// @param learningRate of the update
/// @param gradientNorm global L2 norm before clipping
/// @param logitScale exp of the parameter, after the update
/// @param imagesPerSecond over this step, waiting for data included
/// @param samples training samples seen so far
/// @param ranks processes training together
/// @param dataWaitShare part of the step's time spent waiting for data, 0 to 1
/// @param truncatedShare part of the captions whose ids were cut off, 0 to 1
/// @param sampledShare part of the captions of which sentences were left out, 0 to 1
/// @param scaling of the loss, after the update
public record StepReport(
    long step,
    double loss,
    double learningRate,
    double gradientNorm,
    double logitScale,
    double imagesPerSecond,
    long samples,
    int ranks,
    double dataWaitShare,
    double truncatedShare,
    double sampledShare,
    LossScaling scaling) {
  /// Of a run that needs no loss scale.
  public StepReport(
      long step,
      double loss,
      double learningRate,
      double gradientNorm,
      double logitScale,
      double imagesPerSecond,
      long samples,
      int ranks,
      double dataWaitShare,
      double truncatedShare,
      double sampledShare) {
    this(
        step,
        loss,
        learningRate,
        gradientNorm,
        logitScale,
        imagesPerSecond,
        samples,
        ranks,
        dataWaitShare,
        truncatedShare,
        sampledShare,
        new LossScaling.None());
  }
}
