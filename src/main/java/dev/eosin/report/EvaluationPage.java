package dev.eosin.report;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.eval.maps.EmbeddingMap;
import dev.eosin.eval.samples.SampleResults;
import dev.eosin.page.Html;
import dev.eosin.page.Page;
import dev.eosin.page.PointChart;
import dev.eosin.page.Table;
import dev.eosin.page.Tiles;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// `report.html` of an evaluation.
public final class EvaluationPage {
  /// Evaluations whose examples are shown, since pictures make pages long.
  private static final int WITH_EXAMPLES = 3;

  private final Findings findings;
  private int exampled;

  private EvaluationPage(Findings findings) {
    this.findings = findings;
  }

  /// The page as its file has it.
  public static String of(Findings findings) {
    return new EvaluationPage(findings).page();
  }

  private String page() {
    List<Measurement> all = Measurement.of(findings.results().path("evaluations"));
    Html lead = new Html();
    lead.element(
        "p",
        "Measured with Eosin %s. Small numbers are 95 %% intervals."
            .formatted(findings.results().path("eosin").asText()),
        "class",
        "faint");
    findings.notes().forEach(note -> lead.element("p", note, "class", "note").line());
    List<Page.Section> sections = new ArrayList<>();
    sections.add(new Page.Section("Summary", FigureTables.sideBySide(all)));
    for (Measurement each : all) {
      if (!each.model().equals(Measurement.DIFFERENCE)) {
        sections.add(new Page.Section(each.name(), section(each)));
      }
    }
    findings.hits().forEach(hits -> sections.add(new Page.Section(hits.title(), found(hits))));
    findings.maps().forEach(map -> sections.add(new Page.Section("Embedding map", map(map))));
    findings
        .training()
        .ifPresent(
            log -> {
              Html html = TrainingCharts.updates(log).add(TrainingCharts.evaluations(log));
              sections.add(new Page.Section("Training of the model", html));
            });
    sections.add(new Page.Section("What decided these numbers", decided()));
    return Page.of(findings.title(), lead, sections);
  }

  private Html section(Measurement of) {
    JsonNode details = findings.results().path("details").path(of.name());
    Html html = FigureTables.all(of);
    JsonNode classes =
        details.has("classes") ? details.path("classes") : details.at("/first_run/classes");
    if (classes.size() > 0) {
      html.add(ClassSections.confusion(classes));
    }
    if (findings.samples().get(of.name()) instanceof SampleResults.Labelled labelled) {
      html.add(ClassSections.curves(labelled));
      if (of.model().equals(Measurement.MODEL)
          && labelled.runs().size() == 1
          && exampled < WITH_EXAMPLES) {
        exampled++;
        html.add(ClassSections.examples(labelled, findings.pictures()));
      }
    }
    if (details.has("single_prompts")) {
      html.add(DetailSections.prompts(details.path("single_prompts")));
    }
    if (details.has("layers")) {
      html.add(DetailSections.layers(details.path("layers")));
    }
    if (details.has("scores")) {
      html.add(DetailSections.scores(details.path("scores")));
    }
    Map<String, String> settings = DetailSections.settings(details);
    if (!settings.isEmpty()) {
      html.element("h3", "What decided it").line().add(Table.facts(settings)).line();
    }
    return html;
  }

  private Html found(Hits hits) {
    Html html = new Html();
    for (Hits.Query query : hits.queries()) {
      html.element("h3", "Query: " + said(query.item())).line();
      List<Tiles.Tile> tiles = new ArrayList<>();
      if (query.item().text().isEmpty()) {
        tiles.add(tile(query.item(), List.of("query", query.item().id()), Tiles.Frame.NONE));
      }
      List<Hits.Hit> texts = new ArrayList<>();
      for (int rank = 0; rank < query.found().size(); rank++) {
        Hits.Hit hit = query.found().get(rank);
        if (hit.item().text().isPresent()) {
          texts.add(hit);
        } else {
          String verdict = String.format(Locale.ROOT, "%d, cosine %.3f", rank + 1, hit.cosine());
          Tiles.Frame frame = hit.right() ? Tiles.Frame.RIGHT : Tiles.Frame.WRONG;
          tiles.add(tile(hit.item(), List.of(verdict, right(hit), hit.item().id()), frame));
        }
      }
      html.add(Tiles.of(tiles));
      if (!texts.isEmpty()) {
        html.add(texts(texts));
      }
    }
    return html;
  }

  private static String right(Hits.Hit hit) {
    return hit.right() ? "right" : "wrong";
  }

  private static Html texts(List<Hits.Hit> hits) {
    Table table = new Table(List.of("rank", "cosine", "", "text"));
    for (int rank = 0; rank < hits.size(); rank++) {
      Hits.Hit hit = hits.get(rank);
      table.row(
          List.of(
              Table.Cell.of(rank + 1L),
              Table.Cell.of(hit.cosine()),
              Table.Cell.of(right(hit)),
              Table.Cell.of(said(hit.item()))));
    }
    return table.html();
  }

  private static String said(Hits.Item item) {
    return item.text().orElse(item.id());
  }

  private Tiles.Tile tile(Hits.Item item, List<String> caption, Tiles.Frame frame) {
    return new Tiles.Tile(findings.pictures().of(item.id()), item.id(), caption, frame);
  }

  private static Html map(EmbeddingMap map) {
    Html html = new Html();
    String drawn =
        map.points().size() < map.of()
            ? "%d of %d vectors, drawn".formatted(map.points().size(), map.of())
            : "all %d vectors".formatted(map.of());
    html.element("p", "Of %s: %s.".formatted(map.model(), drawn)).line();
    html.open("div", "class", "pair").open("div").element("h3", "Principal components");
    String first = String.format(Locale.ROOT, "component 1 (%.1f %%)", 100 * map.shares()[0]);
    String second = String.format(Locale.ROOT, "component 2 (%.1f %%)", 100 * map.shares()[1]);
    html.add(chart(map, "principal components", first, second, false)).close("div");
    if (map.perplexity().isPresent()) {
      html.open("div").element("h3", "t-SNE");
      html.add(chart(map, "t-SNE", "", "", true));
      html.element(
          "p",
          String.format(
              Locale.ROOT,
              "Perplexity %.4g. Neighbours mean something here, sizes and distances of clusters hardly.",
              map.perplexity().get()),
          "class",
          "faint");
      html.close("div");
    }
    return html.close("div").line();
  }

  private static Html chart(
      EmbeddingMap map, String what, String across, String up, boolean neighbours) {
    List<PointChart.Point> points =
        map.points().stream()
            .map(
                point -> {
                  double[] at = neighbours ? point.neighbour() : point.component();
                  return new PointChart.Point(at[0], at[1], point.label(), point.id());
                })
            .toList();
    return PointChart.of(
        "%s of %d embeddings, coloured by class".formatted(what, points.size()),
        across,
        up,
        map.labels(),
        points);
  }

  private Html decided() {
    Map<String, String> inputs = new LinkedHashMap<>();
    inputs.put("eosin", findings.results().path("eosin").asText());
    findings
        .results()
        .path("inputs")
        .properties()
        .forEach(each -> inputs.put(each.getKey(), each.getValue().asText()));
    Html html = Html.of("h3", "Versions, digests and fingerprints").add(Table.facts(inputs));
    html.element("h3", "The recipe, resolved").element("pre", findings.recipe()).line();
    return html;
  }
}
