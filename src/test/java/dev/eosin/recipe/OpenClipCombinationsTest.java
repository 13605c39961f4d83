package dev.eosin.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.config.Binder;
import dev.eosin.config.Problem;
import dev.eosin.config.RecipeFile;
import dev.eosin.random.RandomKey;
import dev.eosin.recipe.openclip.OpenClipCommand;
import dev.eosin.recipe.openclip.OpenClipImport;
import dev.eosin.recipe.trained.RecipeProblems;
import dev.eosin.train.optimisers.AdamWSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What import-args writes, train takes, or a line at its head says what cannot be: over random
/// combinations of flags and of the values at their edges.
class OpenClipCombinationsTest {
  private static final int COMBINATIONS = 400;

  /// Flags with values, the odd ones among them; each value is as likely as any other.
  private static final Map<String, List<String>> FLAGS =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("model", List.of("ViT-B-32", "ViT-B-16", "ViT-L-14", "ViT-L-14-336")),
              Map.entry("pretrained", List.of("openai", "mine.pt", "laion2b")),
              Map.entry("batch-size", List.of("1", "2", "64", "4096", "20000")),
              Map.entry("accum-freq", List.of("1", "2", "7")),
              Map.entry("epochs", List.of("0", "1", "3", "30")),
              Map.entry("epochs-cooldown", List.of("0", "1", "2", "40")),
              Map.entry("lr", List.of("0", "1e-5", "3e-3", "1")),
              Map.entry("lr-cooldown-end", List.of("0", "1e-6", "0.5")),
              Map.entry("lr-cooldown-power", List.of("0", "1", "2.5")),
              Map.entry("lr-scheduler", List.of("cosine", "const", "const-cooldown")),
              Map.entry("skip-scheduler", List.of("")),
              Map.entry("warmup", List.of("0", "1", "50", "10000")),
              Map.entry("beta1", List.of("0", "0.9", "1")),
              Map.entry("beta2", List.of("0.95", "0.999", "1.5")),
              Map.entry("eps", List.of("0", "1e-8")),
              Map.entry("wd", List.of("0", "0.2", "-1")),
              Map.entry("grad-clip-norm", List.of("0", "0.5", "-1")),
              Map.entry("precision", List.of("fp32", "amp", "amp_bf16", "pure_bf16")),
              Map.entry("lock-image", List.of("")),
              Map.entry("lock-image-unlocked-groups", List.of("0", "1", "13", "14", "27", "99")),
              Map.entry("lock-text", List.of("")),
              Map.entry("lock-text-unlocked-layers", List.of("0", "2", "13", "14", "99")),
              Map.entry("force-image-size", List.of("224", "336 224", "8")),
              Map.entry("force-context-length", List.of("77", "32", "200", "1")),
              Map.entry("force-patch-dropout", List.of("0", "0.5", "1")),
              Map.entry("siglip", List.of("")),
              Map.entry("val-data", List.of("val.csv", "val.tar")),
              Map.entry("val-frequency", List.of("0", "1", "5")),
              Map.entry("save-frequency", List.of("0", "1", "5")),
              Map.entry("log-every-n-steps", List.of("0", "1", "100")),
              Map.entry("workers", List.of("0", "4")),
              Map.entry("seed", List.of("0", "7", "99999999999")),
              Map.entry("grad-checkpointing", List.of("")),
              Map.entry("distill-model", List.of("ViT-B-32")),
              Map.entry("distill-pretrained", List.of("openai"))));

  private static String command(RandomGenerator random) {
    var words = new ArrayList<String>();
    boolean shards = random.nextBoolean();
    words.add("--train-data " + (shards ? "$DATA/{0..9}.tar" : "x.csv"));
    if (random.nextInt(8) > 0) {
      words.add("--train-num-samples " + List.of("1", "6400", "100000").get(random.nextInt(3)));
    }
    int chance = 2 + random.nextInt(12);
    FLAGS.forEach(
        (flag, values) -> {
          if (random.nextInt(chance) == 0) {
            words.add("--" + flag + " " + values.get(random.nextInt(values.size())));
          }
        });
    return String.join(" ", words);
  }

  private static OpenClipImport.Imported imported(String command) {
    return OpenClipImport.of(OpenClipCommand.parse(command), command, RecipeProblems::of);
  }

  @Test
  void trainTakesEveryRecipeOrItsHeadSaysWhatCannotBe() {
    RandomGenerator random = new RandomKey(11).stream(RandomKey.Purpose.AUGMENTATION, 0, 0);
    int taken = 0;
    for (int i = 0; i < COMBINATIONS; i++) {
      String command = command(random);
      OpenClipImport.Imported imported = imported(command);
      for (Problem problem : RecipeProblems.of(imported.yaml())) {
        assertThat(imported.open())
            .as("%s: %s", command, problem)
            .anyMatch(point -> point.contains(problem.key()));
      }
      imported
          .open()
          .forEach(point -> assertThat(imported.yaml()).contains("# OPEN: " + point + "\n"));
      if (imported.open().isEmpty()) {
        taken++;
        assertRatesAreTheirs(command, imported);
      }
    }
    assertThat(taken).as("recipes without an open point").isGreaterThan(COMBINATIONS / 20);
  }

  private static void assertRatesAreTheirs(String text, OpenClipImport.Imported imported) {
    ClipRecipe recipe = recipe(imported);
    AdamWSettings adamW = (AdamWSettings) recipe.optimizer();
    long length = recipe.schedule().length().value();
    for (long step = 0; step < length; step += Math.max(1, length / 97)) {
      double theirs = rate(text, step, length);
      assertThat(recipe.schedule().learningRate(adamW.lr(), step))
          .as("%s, step %d", text, step)
          .isCloseTo(theirs, within(1e-9 * Math.max(theirs, 1e-3)));
    }
  }

  /// The learning rate as `open_clip_train/scheduler.py` has it.
  private static double rate(String command, long step, long length) {
    double base = Double.parseDouble(value(command, "lr", "5e-4"));
    if (command.contains("--skip-scheduler")) {
      return base;
    }
    long warmup = Long.parseLong(value(command, "warmup", "10000"));
    if (step < warmup) {
      return base * (step + 1) / warmup;
    }
    return switch (value(command, "lr-scheduler", "cosine")) {
      case "const" -> base;
      case "cosine" -> {
        double part = (double) (step - warmup) / (length - warmup);
        yield 0.5 * (1 + Math.cos(Math.PI * part)) * base;
      }
      default -> {
        long epochs = Long.parseLong(value(command, "epochs", "32"));
        long cooldown = length / epochs * Long.parseLong(value(command, "epochs-cooldown", ""));
        long start = length - cooldown;
        if (step < start) {
          yield base;
        }
        double end = Double.parseDouble(value(command, "lr-cooldown-end", "0"));
        double power = Double.parseDouble(value(command, "lr-cooldown-power", "1"));
        yield Math.pow(1 - (double) (step - start) / cooldown, power) * (base - end) + end;
      }
    };
  }

  private static String value(String command, String flag, String orElse) {
    String[] words = command.split(" ");
    for (int i = 0; i + 1 < words.length; i++) {
      if (words[i].equals("--" + flag)) {
        return words[i + 1];
      }
    }
    return orElse;
  }

  private static ClipRecipe recipe(OpenClipImport.Imported imported) {
    RecipeFile file =
        RecipeFile.parse(
            Path.of("imported.yaml"), imported.yaml(), List.of(), Map.of("DATA", "here"));
    return (ClipRecipe) Binder.bind(file, Recipe.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --grad-clip-norm 0 | optimizer.clip-norm is left out, and gradients are not clipped
          --lr 0             | nothing would be trained, and eosin train wants optimizer.lr above 0
          --batch-size 1     | one pair has nothing to be told apart from
          --lr-scheduler const-cooldown --warmup 10 --epochs 2 --epochs-cooldown 2 | \
          its 200 steps and a warm-up of 10 are longer than the run of 200
          --lr-scheduler const-cooldown --warmup 10 | --epochs-cooldown: is missing
          --lock-image --lock-text | eosin train refuses lock: nothing but the logit scale
          --wd -1 | eosin train refuses optimizer.weight-decay
          """)
  void whatCannotBeIsSaidOnce(String flags, String point) {
    String start = "--train-data x.csv --train-num-samples 6400 --model ViT-B-32 --precision fp32 ";
    String warmup = flags.contains("warmup") ? "" : "--warmup 5 ";
    assertThat(imported(start + warmup + flags).open()).singleElement().asString().contains(point);
  }

  @Test
  void coolDownWithTheDefaultWarmUpAndTooManyUnlockedGroupsAreTaken() {
    OpenClipImport.Imported imported =
        imported(
            "--train-data x.csv --train-num-samples 6400 --epochs 10 --model ViT-B-32"
                + " --precision fp32 --lr-scheduler const-cooldown --epochs-cooldown 3"
                + " --lock-image --lock-image-unlocked-groups 14");
    assertThat(imported.open()).isEmpty();
    assertThat(imported.yaml())
        .contains("schedule: { type: constant, warmup: 1000 steps, length: 1000 steps }")
        .contains("# note: the cool-down never begins")
        .contains("# note: --lock-image locks nothing with --lock-image-unlocked-groups 14")
        .contains("the tower has 14 groups")
        .doesNotContain("lock: {");
    assertThat(recipe(imported).schedule().length().value()).isEqualTo(1000);
  }
}
