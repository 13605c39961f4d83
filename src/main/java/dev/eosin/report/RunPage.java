package dev.eosin.report;

import dev.eosin.page.Html;
import dev.eosin.page.Page;
import dev.eosin.page.Table;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// `report.html` of a run.
///
/// @param title names the run
/// @param facts what is known of it: state, versions, steps, speed
/// @param log its numbers
/// @param decided fingerprints of data and weights, by name
/// @param recipe resolved
/// @param left samples that could not be read, a line each
public record RunPage(
    String title,
    Map<String, String> facts,
    TrainingLog log,
    Map<String, String> decided,
    String recipe,
    List<String> left) {
  private static final int SHOWN = 20;

  public RunPage {
    facts = Collections.unmodifiableMap(new LinkedHashMap<>(facts));
    decided = Collections.unmodifiableMap(new LinkedHashMap<>(decided));
    left = List.copyOf(left);
  }

  /// As its file has it.
  public String html() {
    List<Page.Section> sections = new ArrayList<>();
    if (!log.evaluations().isEmpty()) {
      sections.add(new Page.Section("Newest scores", TrainingCharts.newest(log)));
    }
    sections.add(new Page.Section("Training", TrainingCharts.updates(log)));
    if (!log.evaluations().isEmpty()) {
      sections.add(new Page.Section("Evaluations", TrainingCharts.evaluations(log)));
    }
    if (!left.isEmpty()) {
      Html html = Html.of("p", "%d samples could not be read.".formatted(left.size()));
      left.stream().limit(SHOWN).forEach(each -> html.element("p", each, "class", "faint").line());
      sections.add(new Page.Section("Samples that were left out", html));
    }
    Html what = new Html();
    if (!decided.isEmpty()) {
      what.element("h3", "Fingerprints").add(Table.facts(decided)).line();
    }
    what.element("h3", "The recipe, resolved").element("pre", recipe).line();
    sections.add(new Page.Section("What decided these numbers", what));
    return Page.of(title, Table.facts(facts), sections);
  }
}
