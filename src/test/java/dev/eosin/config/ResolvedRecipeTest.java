package dev.eosin.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class ResolvedRecipeTest {
  @Test
  void everyValueIsWrittenExplicitly() {
    assertThat(resolved(Sketch.VALID, "evaluate.0.name=1", "note=a: b").text())
        .isEqualTo(
            """
            # Resolved by Eosin: every value is explicit.
            kind: draw
            seed: 42
            schedule:
              warmup: 5 %
              length: 20000 steps
            batch:
              global: 64
              micro: 8
            optimizer:
              type: adamw
              lr: 1.0e-5
              betas: [0.9, 0.95]
              weight-decay: 0.2
            precision: fp32
            evaluate:
              - name: "1"
                every: 5 steps
                tile: 64 px
              - name: pairs
                every: 10 steps
                tile: 32 px
            prompts:
              tumour: ["An H&E image of {}.", "no"]
              fat: [adipose, fat]
              adipose: [adipose, fat]
            dir: runs/sketch
            note: "a: b"
            threads: auto
            mean: [0.5, 0.25]
            """);
  }

  @Test
  void whatIsWrittenBindsToAnEqualRecord() {
    Random random = new Random(3);
    for (int round = 0; round < 500; round++) {
      Sketch.DrawSettings recipe = recipe(random);
      String text = ResolvedRecipe.of(recipe, Sketch.class).text();
      assertThat(Sketch.bind(text)).as(text).isEqualTo(recipe);
      assertThat(ResolvedRecipe.of(Sketch.bind(text), Sketch.class).text()).isEqualTo(text);
      assertThat(
              ResolvedRecipe.stored(Sketch.parse(text))
                  .differences(ResolvedRecipe.of(recipe, Sketch.class)))
          .isEmpty();
    }
  }

  @Test
  void keysThatAKindLacksAreKnown() {
    assertThat(resolved(Sketch.VALID).has("schedule")).isTrue();
    assertThat(resolved(Sketch.VALID).has("initialise-from")).isFalse();
  }

  @Test
  void differencesAreNamedByKeyPath() {
    ResolvedRecipe before = resolved(Sketch.VALID);
    ResolvedRecipe after =
        resolved(
            Sketch.VALID,
            "optimizer.lr=2e-5",
            "optimizer.betas.1=0.98",
            "evaluate.1.every=20 steps",
            "evaluate.2={ name: more, every: 1 step }",
            "prompts.stroma=[x]",
            "note=why");
    assertThat(before.differences(after))
        .containsExactly(
            new Difference("optimizer.lr", "1.0e-5", "2.0e-5"),
            new Difference("optimizer.betas", "[0.9, 0.95]", "[0.9, 0.98]"),
            new Difference("evaluate.1.every", "10 steps", "20 steps"),
            new Difference("evaluate.2", "absent", "{ name: more, every: 1 step, tile: 64 px }"),
            new Difference("prompts.stroma", "absent", "[x]"),
            new Difference("note", "null", "why"));
    assertThat(after.differences(before)).hasSize(6);
  }

  @Test
  void anotherChoiceIsOneDifference() {
    ResolvedRecipe after = resolved(Sketch.VALID, "optimizer={ type: sgd, lr: 1 }");
    assertThat(resolved(Sketch.VALID).differences(after))
        .containsExactly(
            new Difference(
                "optimizer",
                "{ type: adamw, lr: 1.0e-5, betas: [0.9, 0.95], weight-decay: 0.2 }",
                "{ type: sgd, lr: 1.0 }"));
  }

  @Test
  void theOrderOfAMapIsADifference() {
    String text = "kind: draw\nseed: 1\nschedule: { length: 1 step }\nbatch: { global: 1 }\n";
    ResolvedRecipe before = resolved(text + "prompts: { a: [x], b: [x] }");
    ResolvedRecipe after = resolved(text + "prompts: { b: [x], a: [x] }");
    assertThat(before.differences(after))
        .containsExactly(new Difference("prompts", "order a, b", "order b, a"));
  }

  private static ResolvedRecipe resolved(String text, String... overrides) {
    return ResolvedRecipe.of(Sketch.bind(text, overrides), Sketch.class);
  }

  private static Sketch.DrawSettings recipe(Random random) {
    int micro = 1 + random.nextInt(64);
    return new Sketch.DrawSettings(
        random.nextLong(),
        new Sketch.Schedule(
            random.nextBoolean() ? new Share(random.nextDouble()) : new Steps(random.nextInt(9)),
            new Steps(10 + random.nextInt(1 << 30))),
        new Sketch.Batch(micro * (1 + random.nextInt(9)), micro),
        optimizer(random),
        List.of(Sketch.Precision.values()).get(random.nextInt(3)),
        some(
            random,
            () ->
                new Sketch.Measure(
                    text(random),
                    new Steps(random.nextInt() >>> 1),
                    new Pixels(1 + random.nextInt(99)))),
        table(random),
        Path.of("runs", text(random).replace("\0", "").replace('/', '-') + "x"),
        random.nextBoolean() ? Optional.empty() : Optional.of(text(random)),
        random.nextBoolean() ? new CountOrAuto.Auto() : new CountOrAuto.Count(random.nextInt(9)),
        some(random, () -> number(random)));
  }

  private static Sketch.Optimizer optimizer(Random random) {
    return switch (random.nextInt(3)) {
      case 0 -> new Sketch.NoneSettings();
      case 1 -> new Sketch.SgdSettings(number(random));
      default ->
          new Sketch.AdamWSettings(
              Math.exp(random.nextGaussian() * 9),
              some(random, random::nextDouble),
              number(random));
    };
  }

  private static double number(Random random) {
    double any = Double.longBitsToDouble(random.nextLong());
    return Double.isFinite(any) ? any : random.nextInt();
  }

  private static Map<String, List<String>> table(Random random) {
    Map<String, List<String>> table = new LinkedHashMap<>();
    some(random, () -> table.put(text(random), some(random, () -> text(random))));
    return table;
  }

  private static <T> List<T> some(Random random, Supplier<T> one) {
    List<T> items = new ArrayList<>();
    for (int count = random.nextInt(5); count > 0; count--) {
      items.add(one.get());
    }
    return items;
  }

  private static String text(Random random) {
    List<String> words =
        List.of(
            "5",
            "no",
            "null",
            "${HOME}",
            "$",
            "# x",
            ": ",
            "- ",
            "'",
            "\"",
            "\\",
            "\n",
            " ",
            "~",
            "",
            "{}.",
            "[",
            "é",
            "😀",
            "\u2028",
            "\u0007",
            "\uFEFF",
            "\u0085",
            "word",
            "%",
            "...",
            "&a",
            "*a",
            "\t",
            "\r",
            "true",
            ".5",
            "\uFFFF",
            "a".repeat(600));
    StringBuilder text = new StringBuilder();
    for (int count = random.nextInt(4); count > 0; count--) {
      text.append(words.get(random.nextInt(words.size())));
    }
    return text.toString();
  }
}
