package dev.eosin.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.checkpoint.Layout;
import dev.eosin.checkpoint.PendingTensor;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.StoredType;
import dev.eosin.config.DataException;
import dev.eosin.eval.Answerer.Answer;
import dev.eosin.eval.Answerer.Question;
import dev.eosin.experiment.RunSettings;
import dev.eosin.image.RgbImage;
import dev.eosin.language.RandomModel;
import dev.eosin.language.generation.GenerationSettings;
import dev.eosin.language.stored.StoredAnswerer;
import dev.eosin.language.stored.StoredLanguage;
import dev.eosin.recipe.models.StoredRun;
import dev.eosin.recipe.stored.StoredAnswerers;
import dev.eosin.recipe.trained.TrainableRecipe;
import dev.eosin.run.folders.RunFolder;
import dev.eosin.run.models.AdapterMerge;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.train.WeightsPart;
import dev.eosin.train.logs.RunLog;
import dev.eosin.vllm.VisionLanguageText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Runs of models of images and text, written as one folder.
class WholeVisionLanguageTest {
  private static final Engine ENGINE = Engine.start(Device.CPU, 1);

  @TempDir private Path home;
  private Path decoder;
  private Path tower;

  @BeforeEach
  void parts() throws IOException {
    decoder = home.resolve("decoder");
    RandomModel.write(decoder);
    inSinglePrecision(decoder.resolve("model.safetensors"));
    SmallRun clip = SmallRun.in(home.resolve("clip"));
    clip.train("schedule.length=1 steps", "evaluate=[]");
    tower = clip.folder();
  }

  /// Merged weights of bf16 are rounded, which is seen in what is computed with them.
  private static void inSinglePrecision(Path file) throws IOException {
    Path old = file.resolveSibling("old.safetensors");
    Files.move(file, old);
    try (StoredTensors stored = StoredTensors.open(old)) {
      Map<String, PendingTensor> tensors = new LinkedHashMap<>();
      for (String name : stored.names()) {
        tensors.put(name, PendingTensor.of(stored, name, StoredType.F32));
      }
      Layout.own(List.copyOf(tensors.keySet())).writePending(tensors, Map.of()).write(file);
    }
    Files.delete(old);
  }

  private Path run(String name, String... overrides) throws IOException {
    Path recipe = home.resolve(name + ".yaml");
    Path run = home.resolve(name);
    Files.writeString(recipe, VisionLanguageFamilyTest.RECIPE.formatted(tower, decoder, run));
    List<String> all = new ArrayList<>(List.of(overrides));
    all.addAll(List.of("evaluate=[]", "schedule.length=3 steps", "optimizer.lr=3e-2"));
    RunSettings settings = TrainableRecipe.read(recipe, all);
    try (RunFolder folder = RunFolder.open(run, false)) {
      folder.changes(recipe, settings.resolved());
      new Run(settings, folder, "test", () -> false)
          .run(
              (place, start, data) ->
                  RunLog.open(place.log(), start.step(), start.lastEvaluatedStep()));
    }
    return run;
  }

  private static AdapterMerge merge(Path run) {
    return new AdapterMerge(
        run,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        WeightsPart.WEIGHTS);
  }

  private static RgbImage image(int seed) {
    byte[] pixels = new byte[3 * 40 * 30];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (i * seed);
    }
    return new RgbImage(40, 30, pixels);
  }

  private static List<Answer> answers(Path path) throws IOException {
    var wanted = new StoredLanguage.Wanted(path, Optional.empty(), Optional.empty(), false);
    try (StoredAnswerer opened = StoredAnswerers.open(wanted);
        StoredAnswerer.Loaded loaded = opened.load(ENGINE, GenerationSettings.greedy(12))) {
      List<Answer> answers = new ArrayList<>();
      for (int i = 1; i < 3; i++) {
        List<RgbImage> shown = List.of(image(i));
        answers.add(
            loaded
                .answerer()
                .answer(new Question("q" + i, shown, "is the stain dark?", List.of(), 12)));
        answers.add(
            loaded
                .answerer()
                .answer(new Question("o" + i, shown, "dark?", List.of("yes", "no"), 12)));
      }
      return answers;
    }
  }

  private static float[][] states(Path path) throws IOException {
    var wanted = new StoredLanguage.Wanted(path, Optional.empty(), Optional.empty(), false);
    try (StoredAnswerer opened = StoredAnswerers.open(wanted);
        StoredAnswerer.Loaded loaded = opened.load(ENGINE, GenerationSettings.greedy(1))) {
      var question = new Question("q", List.of(image(1)), "is the stain dark?", List.of(), 1);
      return loaded.answerer().hiddenStates(question).orElseThrow();
    }
  }

  private static void assertSame(List<Answer> found, List<Answer> expected, double tolerance) {
    for (int i = 0; i < expected.size(); i++) {
      assertThat(found.get(i).text()).isEqualTo(expected.get(i).text());
      for (int j = 0; j < expected.get(i).likelihoods().size(); j++) {
        assertThat(found.get(i).likelihoods().get(j))
            .isCloseTo(expected.get(i).likelihoods().get(j), within(tolerance));
      }
    }
  }

  @Test
  void aRunThatIsWrittenWholeAnswersAsItDid() throws IOException {
    Path run = run("run");
    try (StoredTensors saved = StoredRun.find(run).orElseThrow().checkpoint().model()) {
      assertThat(saved.names()).isNotEmpty().noneMatch(name -> name.startsWith("image."));
    }
    Path out = home.resolve("whole");
    assertThat(merge(run).write(out, Optional.of(20_000L))).isEmpty();
    assertThat(out.resolve("model.safetensors.index.json")).exists();
    assertThat(VisionLanguageText.template(out)).contains("v1");
    assertSame(answers(out), answers(run), 1e-3);
    float[][] states = states(out);
    float[][] ofRun = states(run);
    assertThat(states).hasDimensions(ofRun.length, ofRun[0].length);
    for (int layer = 0; layer < states.length; layer++) {
      assertThat(states[layer]).containsExactly(ofRun[layer], within(1e-3f));
    }
    try (StoredTensors file = StoredTensors.open(out)) {
      assertThat(file.names())
          .contains("multi_modal_projector.linear_2.bias")
          .noneMatch(name -> name.contains("lora"));
    }
    assertRefused(run);
  }

  @Test
  void whatIsTrainedWithoutAdaptersIsInItToo() throws IOException {
    Path run =
        run("run", "lora=null", "trains={ projector: true, decoder: true, tower-blocks: 1 }");
    Path out = home.resolve("whole");
    merge(run).write(out, Optional.empty());
    assertSame(answers(out), answers(run), 1e-3);
  }

  private void assertRefused(Path run) throws IOException {
    Path out = home.resolve("refused");
    Files.write(decoder.resolve("model.safetensors"), changed());
    assertThatThrownBy(() -> merge(run).write(out, Optional.empty()))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("was trained beside other weights than model.decoder");
    assertThatThrownBy(
            () ->
                new AdapterMerge(
                        run,
                        Optional.of(run),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        WeightsPart.WEIGHTS)
                    .write(out, Optional.empty()))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("is a run, which has its own parts");
    assertThat(out).doesNotExist();
  }

  private byte[] changed() throws IOException {
    byte[] bytes = Files.readAllBytes(decoder.resolve("model.safetensors"));
    bytes[bytes.length - 2] ^= 1;
    return bytes;
  }
}
