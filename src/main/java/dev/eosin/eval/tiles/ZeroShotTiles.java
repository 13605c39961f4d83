package dev.eosin.eval.tiles;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.eval.ConfusionMatrix;
import dev.eosin.eval.ZeroShotClassifier;
import dev.eosin.eval.probes.LabelScores;
import dev.eosin.eval.probes.Spread;
import dev.eosin.random.RandomKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// Zero-shot classification of tiles, with all prompts of a class together and with single ones.
///
/// A single prompt is a template with the class names at one place of their lists; a class with
/// fewer names stays with its first.
final class ZeroShotTiles {
  private final TileSet set;
  private final TileFeatures features;
  private final TileFeatures.Texts texts;
  private final List<String> templates;
  private final int[] judges;

  private ZeroShotTiles(
      TileSet set,
      TileFeatures features,
      TileFeatures.Texts texts,
      List<String> templates,
      int[] judges) {
    this.set = set;
    this.features = features;
    this.texts = texts;
    this.templates = templates;
    this.judges = judges;
  }

  /// @param judges the tiles that are classified
  /// @throws DataException where the model embeds no texts
  static TaskResult run(
      TileTask.ZeroShot task,
      TileSet set,
      TileFeatures features,
      List<String> templates,
      int[] judges,
      RandomKey key)
      throws DataException {
    TileFeatures.Texts texts =
        features
            .texts()
            .orElseThrow(
                () ->
                    new DataException(
                        "%s: %s has features of tiles alone, and no text is embedded by it; name a model (of stored embeddings: prompts-by), or leave the task out"
                            .formatted(task.title(), features.model())));
    return new ZeroShotTiles(set, features, texts, templates, judges).run(task, key);
  }

  private TaskResult run(TileTask.ZeroShot task, RandomKey key) {
    List<List<float[][]>> embedded = embedded();
    LabelScores all = scores(embedded.stream().map(ZeroShotTiles::joined).toList());
    ObjectNode details = ClassDetails.object().put("version", task.version());
    details.put("tiles", judges.length).put("logit_scale", texts.logitScale());
    ArrayNode templated = details.putArray("templates");
    templates.forEach(templated::add);
    ObjectNode names = details.putObject("names");
    for (TileClass each : set.classes()) {
      ArrayNode of = names.putArray(each.label());
      each.texts().forEach(of::add);
    }
    ClassDetails.put(details, all, set.labels());
    if (task.singlePrompts()) {
      putSingle(details.putObject("single_prompts"), embedded);
    }
    return TaskResult.of(
        task.title(),
        all,
        TileSides.samples(set, judges),
        set.labels(),
        key,
        details,
        ClassDetails.notes(task.title(), all, set.labels()));
  }

  /// Of each class, of each name [templates][e].
  private List<List<float[][]>> embedded() {
    return set.classes().stream()
        .map(each -> each.texts().stream().map(this::ofTemplates).toList())
        .toList();
  }

  private float[][] ofTemplates(String name) {
    return templates.stream()
        .map(template -> texts.of(template.replace("{}", name)))
        .toArray(float[][]::new);
  }

  private static float[][] joined(List<float[][]> parts) {
    return parts.stream().flatMap(Arrays::stream).toArray(float[][]::new);
  }

  /// @param prompts of each class [prompts][e]
  private LabelScores scores(List<float[][]> prompts) {
    ZeroShotClassifier classifier = ZeroShotClassifier.of(prompts);
    double[][] shares =
        IntStream.of(judges)
            .parallel()
            .mapToObj(row -> classifier.cosines(features.vectors()[row]))
            .map(
                cosines ->
                    LabelScores.softmax(
                        Arrays.stream(cosines).map(c -> texts.logitScale() * c).toArray()))
            .toArray(double[][]::new);
    int[] truth = set.truth();
    return new LabelScores(shares, IntStream.of(judges).map(row -> truth[row]).toArray());
  }

  private void putSingle(ObjectNode details, List<List<float[][]>> embedded) {
    int most = embedded.stream().mapToInt(List::size).max().orElse(1);
    List<ConfusionMatrix> found = new ArrayList<>();
    ArrayNode prompts = details.putArray("prompts");
    for (int name = 0; name < most; name++) {
      int place = name;
      for (int template = 0; template < templates.size(); template++) {
        int of = template;
        ConfusionMatrix confusion =
            scores(
                    embedded.stream()
                        .map(names -> names.get(place < names.size() ? place : 0))
                        .map(vectors -> new float[][] {vectors[of]})
                        .toList())
                .confusion();
        found.add(confusion);
        ObjectNode said = prompts.addObject().put("template", templates.get(template));
        said.put("name", name);
        for (ChosenBy figure : ChosenBy.values()) {
          said.put(figure.figure(), figure.of(confusion));
        }
      }
    }
    for (ChosenBy figure : ChosenBy.values()) {
      double[] values = found.stream().mapToDouble(figure::of).toArray();
      ClassDetails.put(details.putObject(figure.figure()), Spread.of(values));
    }
  }
}
