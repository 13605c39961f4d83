package dev.eosin.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.TreeMap;

/// What a run needs besides tensors to go on as if it had never stopped: `state.json`.
///
/// @param step updates done; the position in the schedule
/// @param samples training samples seen
/// @param dataPosition global position of the next sample
/// @param seed of the run's `RandomKey`
/// @param lastEvaluatedStep the step of the last evaluation that was logged
/// @param score what checkpoints are ranked by, at this very step; higher is better, so a metric
///   whose lower values are better has its sign turned
/// @param best the best value so far, this step included
/// @param more whatever else the trainer keeps: loss scale, data fingerprints, recipe digest, ...
public record CheckpointState(
    long step,
    long samples,
    long dataPosition,
    long seed,
    OptionalLong lastEvaluatedStep,
    OptionalDouble score,
    Optional<Best> best,
    Map<String, String> more) {
  private static final String LOWER = "lower";

  /// The best evaluation of a run so far.
  ///
  /// @param metric for example `tiles.zero_shot_top1`
  /// @param lower whether lower values are better
  public record Best(String metric, double value, long step, boolean lower) {
    /// Of a metric whose higher values are better.
    public Best(String metric, double value, long step) {
      this(metric, value, step, false);
    }

    /// What checkpoints are ranked by; higher is better.
    public double score() {
      return lower ? -value : value;
    }

    /// Whether both can be compared.
    public boolean sameMetric(Best other) {
      return metric.equals(other.metric) && lower == other.lower;
    }
  }

  /// @throws IllegalArgumentException for a negative step or a score that is not finite
  public CheckpointState {
    if (step < 0 || samples < 0 || dataPosition < 0) {
      throw new IllegalArgumentException("step, samples and dataPosition count from 0");
    }
    if (!Double.isFinite(score.orElse(0)) || !Double.isFinite(best.map(Best::value).orElse(0.0))) {
      throw new IllegalArgumentException("a score must be a finite number");
    }
    more = Map.copyOf(more);
  }

  /// Of a run that has yet to take its first step.
  ///
  /// @param more what its data and its first weights are known by
  public static CheckpointState beginning(long seed, Map<String, String> more) {
    return new CheckpointState(
        0, 0, 0, seed, OptionalLong.empty(), OptionalDouble.empty(), Optional.empty(), more);
  }

  /// After an evaluation of this step.
  ///
  /// @param newScore by which checkpoints are ranked; empty where this evaluation gave none
  public CheckpointState evaluated(OptionalDouble newScore, Optional<Best> newBest) {
    return new CheckpointState(
        step,
        samples,
        dataPosition,
        seed,
        OptionalLong.of(step),
        newScore.isPresent() ? newScore : score,
        newBest,
        more);
  }

  /// After a further step.
  ///
  /// @param rows samples of that step
  /// @param position of the next sample
  /// @param changed of the further keys
  public CheckpointState advanced(long rows, long position, Map<String, String> changed) {
    Map<String, String> all = new TreeMap<>(more);
    all.putAll(changed);
    return new CheckpointState(
        step + 1,
        samples + rows,
        position,
        seed,
        lastEvaluatedStep,
        OptionalDouble.empty(),
        best,
        all);
  }

  /// With further keys changed, or more of them.
  public CheckpointState with(Map<String, String> changed) {
    Map<String, String> all = new TreeMap<>(more);
    all.putAll(changed);
    return new CheckpointState(
        step, samples, dataPosition, seed, lastEvaluatedStep, score, best, all);
  }

  ObjectNode json() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("step", step);
    json.put("samples", samples);
    json.put("data_position", dataPosition);
    json.put("seed", seed);
    lastEvaluatedStep.ifPresent(at -> json.put("last_evaluated_step", at));
    score.ifPresent(value -> json.put("score", value));
    best.ifPresent(
        value -> {
          ObjectNode said = json.putObject("best").put("metric", value.metric());
          said.put("value", value.value()).put("step", value.step());
          if (value.lower()) {
            said.put("better", LOWER);
          }
        });
    ObjectNode others = json.putObject("more");
    new TreeMap<>(more).forEach(others::put);
    return json;
  }

  static CheckpointState read(Path file, JsonNode json) throws DataException {
    JsonFields fields = new JsonFields(file, json);
    Optional<JsonFields> best = fields.object("best");
    Map<String, String> more = new TreeMap<>();
    JsonFields others = fields.requiredObject("more");
    for (String key : others.keys()) {
      more.put(key, others.text(key));
    }
    return new CheckpointState(
        fields.count("step"),
        fields.count("samples"),
        fields.count("data_position"),
        fields.whole("seed"),
        fields.has("last_evaluated_step")
            ? OptionalLong.of(fields.count("last_evaluated_step"))
            : OptionalLong.empty(),
        fields.has("score") ? OptionalDouble.of(fields.number("score")) : OptionalDouble.empty(),
        best.isEmpty() ? Optional.empty() : Optional.of(readBest(best.get())),
        more);
  }

  private static Best readBest(JsonFields best) throws DataException {
    boolean lower = best.has("better") && best.text("better").equals(LOWER);
    return new Best(best.text("metric"), best.number("value"), best.count("step"), lower);
  }
}
