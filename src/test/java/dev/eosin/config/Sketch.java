package dev.eosin.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A small recipe of every shape that setting records can have.
sealed interface Sketch {
  @Doc("Trains a sketch.")
  record DrawSettings(
      @Doc("The random seed.") long seed,
      @Doc("How steps are sized.") Schedule schedule,
      @Doc("Rows per step.") Batch batch,
      @Doc("What updates the weights.") @OrElse("{ type: adamw, lr: 1.0e-3 }") Optimizer optimizer,
      @Doc("Number format.") @OrElse("fp32") Precision precision,
      @Doc("What is measured.") @OrElse("[]") List<Measure> evaluate,
      @Doc("Words by class.") @OrElse("{}") Map<String, List<String>> prompts,
      @Doc("Where results go.") @OrElse("runs/sketch") Path dir,
      @Doc("A remark.") Optional<String> note,
      @Doc("Threads.") @OrElse("auto") CountOrAuto threads,
      @Doc("Pixel means.") @OrElse("[0.5, 0.25]") List<Double> mean)
      implements Sketch, Checked {
    @Override
    public void check(Findings findings) {
      if (schedule.warmup().of(schedule.length()).value() > schedule.length().value()) {
        findings.add("schedule.warmup", "longer than the run");
      }
    }
  }

  record EraseSettings(@OrElse("true") boolean gently) implements Sketch {}

  record Schedule(@OrElse("5 %") StepsOrShare warmup, Steps length) {}

  record Batch(@Range(min = 1) int global, @OrElse("1") @Range(min = 1, max = 64) int micro) {
    public Batch {
      if (global % micro != 0) {
        throw new IllegalArgumentException("micro: " + micro + " does not divide " + global);
      }
    }
  }

  sealed interface Optimizer {}

  @Named("adamw")
  @Doc("Adam with decoupled decay.")
  record AdamWSettings(
      @Doc("Learning rate.") @Range(above = 0) double lr,
      @OrElse("[0.9, 0.98]") @Range(min = 0, below = 1) List<Double> betas,
      @OrElse("0.2") double weightDecay)
      implements Optimizer {}

  record SgdSettings(double lr) implements Optimizer {}

  record NoneSettings() implements Optimizer {}

  enum Precision {
    FP32,
    BF16,
    @Named("auto")
    CHOOSE
  }

  record Measure(String name, Steps every, @OrElse("64 px") Pixels tile) {}

  String VALID =
      """
      # A sketch
      kind: draw
      seed: 42
      schedule: { length: 20_000 steps }
      batch:
        global: 64
        micro: 8
      optimizer: { type: adamw, lr: 1e-5, betas: [0.9, 0.95] }
      evaluate:
        - { name: tiles, every: 5 steps }
        - name: "pairs"   # quoted
          every: 10 steps
          tile: 32 px
      prompts:
        tumour: ["An H&E image of {}.", no]
        fat: &fat [adipose, fat]
        adipose: *fat
      """;

  Path FILE = Path.of("recipes/sketch.yaml");

  static DrawSettings bind(String text, String... overrides) {
    return (DrawSettings) Binder.bind(parse(text, overrides), Sketch.class);
  }

  static RecipeFile parse(String text, String... overrides) {
    return RecipeFile.parse(FILE, text, List.of(overrides), Map.of("HOME", "/home/ada"));
  }
}
