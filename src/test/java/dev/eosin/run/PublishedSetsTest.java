package dev.eosin.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.curate.Embedded;
import dev.eosin.data.SampleContent.QuestionAnswer;
import dev.eosin.data.Source;
import dev.eosin.data.opened.Sources;
import dev.eosin.eval.embeddings.StoredEmbeddings;
import dev.eosin.image.Jpeg;
import dev.eosin.image.Png;
import dev.eosin.image.RgbImage;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.index.VectorGraph;
import dev.eosin.index.VectorIndex;
import dev.eosin.prepare.PreparationReport;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomKey.Purpose;
import dev.eosin.random.RandomStream;
import dev.eosin.recipe.ClipRecipe;
import dev.eosin.recipe.Evaluation;
import dev.eosin.recipe.Preparation;
import dev.eosin.recipe.VqaEvaluationRecipe;
import dev.eosin.recipe.trained.TrainableRecipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The recipes of published sets as they stand, on small made-up copies of their layouts.
class PublishedSetsTest {
  private static final Path QUESTIONS = Path.of("src/test/resources/questions");
  private static final Path IMAGES = Path.of("src/test/resources/curate/images");
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;

  private PreparationReport prepare(String recipe, String... overrides) throws IOException {
    List<String> all = new ArrayList<>(List.of(overrides));
    all.add("output.dir=" + folder.resolve("out"));
    Preparation preparation = Preparation.read(Path.of("data-prep", recipe), all);
    return Preparations.run(preparation, progress -> {}, () -> false);
  }

  private List<JsonNode> lines(String file) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(folder.resolve("out").resolve(file))) {
      lines.add(JSON.readTree(line));
    }
    return lines;
  }

  private List<String> rejects() throws IOException {
    return lines("rejects.jsonl").stream()
        .map(row -> row.path("key").asText() + " " + row.path("reason").asText())
        .toList();
  }

  /// A drawn image of 256 px that no other of another number is like.
  private static RgbImage tile(int number) {
    RandomStream random = new RandomKey(number).stream(Purpose.PREPARATION, 0, 0);
    byte[] cells = new byte[3 * 8 * 8];
    random.nextBytes(cells);
    byte[] pixels = new byte[3 * 256 * 256];
    for (int i = 0; i < pixels.length; i++) {
      int x = i / 3 % 256 / 32;
      int y = i / 3 / 256 / 32;
      pixels[i] = (byte) (100 + (cells[3 * (8 * y + x) + i % 3] & 0x7F));
    }
    return new RgbImage(256, 256, pixels);
  }

  private Path png(String name, int number) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.write(file, Png.encode(tile(number)));
  }

  private Path jpeg(String name, int number) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.write(file, Jpeg.encode(tile(number), 90));
  }

  /// The questions that are left, read as a training reads them.
  private Source asData(String images, String more) throws IOException {
    String data =
        "questions={type: jsonl, path: %s/pairs.jsonl, images: %s, fields: {image: image, question: question, answer: answer, question-type: kind%s}}"
            .formatted(folder.resolve("out"), folder.resolve(images), more);
    Evaluation recipe = Evaluation.read(Path.of("recipes/vqa/language-model.yaml"), List.of(data));
    return Sources.open(
        ((VqaEvaluationRecipe) recipe).questions().orElseThrow(), new ImageDecoder());
  }

  @Test
  void questionsOfPathVqaBecomeRowsThatAreReadAgain() throws IOException {
    jpeg("images/train_0001.jpg", 1);
    PreparationReport report =
        prepare(
            "pathvqa/curate.yaml",
            "curate.source.path=" + QUESTIONS.resolve("path-vqa-4.pkl"),
            "curate.source.images=" + folder.resolve("images"));
    assertThat(report.funnel().kept()).isEqualTo(2);
    assertThat(rejects()).containsExactly("train_0002#q2 images");
    assertThat(lines("pairs.jsonl")).extracting(row -> row.path("group").asText()).hasSize(2);
    Source again = asData("images", "");
    assertThat(again.size()).isEqualTo(2);
    assertThat(again.get(0).content())
        .isEqualTo(
            new QuestionAnswer(
                "What lines the lumen?",
                "columnar cells",
                QuestionAnswer.Kind.OPEN,
                List.of(),
                Optional.empty()));
  }

  @Test
  void choicesOfPmcVqaKeepTheirOptions() throws IOException {
    png("figures/a.png", 1);
    png("figures/b.png", 2);
    PreparationReport report =
        prepare(
            "pmc-vqa/curate.yaml",
            "curate.source.path=" + QUESTIONS.resolve("pmc-vqa.csv"),
            "curate.source.images=" + folder.resolve("figures"));
    assertThat(report.funnel().rows()).isEqualTo(report.funnel().kept());
    JsonNode first = lines("pairs.jsonl").getFirst();
    assertThat(first.path("kind").asText()).isEqualTo("choice");
    assertThat(first.path("options").size()).isEqualTo(4);
    var content = (QuestionAnswer) asData("figures", ", options: [options]").get(0).content();
    assertThat(content.kind()).isEqualTo(QuestionAnswer.Kind.CHOICE);
    assertThat(content.options()).hasSize(4).contains(content.answer());
  }

  @Test
  void questionsOfQuiltVqaAreOpenAndClosed() throws IOException {
    png("images/a.png", 1);
    png("images/b.png", 2);
    prepare(
        "quilt-vqa/curate.yaml",
        "curate.source.path=" + QUESTIONS.resolve("quilt-vqa.json"),
        "curate.source.images=" + folder.resolve("images"));
    assertThat(lines("pairs.jsonl"))
        .extracting(row -> row.path("kind").asText() + " " + row.path("answer").asText())
        .containsExactly("closed yes", "open Mucus.", "open No");
    assertThat(lines("pairs.jsonl").get(1).path("group"))
        .isEqualTo(lines("pairs.jsonl").get(2).path("group"));
  }

  @Test
  void tilesOfLc25000AreThereOnceHoweverTheyAreTurned() throws IOException {
    String[] classes = {"colon_aca", "colon_n", "lung_aca", "lung_n", "lung_scc"};
    for (int i = 0; i < classes.length; i++) {
      jpeg("lc/%s/%sa1.jpeg".formatted(classes[i], classes[i]), i);
    }
    for (String copy : List.of("a.png", "a-mirrored.png")) {
      Files.copy(IMAGES.resolve(copy), folder.resolve("lc/lung_n").resolve(copy));
    }
    String small =
        "curate.steps=[{type: images, min-side: 32 px}, {type: duplicates, by: file}, {type: duplicates, by: picture, distance: 8}]";
    PreparationReport report =
        prepare("lc25000/curate.yaml", "curate.source.path=" + folder.resolve("lc"), small);
    assertThat(report.funnel().rejected())
        .containsEntry("duplicate-picture", 1L)
        .containsEntry("images", 0L);
    assertThat(report.funnel().kept()).isEqualTo(6);
    assertThat(captions()).contains("An image of lung squamous cell carcinoma");
  }

  @Test
  void tilesOfKatherGetTheirPrompts() throws IOException {
    String[] classes = {"ADI", "BACK", "DEB", "LYM", "MUC", "MUS", "NORM", "STR", "TUM"};
    for (int i = 0; i < classes.length; i++) {
      png("nct/%s/%s-A.png".formatted(classes[i], classes[i]), i);
    }
    Files.copy(folder.resolve("nct/ADI/ADI-A.png"), folder.resolve("nct/ADI/ADI-B.png"));
    PreparationReport report =
        prepare("nct-crc-he/curate.yaml", "curate.source.path=" + folder.resolve("nct"));
    assertThat(report.funnel().rejected()).containsEntry("duplicate-file", 1L);
    assertThat(report.funnel().kept()).isEqualTo(9);
    assertThat(captions()).contains("An H&E image patch of cancer-associated stroma.");
  }

  /// Of the shards, as the training of own-table reads them.
  private List<String> captions() throws IOException {
    var training =
        TrainableRecipe.read(
            Path.of("data-prep/own-table/train.yaml"),
            List.of(
                "data.train={type: webdataset, path: \"%s/pairs-*.tar\"}"
                    .formatted(folder.resolve("out"))));
    Source source =
        Sources.open(((ClipRecipe) training.recipe()).data().train(), new ImageDecoder());
    List<String> captions = new ArrayList<>();
    for (long i = 0; i < source.size(); i++) {
      captions.add(source.get(i).texts().getFirst());
    }
    return captions;
  }

  @Test
  void imagesOfTheWebThatAreNearPathologyAreKept() throws IOException {
    for (int i = 1; i <= 3; i++) {
      jpeg("laion/%d.jpg".formatted(i), i);
    }
    Path rows =
        Embedded.write(
            folder.resolve("images.parquet"),
            List.of(
                new Embedded("1.jpg", "", 1, 0.1f),
                new Embedded("2.jpg", "", -1, 0),
                new Embedded("3.jpg", "", 1, 0.2f)));
    try (StoredEmbeddings stored = StoredEmbeddings.open(rows, Optional.empty())) {
      VectorIndex.build(
          stored,
          folder.resolve("index"),
          VectorIndex.Kind.EXACT,
          VectorGraph.Settings.DEFAULT,
          _ -> {});
    }
    Path queries =
        Embedded.write(folder.resolve("queries.parquet"), List.of(new Embedded("q", "", 1, 0)));
    Path table =
        Files.writeString(
            folder.resolve("rows.csv"),
            """
            image,caption,url
            1.jpg,"What is a squamous cell carcinoma? A nest of atypical cells in the dermis.",https://one.example
            2.jpg,"A cat that sits on a mat in the sun and sleeps.",https://two.example
            3.jpg,"Plattenepithelkarzinom der Haut mit Verhornung und Entzündung in der Umgebung.",https://three.example
            """);
    PreparationReport report =
        prepare(
            "pathlaion/curate.yaml",
            "curate.table=" + table,
            "curate.images=" + folder.resolve("laion"),
            "curate.steps.0.index=" + folder.resolve("index"),
            "curate.steps.0.queries=" + queries,
            "compute.device=cpu",
            "compute.threads=1",
            "curate.format=jsonl");
    assertThat(rejects()).containsExactly("row-0000002 nearest", "row-0000003 language");
    assertThat(report.funnel().kept()).isEqualTo(1);
    assertThat(lines("pairs.jsonl").getFirst().path("url").asText())
        .isEqualTo("https://one.example");
  }
}
