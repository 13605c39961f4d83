package dev.eosin.cli.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.cli.CommandRun;
import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.run.SmallRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `eosin convert` and `merge` of a run and of its checkpoints: the run's recipe says what the
/// weights do not.
class ConvertRunTest {
  @TempDir private Path home;

  @Test
  void aCheckpointBecomesWhatTheRunItselfExports() throws IOException {
    SmallRun run = trained("ema.decay=0.9", "output.keep=3", "output.checkpoint-every=1 steps");
    Path last = run.checkpoint(2);
    for (Path source : new Path[] {run.folder(), last, last.resolve("model.safetensors")}) {
      assertSameFolder(convert(source, "open-clip"), run.folder().resolve("final"));
    }
    Path huggingFace = convert(run.folder(), "hugging-face");
    for (String name : new String[] {"model.safetensors", "config.json", "tokenizer.json"}) {
      assertThat(huggingFace.resolve(name))
          .hasSameBinaryContentAs(run.folder().resolve("final").resolve(name));
    }
    assertThat(huggingFace.resolve("preprocessor_config.json")).exists();
    Path earlier = convert(run.checkpoint(1), "open-clip");
    assertThat(Files.mismatch(weights(earlier), weights(run.folder().resolve("final"))))
        .isNotNegative();
  }

  @Test
  void theAverageIsTakenWhereItIsAskedFor() throws IOException {
    SmallRun run = trained("ema.decay=0.9", "ema.export=true");
    assertSameFolder(
        convert(run.folder(), "open-clip", "--part", "average"), run.folder().resolve("final"));
    CommandRun refused =
        CommandRun.of(
            "convert",
            run.folder().resolve("final"),
            home.resolve("no"),
            "--to",
            "eosin",
            "--part",
            "average");
    assertThat(refused.code()).isEqualTo(ExitCode.DATA);
    assertThat(refused.err()).contains("only a run has --part average");
  }

  @Test
  void adaptersAreMerged() throws IOException {
    SmallRun run = trained("lora={rank: 2, alpha: 4}", "optimizer.lr=1e-2");
    Path converted = convert(run.folder(), "open-clip");
    try (StoredTensors ours = StoredTensors.open(weights(converted));
        StoredTensors theirs = StoredTensors.open(weights(run.folder().resolve("final")))) {
      assertThat(ours.names()).isEqualTo(theirs.names());
      for (String name : ours.names()) {
        float[] values = theirs.floats(name);
        float[] found = ours.floats(name);
        for (int i = 0; i < values.length; i++) {
          // Both are sums of the same few products, ours in fp64.
          assertThat(found[i]).as(name).isCloseTo(values[i], within(1e-6f));
        }
      }
    }
  }

  @Test
  void checkpointsOfARunAreMergedWithoutNamingTheirArchitecture() throws IOException {
    SmallRun run =
        trained("loss={type: siglip}", "output.keep=3", "output.checkpoint-every=1 steps");
    Path out = home.resolve("merged");
    CommandRun merged =
        CommandRun.of(
            "merge", run.checkpoint(1), run.checkpoint(2), "--out", out, "--to", "open-clip");
    assertThat(merged.code()).as(merged.err()).isZero();
    assertThat(out.resolve("open_clip_config.json"))
        .hasSameBinaryContentAs(run.folder().resolve("final/open_clip_config.json"));
  }

  @Test
  void aRunWhoseModelFileChangedIsRefusedAndOneWithoutItNeedsConfig() throws IOException {
    SmallRun run = trained();
    Path config = run.recipe().resolveSibling("model.json");
    String text = Files.readString(config);
    Files.writeString(config, text.replace("\"heads\": 2", "\"heads\": 4"));
    assertThat(refusal(run)).contains("its model is not what is said of it");
    Files.delete(config);
    assertThat(refusal(run)).contains("model.config of its recipe cannot be read", "--config");
    Path kept = Files.writeString(home.resolve("kept.json"), text);
    assertSameFolder(
        convert(run.folder(), "open-clip", "--config", kept), run.folder().resolve("final"));
  }

  @Test
  void inspectSaysWhatTheRunKnows() throws IOException {
    SmallRun run = trained("lora={rank: 2, alpha: 4}");
    CommandRun whole = CommandRun.of("inspect", run.folder());
    assertThat(whole.code()).as(whole.err()).isZero();
    assertThat(whole.out())
        .contains(
            "activation  gelu", "heads       image 2, text 2", "low-rank adapters, merged here")
        .contains("said by     " + run.folder().resolve("recipe.yaml"))
        .contains("  config: \"" + run.recipe().resolveSibling("model.json") + "\"")
        .contains("initialise-from: \"" + run.folder() + "\"\nmodel:\n  config: ")
        .doesNotContain("lora-a");
    CommandRun json = CommandRun.of("inspect", run.checkpoint(2), "--json");
    assertThat(json.out()).contains("\"run\" : ", "\"recipe\" : \"\"");
    Files.delete(run.recipe().resolveSibling("model.json"));
    CommandRun untold = CommandRun.of("inspect", run.folder());
    assertThat(untold.code()).as(untold.err()).isZero();
    assertThat(untold.out()).contains("lora-a");
  }

  private String refusal(SmallRun run) {
    CommandRun refused =
        CommandRun.of("convert", run.folder(), home.resolve("no"), "--to", "open-clip");
    assertThat(refused.code()).isEqualTo(ExitCode.DATA);
    return refused.err();
  }

  private SmallRun trained(String... overrides) throws IOException {
    SmallRun run = SmallRun.in(home.resolve("run"));
    run.train(
        Stream.concat(Stream.of("schedule.length=2 steps", "evaluate=[]"), Stream.of(overrides))
            .toArray(String[]::new));
    return run;
  }

  private Path convert(Path in, String layout, Object... more) {
    Path out = home.resolve("out");
    CommandRun run =
        CommandRun.of(
            Stream.concat(
                    Stream.of("convert", in, out, "--to", layout, "--replace"), Stream.of(more))
                .toArray());
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).doesNotContain("note:");
    return out;
  }

  private static Path weights(Path folder) {
    return folder.resolve("open_clip_model.safetensors");
  }

  private static void assertSameFolder(Path found, Path exported) throws IOException {
    try (Stream<Path> files = Files.list(found)) {
      for (Path file : files.toList()) {
        assertThat(file).hasSameBinaryContentAs(exported.resolve(file.getFileName()));
      }
    }
    assertThat(weights(found)).exists();
    assertThat(found.resolve("tokenizer.json")).exists();
  }
}
