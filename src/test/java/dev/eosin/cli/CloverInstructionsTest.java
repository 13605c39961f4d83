package dev.eosin.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.eosin.data.SampleContent.QuestionAnswer;
import dev.eosin.data.Source;
import dev.eosin.data.opened.Sources;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.recipe.Evaluation;
import dev.eosin.recipe.VqaEvaluationRecipe;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The recipes of data-prep/clover-instructions as they stand, on small made-up copies of what they
/// are for: Quilt-1M's table, a list of labelled tiles, and folders of slides.
class CloverInstructionsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long LONGEST_WAIT_SECONDS = 120;
  private static final String ANSWER =
      """
      question: Which cells are seen?
      answer: Atypical squamous cells.
      question: How are they arranged?
      answer: In nests.
      question: What does the caption mention?
      answer: Nothing else.
      """;

  @TempDir private Path folder;
  private Path pairs = Path.of("");

  /// Quilt-1M's table with a name for its column of numbers, curated as the README says.
  private void curate() throws IOException {
    Path table =
        Files.writeString(
            folder.resolve("quilt.csv"),
            """
            id,caption,image_path,subset,split,pathology,roi_text,noisy_text,corrected_text,med_umls_ids,magnification,height,width
            0,Nests of atypical squamous cells in the dermis.,v1_image_1.png,quilt,train,['Dermatopathology'],[],x,x,[],1.0,48,48
            1,Keratin pearls lie among the nests of cells.,v1_image_1.png,quilt,train,['Dermatopathology'],[],x,x,[],1.0,48,48
            2,Glands of the stomach with intestinal metaplasia.,v2_image_1.png,quilt,train,,[],x,x,[],0.0,48,48
            3,Colonic mucosa with crypts and no dysplasia.,b.jpg,openpath,val,,[],x,x,[],,48,48
            4,Necrosis,b.jpg,openpath,val,,[],x,x,[],,48,48
            """);
    Path images = Files.createDirectories(folder.resolve("images"));
    Path drawn = Path.of("src/test/resources/curate/images");
    Files.copy(drawn.resolve("a.png"), images.resolve("v1_image_1.png"));
    Files.copy(drawn.resolve("c.png"), images.resolve("v2_image_1.png"));
    Files.copy(drawn.resolve("b.jpg"), images.resolve("b.jpg"));
    CommandRun run =
        CommandRun.of(
            "prepare",
            "data-prep/quilt-1m/curate.yaml",
            "curate.table=" + table,
            "curate.images=" + images,
            "curate.columns.key=id",
            "curate.steps.3.min-side=32 px",
            "curate.format=jsonl",
            "output.dir=" + folder.resolve("quilt"));
    assertThat(run.code()).as(run.err()).isZero();
    pairs = folder.resolve("quilt/pairs.jsonl");
  }

  private Path prepare(String recipe, String... overrides) {
    Path out = folder.resolve("out");
    List<Object> arguments = new ArrayList<>(List.of("prepare"));
    arguments.add(Path.of("data-prep/clover-instructions", recipe));
    arguments.addAll(List.of(overrides));
    arguments.add("output.dir=" + out);
    CommandRun run = CommandRun.of(arguments.toArray());
    assertThat(run.code()).as(run.err()).isZero();
    return out;
  }

  private String[] quilt() {
    return new String[] {
      "instructions.path=" + pairs, "instructions.image=image_path", "instructions.group=group"
    };
  }

  private static List<JsonNode> lines(Path file) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      lines.add(JSON.readTree(line));
    }
    return lines;
  }

  @Test
  void captionsOfQuiltBecomeQuestionsThatAreReadAgain() throws IOException {
    curate();
    Path out = prepare("templates.yaml", quilt());
    List<JsonNode> questions = lines(out.resolve("instructions.jsonl"));
    assertThat(questions).hasSize(8);
    for (JsonNode question : questions) {
      boolean closed = question.path("way").asText().equals("closed");
      assertThat(question.path("answer").asText().matches("yes|no")).isEqualTo(closed);
    }
    String data =
        "questions={type: question-set, layout: clover, path: %s/instructions.jsonl, images: %s/images}"
            .formatted(out, folder);
    Evaluation recipe = Evaluation.read(Path.of("recipes/vqa/language-model.yaml"), List.of(data));
    Source source =
        Sources.open(((VqaEvaluationRecipe) recipe).questions().orElseThrow(), new ImageDecoder());
    assertThat(source.size()).isEqualTo(8);
    assertThat(((QuestionAnswer) source.get(0).content()).answer())
        .isEqualTo(questions.getFirst().path("answer").asText());
  }

  @Test
  void labelsOfTilesAreAskedAbout() throws IOException {
    StringBuilder table = new StringBuilder("id,image,label,slide\n");
    for (int i = 0; i < 12; i++) {
      String label = List.of("colon_aca", "colon_n", "lung_n").get(i % 3);
      table.append("%d,%s/%s%d.jpeg,%s,s%d\n".formatted(i, label, label, i, label, i));
    }
    Path file = Files.writeString(folder.resolve("tiles.csv"), table);
    Path out =
        prepare(
            "labels.yaml",
            "instructions.path=" + file,
            "instructions.group=slide",
            "instructions.label-names={colon_aca: adenocarcinoma, colon_n: colonic mucosa, lung_n: lung}");
    List<JsonNode> questions = lines(out.resolve("instructions.jsonl"));
    assertThat(questions).hasSize(24);
    assertThat(questions)
        .filteredOn(question -> question.path("way").asText().equals("open"))
        .extracting(question -> question.path("answer").asText())
        .contains("adenocarcinoma", "colonic mucosa", "lung")
        .hasSize(12);
  }

  @Test
  void theTableOfLc25000GivesQuestionsOfEachSplit() throws IOException {
    StringBuilder table =
        new StringBuilder("filepath,label,label_text,caption,group_id,split,width,height\n");
    for (int i = 0; i < 8; i++) {
      String label = List.of("colon adenocarcinoma", "benign lung tissue").get(i % 2);
      String split = i < 6 ? "train" : "test";
      table.append("c/%d.jpeg,c%d,%s,x,g%d,%s,224,224\n".formatted(i, i % 2, label, i, split));
    }
    Path file = Files.writeString(folder.resolve("labels.csv"), table);
    for (String split : List.of("train", "test")) {
      Path out = folder.resolve(split);
      CommandRun run =
          CommandRun.of(
              "prepare",
              "data-prep/lc25000-questions/%s.yaml".formatted(split),
              "instructions.path=" + file,
              "output.dir=" + out);
      assertThat(run.code()).as(run.err()).isZero();
      assertThat(lines(out.resolve("instructions.jsonl"))).hasSize(split.equals("train") ? 48 : 16);
    }
  }

  @Test
  void tilesOfOneSlideOfEachClassTrain() throws IOException {
    for (String slide : List.of("positive/p1", "positive/p2", "negative/n1", "negative/n2")) {
      Path tiles = Files.createDirectories(folder.resolve("slides/stomach").resolve(slide));
      for (int i = 0; i < 3; i++) {
        Files.createFile(tiles.resolve(i + ".png"));
      }
    }
    Path out = prepare("few-shot.yaml", "instructions.path=" + folder.resolve("slides"));
    Set<String> slides = new TreeSet<>();
    lines(out.resolve("instructions.jsonl"))
        .forEach(tile -> slides.add(tile.path("slide").asText()));
    assertThat(slides).hasSize(2);
    assertThat(lines(out.resolve("held-out.jsonl")))
        .hasSize(6)
        .allMatch(tile -> tile.path("options").size() == 2)
        .noneMatch(tile -> slides.contains(tile.path("slide").asText()));
  }

  /// Both recipes ask a service, a real one of this machine, whose address is in the environment.
  @Test
  void aServiceIsAskedForPairsAndWhatBreaksARuleIsLeftOut() throws Exception {
    curate();
    HttpServer service =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    service.createContext("/v1/chat/completions", CloverInstructionsTest::answer);
    service.start();
    try {
      String address = "http://127.0.0.1:%d/v1".formatted(service.getAddress().getPort());
      Path generated = asked(address, "generation.yaml");
      assertThat(lines(generated.resolve("instructions.jsonl")))
          .hasSize(6)
          .allMatch(pair -> pair.path("way").asText().equals("generated"));
      // Two captions are of one image, of which nothing is asked twice.
      assertThat(lines(generated.resolve("question-rejects.jsonl")))
          .extracting(pair -> pair.path("reason").asText())
          .containsExactlyInAnyOrder(
              "speaks-of-the-text",
              "speaks-of-the-text",
              "speaks-of-the-text",
              "speaks-of-the-text",
              "duplicate",
              "duplicate");
      Path hybrid = asked(address, "hybrid.yaml", "instructions.mix.questions=6");
      assertThat(lines(hybrid.resolve("instructions.jsonl")))
          .extracting(pair -> pair.path("way").asText())
          .containsExactlyInAnyOrder("generated", "generated", "open", "open", "closed", "closed");
    } finally {
      service.stop(0);
    }
  }

  private static void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      exchange.getRequestBody().readAllBytes();
      byte[] body =
          """
          {"choices": [{"message": {"content": %s}, "finish_reason": "stop"}], "usage": {"prompt_tokens": 9, "completion_tokens": 9}}
          """
              .formatted(JSON.writeValueAsString(ANSWER))
              .getBytes(UTF_8);
      exchange.getResponseHeaders().add("Content-Type", "application/json");
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  private Path asked(String address, String recipe, String... more) throws Exception {
    Path out = folder.resolve(recipe + "-out");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-Xmx256m"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(List.of("prepare", "data-prep/clover-instructions/" + recipe));
    command.addAll(List.of(quilt()));
    command.addAll(List.of(more));
    command.add("output.dir=" + out);
    Path messages = folder.resolve(recipe + ".messages");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(messages.toFile());
    builder.environment().put("EOSIN_LLM_BASE_URL", address);
    builder.environment().put("EOSIN_LLM_API_KEY", "none");
    builder.environment().put("XDG_CACHE_HOME", folder.resolve("cache").toString());
    Process process = builder.start();
    assertThat(process.waitFor(LONGEST_WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(messages)).isZero();
    return out;
  }
}
