package dev.eosin.curate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.eosin.caption.Agent;
import dev.eosin.caption.AgentBy;
import dev.eosin.config.DataException;
import dev.eosin.config.Pixels;
import dev.eosin.config.Share;
import dev.eosin.curate.rules.Candidate;
import dev.eosin.curate.rules.NamedVectors;
import dev.eosin.curate.rules.SimilarImagesRule;
import dev.eosin.curate.steps.ClassifierStep;
import dev.eosin.curate.steps.CurationColumns;
import dev.eosin.curate.steps.CurationModels;
import dev.eosin.curate.steps.CurationSettings;
import dev.eosin.curate.steps.CurationStep;
import dev.eosin.curate.steps.FiguresStep;
import dev.eosin.curate.steps.JudgedStep;
import dev.eosin.curate.steps.NearestStep;
import dev.eosin.curate.steps.SimilarImagesStep;
import dev.eosin.eval.embeddings.StoredEmbeddings;
import dev.eosin.image.Png;
import dev.eosin.image.RgbImage;
import dev.eosin.index.VectorGraph;
import dev.eosin.index.VectorIndex;
import dev.eosin.prepare.PreparationRun;
import dev.eosin.prepare.PreparationSettings;
import dev.eosin.prepare.PreparationSettings.Failed;
import dev.eosin.prepare.PreparationSettings.Limits;
import dev.eosin.prepare.Row;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomKey.Purpose;
import dev.eosin.random.RandomStream;
import dev.eosin.revise.AgentFixture;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Steps that look through models: judges, classifiers, neighbours, embeddings that are alike, and
/// what was drawn on images.
class ModelStepsTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;

  private Path embeddings(String file, List<Embedded> rows) throws IOException {
    return Embedded.write(folder.resolve(file), rows);
  }

  private Path table(List<String> images) throws IOException {
    List<String> lines = new ArrayList<>(List.of("image,caption"));
    images.forEach(image -> lines.add(image + ",A caption of " + image));
    return Files.write(folder.resolve("rows.csv"), lines);
  }

  private static CurationModels models(Agent agent) {
    return new CurationModels() {
      @Override
      public Agent agent(AgentBy by, int mostTokens) {
        return agent;
      }

      @Override
      public Engine engine() {
        return Engine.start(Device.CPU, 1);
      }

      @Override
      public void close() {
        agent.close();
      }
    };
  }

  private static Agent agent(boolean sees, AgentFixture.Saying saying) {
    return AgentFixture.agent(service -> service, sees, saying);
  }

  /// @return of each row that is left out "image reason"
  private List<String> curate(Path table, CurationModels models, CurationStep... steps)
      throws IOException {
    var settings =
        new CurationSettings(
            Optional.of(table),
            Optional.empty(),
            Optional.empty(),
            new CurationColumns(
                Optional.of("image"), "image", "caption", "group", Optional.empty()),
            List.of(steps),
            CurationSettings.Format.JSONL,
            Optional.empty(),
            10,
            2);
    var work = new PreparationSettings(2, Failed.OPEN, 50, Limits.NONE);
    Path out = folder.resolve("out");
    new PreparationRun(out, Curation.open(settings, models), work, 7)
        .run(progress -> {}, () -> false);
    List<String> left = new ArrayList<>();
    for (String line : Files.readAllLines(out.resolve("rejects.jsonl"))) {
      JsonNode row = JSON.readTree(line);
      left.add(row.path("key").asText() + " " + row.path("reason").asText());
    }
    return left;
  }

  private JsonNode found() throws IOException {
    return JSON.readTree(folder.resolve("out/manifest.json").toFile()).path("found");
  }

  private static JudgedStep judged(JudgedStep.Sight at, String prompt) {
    var by =
        new AgentBy.LanguageModel(
            Path.of("model"),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    return new JudgedStep(at, prompt, JudgedStep.Verdict.YES, by, 16, 2);
  }

  @Test
  void aModelJudgesImagesAndCaptionsAndEveryAnswerIsKept() throws IOException {
    for (String name : List.of("a.png", "b.png", "c.png", "d.png")) {
      Files.write(folder.resolve(name), Png.encode(new RgbImage(2, 2, new byte[12])));
    }
    Agent agent =
        agent(
            true,
            asked -> {
              if (asked.contains("of b.png")) {
                return "**No**, of an animal.";
              }
              if (asked.contains("of c.png")) {
                return asked.contains("was neither") ? "Yes." : "It depends.";
              }
              return asked.contains("of d.png") ? "Notable." : "yes";
            });
    List<String> left =
        curate(
            table(List.of("a.png", "b.png", "c.png", "d.png")),
            models(agent),
            new CurationStep.Images(new Pixels(1), 1_000),
            judged(JudgedStep.Sight.IMAGE, "Is it pathology?"),
            judged(JudgedStep.Sight.CAPTION, "Is it of a person: {caption}"));
    assertThat(left).containsExactly("b.png judged-caption", "d.png judged-caption");
    assertThat(Files.readString(folder.resolve("out/ledger.jsonl")))
        .contains("It depends.", "**No**, of an animal.", "curate.judge.1.model");
    assertThat(Files.readString(folder.resolve("out/rejects.jsonl")))
        .contains("no verdict, the model says 'Notable.'");
  }

  @Test
  void whoSeesNothingJudgesNoImages() throws IOException {
    Path table = table(List.of("a.png"));
    assertThatThrownBy(
            () ->
                curate(
                    table,
                    models(agent(false, asked -> "yes")),
                    new CurationStep.Images(new Pixels(1), 1_000),
                    judged(JudgedStep.Sight.IMAGE, "Is it pathology?")))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("judged-image sees no picture");
  }

  @Test
  void aClassifierOfEmbeddingsLearnsFromExamplesAndSaysWhatItIsWorth() throws IOException {
    RandomStream random = new RandomKey(1).stream(Purpose.PREPARATION, 0, 0);
    List<Embedded> examples = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      float side = i % 2 == 0 ? 1 : -1;
      float noise = (float) random.nextGaussian() * 0.2f;
      examples.add(new Embedded("e" + i, i % 2 == 0 ? "tissue" : "cat", side, noise, 1));
    }
    Path known = embeddings("examples.parquet", examples);
    Path features =
        embeddings(
            "features.parquet",
            List.of(new Embedded("a", "", 0.9f, 0, 1), new Embedded("b", "", -0.9f, 0.1f, 1)));
    List<String> left =
        curate(
            table(List.of("a", "b", "c")),
            CurationModels.none(),
            new ClassifierStep(features, known, List.of("tissue"), new Share(0.5), 10));
    assertThat(left).containsExactly("b classifier", "c classifier");
    assertThat(found().path("classifier: told rightly of those left out").asText())
        .isEqualTo("8 of 8");
    assertThat(found().path("classifier: rows without an embedding").asText()).isEqualTo("1");
  }

  @Test
  void imagesNearAQueryAreKept() throws IOException {
    Path rows =
        embeddings(
            "rows.parquet",
            List.of(
                new Embedded("a", "", 1, 0),
                new Embedded("b", "", 0.9f, 0.1f),
                new Embedded("c", "", 0, 1),
                new Embedded("d", "", -1, 0)));
    Path index = folder.resolve("index");
    try (StoredEmbeddings stored = StoredEmbeddings.open(rows, Optional.empty())) {
      VectorIndex.build(
          stored, index, VectorIndex.Kind.EXACT, VectorGraph.Settings.DEFAULT, _ -> {});
    }
    Path queries = embeddings("queries.parquet", List.of(new Embedded("q", "", 1, 0.05f)));
    List<String> left =
        curate(
            table(List.of("a", "b", "c", "d")),
            models(agent(false, asked -> "")),
            new NearestStep(index, queries, 3, 0.5, 10));
    assertThat(left).containsExactly("c nearest", "d nearest");
    assertThat(found().path("nearest: images near a query").asText()).isEqualTo("2");
  }

  @Test
  void aFileThatAStepNeedsIsMissedBeforeAnythingIsDone() throws IOException {
    Path table = table(List.of("a"));
    Path gone = folder.resolve("gone.parquet");
    assertThatThrownBy(
            () -> curate(table, CurationModels.none(), new SimilarImagesStep(gone, 0.97)))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("gone.parquet: cannot be read")
        .hasMessageContaining("the step similar-images needs it");
    assertThat(folder.resolve("out")).doesNotExist();
  }

  /// Against a comparison of all with all.
  @Test
  void nearlyAllImagesThatAreAlikeAreFound() {
    RandomStream random = new RandomKey(2).stream(Purpose.PREPARATION, 0, 0);
    int count = 1_200;
    float[][] vectors = new float[count][];
    Map<String, Integer> places = new HashMap<>();
    for (int i = 0; i < count; i++) {
      float[] vector = new float[32];
      double norm = 0;
      for (int j = 0; j < vector.length; j++) {
        float near = i % 3 == 0 || i == 0 ? 0 : 5 * vectors[i - i % 3][j];
        vector[j] = near + (float) random.nextGaussian() * (i % 3 == 0 ? 1 : 0.2f);
        norm += vector[j] * vector[j];
      }
      for (int j = 0; j < vector.length; j++) {
        vector[j] /= (float) Math.sqrt(norm);
      }
      vectors[i] = vector;
      places.put("i" + i, i);
    }
    var rule = new SimilarImagesRule(0.96, new NamedVectors(vectors, places, "image"));
    List<Integer> kept = new ArrayList<>();
    int differ = 0;
    int alike = 0;
    for (int i = 0; i < count; i++) {
      int at = i;
      boolean brute = kept.stream().anyMatch(j -> dot(vectors[j], vectors[at]) >= 0.96);
      var content = JsonNodeFactory.instance.objectNode().put("image", "i" + i);
      var row = new Row("i" + i, "row " + i, content);
      boolean found =
          rule.judge(new Candidate(i, row, "", Optional.empty(), Optional.empty())).isPresent();
      differ += brute != found ? 1 : 0;
      alike += brute ? 1 : 0;
      if (!found) {
        kept.add(i);
      }
    }
    assertThat(alike).isGreaterThan(400);
    assertThat(differ).isLessThanOrEqualTo(2);
  }

  private static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }

  /// Fills a part of an image of one colour with another.
  private static void fill(RgbImage image, int left, int top, int right, int bottom, int colour) {
    for (int y = top; y < bottom; y++) {
      for (int x = left; x < right; x++) {
        for (int band = 0; band < 3; band++) {
          image.pixels()[3 * (y * image.width() + x) + band] = (byte) (colour >> 16 - 8 * band);
        }
      }
    }
  }

  private static RgbImage pink() {
    RgbImage image = new RgbImage(120, 100, new byte[3 * 120 * 100]);
    fill(image, 0, 0, 120, 100, 0xD090B0);
    return image;
  }

  @Test
  void panelsAreCountedAndGlassBetweenPiecesIsNoGutter() {
    assertThat(FigureMarks.of(pink())).isEqualTo(new FigureMarks(1, 0, 0));
    RgbImage panels = pink();
    fill(panels, 58, 0, 62, 100, 0xFFFFFF);
    fill(panels, 0, 40, 58, 44, 0xFFFFFF);
    assertThat(FigureMarks.of(panels).panels()).isEqualTo(3);
    RgbImage glass = pink();
    for (int x = 0; x < 120; x++) {
      int half = Math.abs(x - 60) / 2 + 4;
      fill(glass, x, 50 - half, x + 1, 50 + half, 0xFFFFFF);
    }
    assertThat(FigureMarks.of(glass).panels()).isEqualTo(1);
  }

  @Test
  void arrowsAndLettersAreFoundAndBarsAreNeither() {
    RgbImage arrow = pink();
    fill(arrow, 30, 49, 60, 52, 0x000000);
    for (int i = 0; i < 10; i++) {
      fill(arrow, 60 + i, 40 + i, 61 + i, 61 - i, 0x000000);
    }
    assertThat(FigureMarks.of(arrow)).isEqualTo(new FigureMarks(1, 1, 0));
    RgbImage bar = pink();
    fill(bar, 30, 80, 90, 84, 0x000000);
    assertThat(FigureMarks.of(bar)).isEqualTo(new FigureMarks(1, 0, 0));
    RgbImage letters = pink();
    for (int i = 0; i < 4; i++) {
      fill(letters, 20 + 12 * i, 60, 23 + 12 * i, 74, 0xFFFF00);
      fill(letters, 20 + 12 * i, 71, 29 + 12 * i, 74, 0xFFFF00);
    }
    FigureMarks marks = FigureMarks.of(letters);
    assertThat(marks).isEqualTo(new FigureMarks(1, 0, 4));
    assertThat(marks.told(new FiguresStep(true, true, true))).contains("4 letters");
    assertThat(marks.told(new FiguresStep(true, true, false))).isEmpty();
  }
}
