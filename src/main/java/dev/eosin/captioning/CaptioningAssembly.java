package dev.eosin.captioning;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.page.Page;
import dev.eosin.prepare.Outputs;
import dev.eosin.prepare.Row;
import dev.eosin.prepare.RowPictures;
import dev.eosin.prepare.RowPreparation.Assembly;
import dev.eosin.prepare.RowPreparation.Outcome;
import dev.eosin.prepare.ShownRows;
import dev.eosin.prepare.SourceRows;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Stream;

/// Writes the texts, every raw answer, and what is known of all of them.
final class CaptioningAssembly implements Assembly {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final CaptionSettings settings;
  private final RowPictures pictures;
  private final Optional<Outputs.Lines> lines;
  private final Optional<OutputStream> table;
  private final Outputs.Lines answers;
  private final OutputStream statistics;
  private final OutputStream page;
  private final CaptionTally tally = new CaptionTally();
  private final Map<Long, Integer> same = new HashMap<>();
  private final SequencedMap<String, Long> left = new LinkedHashMap<>();
  private final ShownRows shown;
  private final int rows;
  private long kept;
  private boolean surveyed;

  CaptioningAssembly(CaptionSettings settings, RowPictures pictures, Outputs outputs)
      throws IOException {
    this.settings = settings;
    this.pictures = pictures;
    rows = outputs.rows();
    boolean list = settings.task().form() == CaptionTask.Form.LIST;
    lines = list ? Optional.empty() : Optional.of(outputs.jsonLines("captions.jsonl"));
    table = list ? Optional.of(outputs.open(settings.task().field() + ".csv")) : Optional.empty();
    answers = outputs.jsonLines("answers.jsonl");
    statistics = outputs.open("captions.json");
    page = outputs.open("page.html");
    shown = new ShownRows(reasons().size(), settings.shown());
    reasons().forEach(reason -> left.put(reason, 0L));
    if (table.isPresent()) {
      write(table.get(), "text," + csv(settings.columns().group()) + "\n");
    }
  }

  private static List<String> reasons() {
    return Stream.concat(AnswerReader.FLAWS.stream(), Stream.of(Captioning.SAME)).toList();
  }

  /// One pass, in which equal captions are counted.
  @Override
  public boolean surveys() {
    boolean again = !surveyed && lines.isPresent();
    surveyed = true;
    return again;
  }

  @Override
  public void survey(Row row, JsonNode result) {
    if (result.has(Captioning.TEXTS)) {
      same.merge(CaptionTally.digest(result), 1, Integer::sum);
    }
  }

  @Override
  public Optional<Outcome.Rejected> add(Row row, JsonNode result) throws IOException {
    tally.asked(result);
    int attempt = 0;
    for (JsonNode said : result.path(Captioning.SAID)) {
      ObjectNode line = JsonNodeFactory.instance.objectNode().put("id", row.key());
      line.put("attempt", ++attempt).setAll((ObjectNode) said.deepCopy());
      answers.write(line);
    }
    Optional<Outcome.Rejected> reject = reject(result);
    if (reject.isPresent()) {
      Outcome.Rejected out = reject.get();
      left.merge(out.reason(), 1L, Long::sum);
      JsonNode last = result.path(Captioning.SAID).path(attempt - 1);
      shown.add(reasons().indexOf(out.reason()), row, last.path("text").asText(), out.detail());
      return reject;
    }
    kept++;
    tally.kept(result, others(result));
    shown.add(reasons().size(), row, all(result), before(row));
    write(row, result);
    return Optional.empty();
  }

  private int others(JsonNode result) {
    return same.getOrDefault(CaptionTally.digest(result), 1) - 1;
  }

  private Optional<Outcome.Rejected> reject(JsonNode result) {
    if (!result.has(Captioning.TEXTS)) {
      JsonNode said = result.path(Captioning.SAID);
      JsonNode last = said.path(said.size() - 1);
      return Optional.of(
          new Outcome.Rejected(
              last.path("flaw").asText(),
              "asked %d times; the last answer was of no use: %s"
                  .formatted(said.size(), last.path("detail").asText())));
    }
    int others = others(result);
    return settings.sameAtMost().isPresent() && others >= settings.sameAtMost().get()
        ? Optional.of(
            new Outcome.Rejected(
                Captioning.SAME, "%d rows got this caption: %s".formatted(others + 1, all(result))))
        : Optional.empty();
  }

  private static String all(JsonNode result) {
    return String.join(
        " | ", result.path(Captioning.TEXTS).valueStream().map(JsonNode::asText).toList());
  }

  /// What the row said before.
  private String before(Row row) {
    return settings.task() == CaptionTask.DESCRIBE
        ? ""
        : row.content().path(settings.columns().text()).asText();
  }

  private void write(Row row, JsonNode result) throws IOException {
    CaptionSettings.Columns columns = settings.columns();
    if (lines.isPresent()) {
      ObjectNode line = row.content().deepCopy();
      line.remove(SourceRows.SAMPLE);
      if (settings.task() != CaptionTask.DESCRIBE) {
        line.set("before", line.path(columns.text()));
      }
      line.put(columns.text(), result.path(Captioning.TEXTS).path(0).asText());
      lines.get().write(line);
    } else {
      String group = row.content().path(columns.group()).asText("");
      for (JsonNode text : result.path(Captioning.TEXTS)) {
        write(table.orElseThrow(), csv(text.asText()) + "," + csv(group) + "\n");
      }
    }
  }

  private static String csv(String text) {
    return text.matches("[^\",\r\n]*") ? text : "\"" + text.replace("\"", "\"\"") + "\"";
  }

  private static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void finish() throws IOException {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("format", "eosin captions 1");
    root.put("task", settings.task().name().toLowerCase(Locale.ROOT));
    tally.write(root);
    write(statistics, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n");
    String asked = "Captions (%s)".formatted(settings.task().name().toLowerCase(Locale.ROOT));
    String title = settings.table().map(table -> Page.title(asked, table)).orElse(asked);
    CaptioningPage text =
        new CaptioningPage(title, settings.task(), root, rows, kept, left, shown, pictures);
    write(page, text.text());
  }
}
