package dev.eosin.run.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.checkpoint.Checkpoint;
import dev.eosin.checkpoint.CheckpointStore;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.config.DataException;
import dev.eosin.config.RecipeException;
import dev.eosin.eval.Answerer.Question;
import dev.eosin.language.RandomModel;
import dev.eosin.language.generation.GenerationSettings;
import dev.eosin.language.stored.Base;
import dev.eosin.language.stored.StoredAnswerer;
import dev.eosin.language.stored.StoredLanguage;
import dev.eosin.recipe.stored.StoredAnswerers;
import dev.eosin.recipe.trained.TrainableRecipe;
import dev.eosin.run.Run;
import dev.eosin.run.SmallRun;
import dev.eosin.run.VisionLanguageFamilyTest;
import dev.eosin.run.folders.RunFolder;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.train.Trainer;
import dev.eosin.train.WeightsPart;
import dev.eosin.train.logs.RunLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Two stages: a projector, then the projector with adapters; and what does not fit each other.
class VisionLanguageStagesTest {
  private static final String FIRST = "lora=null";

  @TempDir private static Path home;
  private static Path recipe;

  @BeforeAll
  static void firstStage() throws IOException {
    Path decoder = home.resolve("decoder");
    RandomModel.write(decoder);
    SmallRun clip = SmallRun.in(home.resolve("clip"));
    clip.train("schedule.length=1 steps", "evaluate=[]");
    recipe = home.resolve("recipe.yaml");
    String text =
        VisionLanguageFamilyTest.RECIPE.formatted(clip.folder(), decoder, home.resolve("one"));
    Files.writeString(recipe, text);
    assertThat(train("one", FIRST, "optimizer.groups=[]")).isEqualTo(Trainer.End.FINISHED);
  }

  private static List<String> overrides(String folder, String... more) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "output.dir=\"%s\"".formatted(home.resolve(folder)),
                "schedule.length=2 steps",
                "evaluate=[]"));
    all.addAll(Arrays.asList(more));
    return all;
  }

  private static Trainer.End train(String folder, String... more) throws IOException {
    var settings = TrainableRecipe.read(recipe, overrides(folder, more));
    try (RunFolder run = RunFolder.open(settings.output().dir(), false)) {
      run.changes(recipe, settings.resolved());
      return new Run(settings, run, "test", () -> false)
          .run(
              (place, start, data) ->
                  new SmallRun.Notes()
                      .beside(RunLog.open(place.log(), start.step(), start.lastEvaluatedStep())));
    }
  }

  private static Checkpoint newest(String folder) throws IOException {
    return new CheckpointStore(home.resolve(folder).resolve("checkpoints"), 1, "")
        .newestSound(Checkpoint.Use.MODEL)
        .checkpoint()
        .orElseThrow();
  }

  private static String from(String folder) {
    return "initialise-from=\"%s\"".formatted(home.resolve(folder));
  }

  @Test
  void projectorAndAdaptersAreInOneCheckpointAndGoOn() throws IOException {
    assertThat(train("two", from("one"), "optimizer.lr=1e-30")).isEqualTo(Trainer.End.FINISHED);
    try (StoredTensors one = newest("one").model();
        StoredTensors two = newest("two").model()) {
      assertThat(one.names()).allMatch(name -> name.startsWith("projector."));
      assertThat(two.names())
          .anyMatch(name -> name.endsWith(".lora-a"))
          .anyMatch(name -> name.endsWith(".lora-b"))
          .containsAll(one.names())
          .noneMatch(name -> name.startsWith("image."));
      for (String name : one.names()) {
        assertThat(two.floats(name)).as(name).isEqualTo(one.floats(name));
      }
    }
    assertThat(home.resolve("two/final/config.json")).exists();
    assertThat(home.resolve("two/adapter/adapter_config.json")).exists();
    assertThat(train("three", from("two"))).isEqualTo(Trainer.End.FINISHED);
    assertRefused("its language model learned the chat template v1", from("two"), "template=plain");
    assertRefused("keep lora as it was", from("two"), "lora.rank=8");
    assertRefused("has no place here; keep lora", from("two"), FIRST, "optimizer.groups=[]");
  }

  @Test
  void aRunAnswersAsItStands() throws IOException {
    var wanted =
        new StoredLanguage.Wanted(home.resolve("one"), Optional.empty(), Optional.empty(), false);
    try (StoredAnswerer model = StoredAnswerers.open(wanted)) {
      assertThat(model.seesImages()).isTrue();
      assertThat(model.notes()).singleElement().asString().contains("after step 2");
      assertThat(model.length("Is it?")).isGreaterThan(16);
    }
  }

  /// The rows go with the adapters: into the checkpoint, the folder of peft's, the merged model.
  @Test
  void rowsOfTheTokenTableAreTrainedByThemselves() throws IOException {
    assertThat(train("rows", "lora.train-tokens=[a, e]")).isEqualTo(Trainer.End.FINISHED);
    String rows = "decoder.token-embedding.trained-rows";
    try (StoredTensors trained = newest("rows").model()) {
      assertThat(trained.header(rows).shape()).containsExactly(2L, 32L);
    }
    assertThat(home.resolve("rows/adapter/adapter_config.json"))
        .content()
        .contains("trainable_token_indices");
    assertThat(train("rows-on", from("rows"), "lora.train-tokens=[a, e]"))
        .isEqualTo(Trainer.End.FINISHED);
    assertRefused("lora", "lora.train-tokens=[no token]");
    assertRefused(
        "lora", "lora.train-tokens=[a]", "lora.also-train=[embed_tokens]", "optimizer.groups=[]");
  }

  /// Half of the language model's memory, and nothing else is another.
  @Test
  void theLanguageModelMayBeInt8() throws IOException {
    String int8 = "model.decoder.base=int8";
    assertThat(TrainableRecipe.read(recipe, overrides("narrow", int8)).experiment().check(true))
        .singleElement()
        .asString()
        .contains("14 of 21 tensors, 15,360 weights of linears, are rounded to int8")
        .contains("bytes instead of 30,720");
    assertThat(train("narrow", int8)).isEqualTo(Trainer.End.FINISHED);
    assertThat(home.resolve("narrow/final/config.json")).exists();
    var wanted =
        new StoredLanguage.Wanted(
            home.resolve("narrow"), Optional.empty(), Optional.empty(), false);
    var mapped =
        new StoredLanguage.Wanted(
            home.resolve("narrow"),
            Optional.empty(),
            Optional.empty(),
            false,
            Optional.of(Base.MAPPED));
    GenerationSettings greedy = GenerationSettings.greedy(3);
    try (StoredAnswerer model = StoredAnswerers.open(wanted);
        StoredAnswerer other = StoredAnswerers.open(mapped);
        StoredAnswerer.Loaded loaded = model.load(Engine.start(Device.CPU, 1), greedy)) {
      assertThat(model.notes().getFirst()).endsWith("linears are rounded to int8");
      assertThat(model.pins(greedy)).containsEntry("base", "int8");
      assertThat(other.pins(greedy)).doesNotContainKey("base");
      assertThat(loaded.answerer().answer(new Question("it", List.of(), "Is it?", List.of(), 3)))
          .isNotNull();
    }
  }

  @Test
  void runsOfOtherKindsAreSaidToBeSuch() throws IOException {
    assertThat(StoredModels.inspect(home.resolve("one")).lines())
        .anyMatch(line -> line.matches("model +a run of kind vllm"))
        .anyMatch(line -> line.matches("checkpoint +after step 2"))
        .anyMatch(line -> line.contains("the model that it left, which this command reads"));
    var merge =
        new AdapterMerge(
            home.resolve("clip/run"),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            WeightsPart.WEIGHTS);
    assertThatThrownBy(() -> merge.write(home.resolve("merged"), Optional.empty()))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("is a run of kind clip; one model alone");
  }

  @Test
  void anotherBaseIsRefused() throws IOException {
    Path other = home.resolve("other");
    RandomModel.write(other);
    Path weights = other.resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    bytes[bytes.length - 1] ^= 1;
    Files.write(weights, bytes);
    assertRefused(
        "was trained beside other weights than this recipe's: decoder.sha256",
        from("one"),
        "model.decoder.path=\"%s\"".formatted(other));
  }

  @Test
  void anIncompleteBaseIsRefused() throws IOException {
    Path incomplete = home.resolve("incomplete");
    RandomModel.write(incomplete);
    String path = "model.decoder.path=\"%s\"".formatted(incomplete);
    Files.delete(incomplete.resolve("model.safetensors"));
    assertRefused(incomplete.toString(), path);
    Files.delete(incomplete.resolve("config.json"));
    assertRefused("has no config.json", path);
    assertRefused("is no folder", "model.decoder.path=\"%s\"".formatted(home.resolve("nothing")));
  }

  @Test
  void partsOfARecipeThatDoNotFitAreNamed() {
    assertRefused("text.length", "text.length=12");
    assertRefused("trains.tower-blocks", "trains.tower-blocks=2");
    assertRefused("model.tower.layer", "model.tower.layer=-9");
    assertRefused("lora", "lora.targets=[nothing]");
    assertRefused("lora", "trains.decoder=true");
    assertRefused("trains", "trains.projector=false", FIRST);
    assertRefused("optimizer.groups.0.match", "optimizer.groups=[{ match: \"projectr.**\" }]");
    assertRefused("which the chat template llama-3 writes", "template=llama-3");
    assertRefused("template: own: ", "template=own");
    assertRefused("have no chat_template", "template=own");
    assertRefused(
        "model.tower.cache.dir: " + recipe + " is a file",
        "model.tower.cache={ dir: \"%s\", limit: 1 MB }".formatted(recipe));
    assertRefused("is a text file, which begins with", "model.tower.from=\"%s\"".formatted(recipe));
    assertRefused(
        "model.decoder.base  is int8, which is for frozen linears",
        "model.decoder.base=int8",
        "trains.decoder=true",
        FIRST);
  }

  @Test
  void aRunOfAnotherKindIsNoFirstStage() {
    assertRefused(
        "is a run of another kind; initialise-from names a run folder of kind: vllm",
        from("clip/run"));
  }

  private static void assertRefused(String message, String... more) {
    assertThatThrownBy(
            () -> TrainableRecipe.read(recipe, overrides("refused", more)).experiment().check(true))
        .isInstanceOfAny(DataException.class, RecipeException.class)
        .hasMessageContaining(message);
    assertThat(home.resolve("refused")).doesNotExist();
  }
}
