package dev.eosin.curate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.curate.CurationStep.Sameness;
import dev.eosin.data.CuratedManifest;
import dev.eosin.prepare.Outputs;
import dev.eosin.prepare.Row;
import dev.eosin.prepare.RowPictures;
import dev.eosin.prepare.RowPreparation.Assembly;
import dev.eosin.prepare.RowPreparation.Outcome;
import dev.eosin.prepare.ShownRows;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Takes all rows through the steps that look at rows beside each other, and writes what is left.
///
/// A step that must see all rows first ends a pass; the next pass begins with its judgement. What a
/// pass left out is kept by position, so that no step sees a row twice.
final class CurationAssembly implements Assembly {
  private final CurationSettings settings;
  private final RowPictures pictures;
  private final Outputs outputs;
  private final List<Optional<CollectionRule>> rules;
  private final StepCounts counts;
  private final ShownRows shown;
  private final Map<Integer, Prepared.Left> before = new HashMap<>();
  private final WrittenFields fields;
  private final OutputStream manifest;
  private final OutputStream page;
  private @Nullable PairsWriter writer;

  /// The step with which this pass begins, that with which it ends, and the row it has come to.
  private int first;

  private int last = -1;
  private int position;

  CurationAssembly(
      CurationSettings settings, RowPictures pictures, CurationModels models, Outputs outputs)
      throws IOException {
    this.settings = settings;
    this.pictures = pictures;
    this.outputs = outputs;
    List<Optional<CollectionRule>> all = new ArrayList<>();
    for (CurationStep step : settings.steps()) {
      all.add(rule(step, outputs.rows(), models));
    }
    rules = List.copyOf(all);
    counts = new StepCounts(settings.reasons());
    shown = new ShownRows(rules.size(), settings.shown());
    fields = new WrittenFields(settings);
    manifest = outputs.open(CuratedManifest.NAME);
    page = outputs.open(Curation.PAGE);
  }

  private Optional<CollectionRule> rule(CurationStep step, int rows, CurationModels models)
      throws IOException {
    String image = settings.columns().image();
    return switch (step) {
      case CurationStep.Clean _,
          CurationStep.Questions _,
          CurationStep.FieldValue _,
          CurationStep.Language _,
          CurationStep.Words _,
          CurationStep.Keywords _,
          CurationStep.Images _,
          FiguresStep _,
          JudgedStep _ ->
          Optional.empty();
      case CurationStep.MostLiked replies -> Optional.of(new MostLikedRule(replies));
      case CurationStep.Duplicates same ->
          Optional.of(
              same.by() == Sameness.PICTURE
                  ? new SimilarPicturesRule(same.distance())
                  : new SameRule(settings.columns(), same.by()));
      case CurationStep.SimilarCaptions alike -> Optional.of(new SimilarCaptionsRule(alike, rows));
      case CurationStep.Groups groups ->
          Optional.of(new GroupsRule(groups, settings.columns(), rows));
      case ClassifierStep likely -> Optional.of(new ClassifierRule(likely, image));
      case NearestStep near -> Optional.of(new NearestRule(near, image, models));
      case SimilarImagesStep alike -> Optional.of(new SimilarImagesRule(alike, image));
      case CurationStep.Leaks leaks -> Optional.of(new LeaksRule(leaks, settings.columns()));
    };
  }

  @Override
  public boolean surveys() {
    first = Math.max(last, 0);
    int next = last + 1;
    while (next < rules.size() && !rules.get(next).map(CollectionRule::surveys).orElse(false)) {
      next++;
    }
    last = next;
    position = 0;
    return next < rules.size();
  }

  @Override
  public void survey(Row row, JsonNode result) throws IOException {
    int here = position++;
    if (before.containsKey(here)) {
      return;
    }
    Prepared prepared = Prepared.of(result);
    if (isLeft(prepared, first - 1)) {
      return;
    }
    Optional<Prepared.Left> left = walk(here, row, prepared, last);
    if (left.isEmpty()) {
      try {
        rule(last).survey(candidate(here, row, prepared, last));
      } catch (DataException e) {
        throw located(row, e);
      }
    } else if (!left.equals(prepared.left())) {
      before.put(here, left.get());
    }
  }

  private static DataException located(Row row, DataException e) {
    return new DataException("%s: %s".formatted(row.place(), e.getMessage()), e);
  }

  private static boolean isLeft(Prepared prepared, int step) {
    return prepared.left().isPresent() && prepared.left().get().step() <= step;
  }

  private CollectionRule rule(int step) {
    return rules.get(step).orElseThrow();
  }

  /// Through the steps from this pass's first on.
  private Optional<Prepared.Left> walk(int here, Row row, Prepared prepared, int until)
      throws DataException {
    for (int step = first; step < until; step++) {
      if (isLeft(prepared, step)) {
        return prepared.left();
      }
      if (rules.get(step).isPresent()) {
        Optional<String> detail = judge(here, row, prepared, step);
        if (detail.isPresent()) {
          return Optional.of(new Prepared.Left(step, detail.get()));
        }
      }
    }
    return Optional.empty();
  }

  private Optional<String> judge(int here, Row row, Prepared prepared, int step)
      throws DataException {
    try {
      return rule(step).judge(candidate(here, row, prepared, step));
    } catch (DataException e) {
      throw located(row, e);
    }
  }

  private Candidate candidate(int here, Row row, Prepared prepared, int step) {
    String own = row.content().path(settings.columns().caption()).asText("");
    return new Candidate(
        here, row, prepared.caption(step, own), prepared.image(), group(here, step));
  }

  /// The group that the last step of groups before assigned.
  private Optional<String> group(int here, int before) {
    for (int step = before - 1; step >= 0; step--) {
      if (rules.get(step).orElse(null) instanceof GroupsRule groups) {
        return groups.group(here);
      }
    }
    return Optional.empty();
  }

  @Override
  public Optional<Outcome.Rejected> add(Row row, JsonNode result) throws IOException {
    int here = position++;
    Prepared prepared = Prepared.of(result);
    Optional<Prepared.Left> left = Optional.ofNullable(before.get(here));
    if (left.isEmpty()) {
      left =
          isLeft(prepared, first - 1) ? prepared.left() : walk(here, row, prepared, rules.size());
    }
    int step = left.map(Prepared.Left::step).orElse(rules.size());
    Candidate candidate = candidate(here, row, prepared, step);
    counts.add(prepared, step);
    shown.add(step, row, candidate.caption(), left.map(Prepared.Left::detail).orElse(""));
    if (left.isPresent()) {
      return Optional.of(new Outcome.Rejected(counts.reasons().get(step), left.get().detail()));
    }
    ObjectNode line = fields.of(candidate);
    writer().add(candidate, line);
    return Optional.empty();
  }

  private PairsWriter writer() throws IOException {
    PairsWriter open = writer;
    if (open == null) {
      open = PairsWriter.open(settings, fields.names(), pictures, outputs);
      writer = open;
    }
    return open;
  }

  @Override
  public void finish() throws IOException {
    Map<String, String> found = new LinkedHashMap<>();
    for (int step = 0; step < rules.size(); step++) {
      if (rules.get(step).isPresent()) {
        String name = counts.reasons().get(step);
        rule(step).found().forEach((what, value) -> found.put(name + ": " + what, value));
      }
    }
    List<WrittenFile.Entry> files = writer == null ? List.of() : writer().finish();
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("format", CuratedManifest.FORMAT).put("rows", counts.kept());
    if (counts.kept() == 0) {
      root.put(CuratedManifest.EMPTY, counts.whyEmpty());
    }
    ArrayNode written = root.putArray("files");
    for (WrittenFile.Entry file : files) {
      written
          .addObject()
          .put("file", file.file())
          .put("rows", file.rows())
          .put("bytes", file.bytes())
          .put("sha256", file.sha256());
    }
    fields.names().forEach(root.putArray("fields")::add);
    counts.write(root.putArray("steps"));
    found.forEach(root.putObject("found")::put);
    String text = new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(root);
    manifest.write((text + "\n").getBytes(StandardCharsets.UTF_8));
    page.write(
        new CurationPage(name(), counts, shown, found, pictures)
            .text()
            .getBytes(StandardCharsets.UTF_8));
  }

  private String name() {
    return settings.table().map(file -> String.valueOf(file.getFileName())).orElse("a source");
  }
}
