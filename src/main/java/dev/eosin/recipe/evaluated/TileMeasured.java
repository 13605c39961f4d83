package dev.eosin.recipe.evaluated;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.eval.probes.Difference;
import dev.eosin.eval.probes.Figure;
import dev.eosin.eval.tiles.TaskResult;
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
/// @param failed tiles whose images could not be read
record TileMeasured(TileEvaluationRecipe recipe, List<String> failed) {
  private static final String ACCURACY = "accuracy";

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
  Measured measured(String name, TaskResult result) {
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
    lines.add(name + "  " + report.text());
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
  Measured difference(String name, TaskResult first, TaskResult second) {
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
    return Measured.of(new EvaluationReport(0, name, metrics));
  }
}
