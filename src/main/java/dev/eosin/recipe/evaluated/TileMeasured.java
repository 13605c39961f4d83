package dev.eosin.recipe.evaluated;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.eval.probes.Difference;
import dev.eosin.eval.probes.Figure;
import dev.eosin.eval.tiles.TaskResult;
import dev.eosin.eval.tiles.TileTask;
import dev.eosin.recipe.TileEvaluationRecipe;
import dev.eosin.recipe.found.Measured;
import dev.eosin.train.EvaluationReport;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// What a task found of the tiles, as it is written and told.
///
/// @param tiles that are measured on
/// @param failed tiles whose images could not be read
record TileMeasured(TileEvaluationRecipe recipe, int tiles, List<String> failed) {
  private static final String ACCURACY = "accuracy";

  /// Means something of grades alone.
  private static final String OF_GRADES = "kappa_quadratic";

  TileMeasured {
    failed = List.copyOf(failed);
  }

  /// Why there are no figures.
  static Measured skipped(String name, String why) {
    JsonNode said = JsonNodeFactory.instance.textNode(why);
    return new Measured(
        new EvaluationReport(0, name, Map.of()),
        List.of("%s: not measured: %s".formatted(name, why)),
        Map.of("not_measured", said));
  }

  /// Figures with their intervals; resamples are drawn here.
  Measured measured(String name, TileTask task, TaskResult result) {
    Map<String, Figure> figures = result.figures().measured(result.resamples(), recipe.resamples());
    Map<String, Double> metrics = new LinkedHashMap<>();
    figures.forEach((each, figure) -> figure.put(metrics, each));
    Map<String, JsonNode> details = new LinkedHashMap<>();
    result.details().properties().forEach(each -> details.put(each.getKey(), each.getValue()));
    ObjectNode bootstrap = JsonNodeFactory.instance.objectNode();
    bootstrap.put("resamples", recipe.resamples()).put("units", result.resamples().units());
    details.put("bootstrap", bootstrap);
    details.put("seed", JsonNodeFactory.instance.numberNode(recipe.seed()));
    if (!failed.isEmpty()) {
      ArrayNode out = JsonNodeFactory.instance.arrayNode();
      failed.forEach(out::add);
      details.put("left_out", out);
    }
    recipe
        .protocol()
        .ifPresent(
            protocol -> {
              ObjectNode said = JsonNodeFactory.instance.objectNode();
              ArrayNode sources = said.put("version", protocol.version()).putArray("sources");
              protocol.sources().forEach(sources::add);
              details.put("protocol", said);
            });
    var report = new EvaluationReport(0, name, metrics);
    List<String> lines = new ArrayList<>();
    lines.add(name + judging(result) + "  " + told(report, task));
    JsonNode single = result.details().path("single_prompts").path(ACCURACY);
    if (!single.isMissingNode()) {
      lines.add(
          String.format(
              Locale.ROOT,
              "%s  accuracy over single prompts: mean %.4f, SD %.4f, %.4f to %.4f",
              name,
              single.path("mean").asDouble(),
              single.path("sd").asDouble(),
              single.path("min").asDouble(),
              single.path("max").asDouble()));
    }
    lines.addAll(result.notes());
    return new Measured(report, lines, lines.subList(1, lines.size()), details, result.samples());
  }

  /// By how much the second model's figures differ from the first one's, on the same resamples.
  Measured difference(String name, TileTask task, TaskResult first, TaskResult second) {
    Map<String, Double> metrics = new LinkedHashMap<>();
    Difference.of(first.figures(), second.figures(), first.resamples(), recipe.resamples())
        .forEach(
            (figure, difference) -> {
              metrics.put(figure, difference.value());
              difference
                  .interval()
                  .ifPresent(
                      interval -> {
                        metrics.put(figure + "_low", interval.low());
                        metrics.put(figure + "_high", interval.high());
                        metrics.put(figure + "_p", difference.p());
                      });
            });
    var report = new EvaluationReport(0, name, metrics);
    return new Measured(
        report, List.of(name + judging(first) + "  " + told(report, task)), Map.of());
  }

  /// Prompts are asked about all tiles, what learns is judged by those of the test side.
  private String judging(TaskResult result) {
    int judging = result.figures().rows();
    if (result.samples().isEmpty()) {
      return "";
    }
    return judging == tiles
        ? " (all %d tiles)".formatted(tiles)
        : " (%d of %d tiles judge)".formatted(judging, tiles);
  }

  /// The figures for a person; the files have all of them.
  private static String told(EvaluationReport report, TileTask task) {
    if (task instanceof TileTask.Grades) {
      return report.text();
    }
    Map<String, Double> metrics = new LinkedHashMap<>(report.metrics());
    metrics.keySet().removeIf(name -> name.startsWith(OF_GRADES));
    return new EvaluationReport(report.step(), report.name(), metrics).text();
  }
}
