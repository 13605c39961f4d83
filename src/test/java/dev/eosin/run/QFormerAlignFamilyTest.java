package dev.eosin.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.ParityCase;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.experiment.RunSettings;
import dev.eosin.image.Png;
import dev.eosin.image.RgbImage;
import dev.eosin.qformer.TinyStarts;
import dev.eosin.recipe.trained.TrainableRecipe;
import dev.eosin.run.folders.RunFolder;
import dev.eosin.run.models.StoredModels;
import dev.eosin.run.rehearsals.DryRun;
import dev.eosin.train.Trainer;
import dev.eosin.train.logs.RunLog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A small Q-Former behind the tower of a CLIP model, whose features are kept on disk.
public class QFormerAlignFamilyTest extends FamilyContract {
  private static final ParityCase TOKENIZER = ParityCase.open("tokenizer-bert");
  private static final int IMAGES = 40 + 16;
  private static final Offset<Float> NEAR = Offset.offset(1e-6f);

  private static final String RECIPE =
      """
      kind: qformer-align
      seed: 7
      compute: { device: cpu, threads: 1 }
      tower: { from: "%s", layer: -2, cache: { dir: "%s", precision: fp32, limit: 1 MB } }
      qformer: { type: random, layers: 2, width: 16, heads: 2, mlp-width: 24, queries: 3, positions: 32 }
      alignment: { embed-size: 8 }
      data:
        train: { type: synthetic, facts: independent, split: train, samples: 40, tile: 32 px }
        validation: { type: synthetic, facts: independent, split: validation, samples: 16, tile: 32 px }
        image: { size: 32 px, crop-scale: [1, 1], crop-ratio: [1, 1] }
        text: { tokenizer: { type: bert, path: "%s" }, length: 24 }
        workers: 2
      batch: { global: 8 }
      optimizer: { type: adamw, lr: 1.0e-3, betas: [0.9, 0.98], eps: 1.0e-6, weight-decay: 0.1, clip-norm: 1.0 }
      schedule: { type: cosine, warmup: 25 %%, length: 12 steps }
      precision: fp32
      evaluate:
        - { type: validation, name: pairs, every: 4 steps }
      output: { dir: "%s", checkpoint-every: 5 steps, keep: 2 }
      logging: { tensorboard: false }
      """;

  @TempDir private Path other;

  @Override
  boolean deliversOnce() {
    return false;
  }

  @Override
  public RunSettings recipe(Path home, List<String> overrides) throws IOException {
    return TrainableRecipe.read(file(home), overrides);
  }

  public static Path file(Path home) throws IOException {
    Path recipe = home.resolve("recipe.yaml");
    if (!Files.exists(recipe)) {
      Files.writeString(
          recipe,
          RECIPE.formatted(
              TinyTower.in(home, 32),
              home.resolve("features"),
              TOKENIZER.file("tokenizer.json"),
              home.resolve("run")));
    }
    return recipe;
  }

  private RunSettings recipe(String... overrides) throws IOException {
    return recipe(other, List.of(overrides));
  }

  private Path trained(String name, String... overrides) throws IOException {
    List<String> all =
        Stream.concat(Stream.of(overrides), Stream.of("output.dir=" + other.resolve(name)))
            .toList();
    RunSettings settings = recipe(other, all);
    try (RunFolder folder = RunFolder.open(settings.output().dir(), false)) {
      Trainer.End end =
          new Run(settings, folder, "test", () -> false)
              .run(
                  (place, start, data) ->
                      RunLog.open(place.log(), start.step(), start.lastEvaluatedStep()));
      assertThat(end).isEqualTo(Trainer.End.FINISHED);
    }
    return other.resolve(name).resolve("checkpoints/step-00000012/model.safetensors");
  }

  private static long files(Path folder, String ending) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> file.toString().endsWith(ending)).count();
    }
  }

  @Test
  void keptFeaturesChangeNothingAndHoldEachImageOnce() throws IOException {
    Path kept = trained("kept");
    assertThat(files(other.resolve("features"), ".safetensors")).isEqualTo(IMAGES);
    Path again = trained("again");
    Path computed = trained("computed", "tower.cache=null");
    assertThat(kept).hasSameBinaryContentAs(computed);
    assertThat(again).hasSameBinaryContentAs(computed);
    assertThat(files(other.resolve("features"), ".safetensors")).isEqualTo(IMAGES);
  }

  @Test
  void aBatchInPartsIsTheSameBatch() throws IOException {
    Map<String, float[]> whole = FirstSteps.gradients(recipe("batch.global=16"));
    for (int parts : List.of(8, 4)) {
      Map<String, float[]> found =
          FirstSteps.gradients(recipe("batch.global=16", "batch.micro=" + parts));
      FirstSteps.assertClose(found, whole, 2e-4f);
    }
  }

  @Test
  void theRoomForFeaturesIsPlannedAndKept() throws IOException {
    RunSettings settings = recipe();
    // 4 patches and the class token, 32 wide, in 4 bytes.
    assertThat(settings.experiment().stored())
        .singleElement()
        .asString()
        .contains("56 images of 640 bytes (5 x 32 in fp32) are 0.00 GB, limit 1 MB");
    assertThat(DryRun.of(settings).lines())
        .anyMatch(line -> line.startsWith("note      tower.cache: "))
        .anyMatch(line -> line.matches("row       synthetic.*\\[DEC] >>.*<<.*"));
    RunSettings more = recipe("data.train.samples=2000");
    assertThatThrownBy(() -> more.experiment().data())
        .hasMessageContaining("tower.cache.limit: 1 MB is too little");
  }

  @Test
  void aRunGoesOnFromAnother() throws IOException {
    trained("first");
    String start = "qformer={ type: trained, path: %s }".formatted(other.resolve("first"));
    trained("second", start);
    Path wider = TinyTower.in(other, 48);
    RunSettings misfit = recipe(start, "tower.from=" + wider);
    assertThatThrownBy(() -> misfit.experiment().check(true))
        .hasMessageContaining("reads images of width 32, the tower's tokens have 48");
  }

  /// Steps of next to no length show where it began.
  @Test
  void aRunBeginsAsABert() throws IOException {
    Path bert = TinyStarts.bert(other.resolve("bert"));
    Path found =
        trained(
            "as-bert",
            "qformer={ type: bert, path: %s, queries: 3 }".formatted(bert),
            "optimizer.lr=1.0e-12");
    try (StoredTensors theirs = StoredTensors.open(bert);
        StoredTensors own = StoredTensors.open(found)) {
      float[] words = theirs.floats("bert.encoder.layer.1.intermediate.dense.weight");
      assertThat(own.floats("qformer.blocks.1.mlp.up.weight")).containsExactly(words, NEAR);
      assertThat(own.floats("qformer.blocks.1.query-mlp.up.weight")).containsExactly(words, NEAR);
    }
  }

  @Test
  void aRunGoesOnFromACheckpointOfLavis() throws IOException {
    Path lavis = other.resolve("lavis.safetensors");
    Map<String, float[]> theirs = TinyStarts.lavis(lavis, 32, 501, 32);
    String start = "qformer={ type: trained, path: %s }".formatted(lavis);
    RunSettings misfit = recipe(start);
    assertThatThrownBy(() -> misfit.experiment().check(true))
        .hasMessageContaining("alignment.embed-size")
        .hasMessageContaining("is 8, " + lavis + " has 16");
    Path found = trained("from-lavis", start, "alignment.embed-size=null", "optimizer.lr=1.0e-12");
    try (StoredTensors own = StoredTensors.open(found)) {
      theirs.forEach(
          (name, values) -> {
            try {
              assertThat(own.floats(name)).as(name).containsExactly(values, NEAR);
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    }
    assertThat(Files.readString(other.resolve("from-lavis/final/eosin.json")))
        .contains("\"image-norm-epsilon\" : 1.0E-5");
  }

  @Test
  void aRunReadsEvasTower() throws IOException {
    Path eva = TinyTower.eva(other, 3);
    trained("eva", "tower.from=" + eva);
    assertThat(Files.readString(other.resolve("eva/final/eosin.json"))).contains(eva.toString());
    assertThat(StoredModels.inspect(other.resolve("eva/final")).lines())
        .anyMatch(line -> line.startsWith("image tower  at " + eva));
  }

  @Test
  void emptyCaptionsAreSaidAndLeftOut() throws IOException {
    StringBuilder table = new StringBuilder("image,caption\n");
    for (int i = 0; i < 12; i++) {
      byte[] pixels = new byte[3 * 32 * 32];
      Arrays.fill(pixels, (byte) (20 * i));
      Files.write(other.resolve(i + ".png"), Png.encode(new RgbImage(32, 32, pixels)));
      table.append("%d.png,%s\n".formatted(i, i == 3 ? " " : "the tile number " + i));
    }
    Path file = Files.writeString(other.resolve("pairs.csv"), table);
    String source =
        "data.train={ type: csv, path: %s, columns: { image: image, caption: caption } }"
            .formatted(file);
    RunSettings strict = recipe(source, "data.bad-rows.limit=0 %");
    assertThatThrownBy(() -> strict.experiment().data())
        .hasMessageContaining(
            "data.train: 1 of 12 samples have an empty caption, for example 3.png");
    trained("without", source, "data.bad-rows.limit=50 %", "tower.cache=null");
    assertThat(Files.readString(other.resolve("without/bad-rows.jsonl")))
        .contains("3.png")
        .contains("the caption is empty");
  }

  @Test
  void whatCannotBeIsSaidInALine() throws IOException {
    refused(
        "a tower in fp16 (tower.precision) cannot be trained",
        "tower.frozen=false",
        "tower.precision=fp16",
        "tower.cache=null");
    refused("leaves the tower as it is", "tower.frozen=false", "tower.cache=null");
    refused("features of images that are another each time", "data.image.flip-horizontal=true");
    refused("reads the WordPieces of a BERT", "data.text.tokenizer={ type: clip-bpe }");
    RunSettings layer = recipe("tower.layer=-9");
    assertThatThrownBy(() -> layer.experiment().check(true))
        .hasMessageContaining("the image tower has 3 blocks, their state -9 was asked for");
    RunSettings length = recipe("data.text.length=40");
    assertThatThrownBy(() -> length.experiment().check(true))
        .hasMessageContaining("is 40, the Q-Former reads 32 ids");
  }

  private void refused(String why, String... overrides) {
    assertThatThrownBy(() -> recipe(overrides)).hasMessageContaining(why);
  }

  /// The other is of the shares that negatives are drawn by.
  @Override
  int waitsOfAStep() {
    return 2;
  }
}
