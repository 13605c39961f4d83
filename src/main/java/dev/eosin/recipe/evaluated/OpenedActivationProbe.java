package dev.eosin.recipe.evaluated;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.eval.Interval;
import dev.eosin.eval.activations.StoredActivations;
import dev.eosin.eval.probes.LayerProbe;
import dev.eosin.eval.probes.LayerScore;
import dev.eosin.eval.probes.ProbeSplit;
import dev.eosin.eval.probes.Resamples;
import dev.eosin.eval.probes.StoppedException;
import dev.eosin.eval.samples.Sample;
import dev.eosin.eval.samples.SampleResults;
import dev.eosin.eval.tiles.ClassDetails;
import dev.eosin.eval.tiles.TaskResult;
import dev.eosin.file.FileDigest;
import dev.eosin.group.Group;
import dev.eosin.group.SharedUnits;
import dev.eosin.random.RandomKey;
import dev.eosin.recipe.ActivationProbeRecipe;
import dev.eosin.recipe.found.Measured;
import dev.eosin.recipe.found.OpenedEvaluation;
import dev.eosin.train.EvaluationReport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.atomic.AtomicInteger;

/// Hidden states to be probed, opened and divided; ranks share the layers.
record OpenedActivationProbe(
    ActivationProbeRecipe recipe,
    StoredActivations states,
    ProbeSplit split,
    List<Integer> layers,
    SequencedMap<String, String> inputs,
    Group group)
    implements OpenedEvaluation {
  static OpenedActivationProbe of(
      ActivationProbeRecipe recipe, StoredActivations states, Group group) throws IOException {
    ProbeSplit split =
        divided(
            recipe,
            states.path().toString(),
            states.rows().stream().map(ProbeSplit.Row::of).toList());
    List<Integer> layers =
        recipe.choice().of(states.layers().last()).stream()
            .filter(states.layers()::contains)
            .toList();
    if (layers.isEmpty()) {
      throw new DataException(
          "%s: has none of the layers %s, but %s"
              .formatted(states.path(), recipe.layers(), states.layers()));
    }
    SequencedMap<String, String> inputs = new LinkedHashMap<>();
    for (Path file : states.files()) {
      inputs.put("states.%s.sha256".formatted(file.getFileName()), FileDigest.of(file).sha256());
    }
    if (recipe.table().isPresent()) {
      inputs.put("table.sha256", FileDigest.of(recipe.table().get()).sha256());
    }
    return new OpenedActivationProbe(recipe, states, split, layers, inputs, group);
  }

  /// Which rows learn, choose and judge.
  ///
  /// @param name for messages
  static ProbeSplit divided(ActivationProbeRecipe recipe, String name, List<ProbeSplit.Row> rows)
      throws DataException {
    return ProbeSplit.of(
        name, rows, new RandomKey(recipe.seed()), recipe.validationShare(), recipe.test().value());
  }

  @Override
  public List<String> notes() {
    return split.notes();
  }

  @Override
  public List<Measure> evaluations() {
    return List.of(this::run);
  }

  /// A probe is done anew when it was stopped: it takes seconds a layer.
  Optional<Measured> run(Watch watch) throws IOException {
    var probe = new LayerProbe(states, split, recipe.settings(), new RandomKey(recipe.seed()));
    var probed = new AtomicInteger();
    List<LayerProbe.Probed> all;
    try {
      all =
          probe.of(
              layers,
              new SharedUnits(group, watch.stop()),
              layer ->
                  watch
                      .progress()
                      .accept(
                          "layer %d, %d of %d"
                              .formatted(layer, probed.incrementAndGet(), layers.size())));
    } catch (StoppedException _) {
      return Optional.empty();
    }
    return Optional.of(
        group.isFirst()
            ? measured(all.stream().map(probe::score).toList())
            : Measured.of(new EvaluationReport(0, ActivationProbeRecipe.NAME, Map.of())));
  }

  private Measured measured(List<LayerScore> scores) {
    boolean chosen = split.validation().length > 0;
    // Rows that judge choose nothing: without rows that choose it is the last layer.
    LayerScore best = chosen ? scores.getFirst() : scores.getLast();
    for (LayerScore score : scores) {
      best = score.validationAccuracy() > best.validationAccuracy() ? score : best;
    }
    Map<String, Double> metrics = new LinkedHashMap<>();
    metrics.put(chosen ? "best_layer" : "layer", (double) best.layer());
    best.figures()
        .forEach(
            (name, figure) -> {
              metrics.put(name, figure.value());
              figure.interval().ifPresent(interval -> put(metrics, name, interval));
            });
    List<String> lines = new ArrayList<>();
    scores.forEach(score -> lines.add(line(score)));
    List<String> notes = new ArrayList<>();
    notes.add(
        chosen
            ? "best on validation: layer %d".formatted(best.layer())
            : "no rows choose a layer: the figures are those of the last, layer %d"
                .formatted(best.layer()));
    long open = scores.stream().filter(score -> !score.converged()).count();
    if (open > 0) {
      notes.add("%d of %d fits did not converge".formatted(open, scores.size()));
    }
    String name = ActivationProbeRecipe.NAME;
    var units = new Resamples(new RandomKey(recipe.seed()), groups());
    notes.addAll(
        TaskResult.said(
            name, best.judged(), units, ClassDetails.notes(name, best.judged(), split.labels())));
    lines.addAll(notes);
    return new Measured(
        new EvaluationReport(0, ActivationProbeRecipe.NAME, metrics),
        lines,
        notes,
        details(scores),
        SampleResults.of(best.judged(), samples(), split.labels()));
  }

  /// The rows that judge.
  private List<Sample> samples() {
    return Arrays.stream(split.test())
        .mapToObj(row -> states.rows().get(row))
        .map(row -> new Sample(row.path(), row.group(), row.label()))
        .toList();
  }

  private static void put(Map<String, Double> metrics, String name, Interval interval) {
    metrics.put(name + "_low", interval.low());
    metrics.put(name + "_high", interval.high());
  }

  private static String line(LayerScore score) {
    var line = new StringBuilder(String.format(Locale.ROOT, "layer %d", score.layer()));
    score
        .figures()
        .forEach(
            (name, figure) -> {
              line.append(String.format(Locale.ROOT, "  %s %.4f", name, figure.value()));
              figure
                  .interval()
                  .ifPresent(
                      interval ->
                          line.append(
                              String.format(
                                  Locale.ROOT, " (%.4f-%.4f)", interval.low(), interval.high())));
            });
    if (!Double.isNaN(score.c())) {
      line.append(String.format(Locale.ROOT, "  C %s", score.c()));
    }
    return line.toString();
  }

  private Map<String, JsonNode> details(List<LayerScore> scores) {
    JsonNodeFactory json = JsonNodeFactory.instance;
    Map<String, JsonNode> details = new LinkedHashMap<>();
    ArrayNode labels = json.arrayNode();
    split.labels().forEach(labels::add);
    details.put("labels", labels);
    details.put(
        "rows",
        json.objectNode()
            .put("train", split.train().length)
            .put("validation", split.validation().length)
            .put("test", split.test().length));
    ArrayNode layers = json.arrayNode();
    scores.forEach(score -> layers.add(json(score)));
    details.put("layers", layers);
    recipe
        .protocol()
        .ifPresent(
            protocol -> {
              ObjectNode said = json.objectNode();
              ArrayNode sources = said.put("version", protocol.version()).putArray("sources");
              protocol.sources().forEach(sources::add);
              details.put("protocol", said);
            });
    details.put(
        "bootstrap",
        json.objectNode().put("resamples", recipe.settings().resamples()).put("units", units()));
    details.put("seed", json.numberNode(recipe.seed()));
    return details;
  }

  private int units() {
    return new Resamples(new RandomKey(recipe.seed()), groups()).units();
  }

  private List<Optional<String>> groups() {
    return samples().stream().map(Sample::group).toList();
  }

  private static ObjectNode json(LayerScore score) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("layer", score.layer());
    ClassDetails.put(json, "c", score.c());
    json.put("converged", score.converged());
    ClassDetails.put(json, "validation_accuracy", score.validationAccuracy());
    score
        .figures()
        .forEach(
            (name, figure) -> {
              ClassDetails.put(json, name, figure.value());
              figure
                  .interval()
                  .ifPresent(
                      interval ->
                          json.put(name + "_low", interval.low())
                              .put(name + "_high", interval.high()));
            });
    ObjectNode areas = json.putObject("auc");
    score
        .areas()
        .forEach(
            (label, area) -> {
              if (area.isPresent()) {
                areas.put(label, area.getAsDouble());
              } else {
                areas.putNull(label);
              }
            });
    return json;
  }

  @Override
  public void close() {
    try {
      states.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
