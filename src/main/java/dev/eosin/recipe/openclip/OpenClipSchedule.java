package dev.eosin.recipe.openclip;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;

/// The flags of open_clip for the optimiser and the learning rate, as the keys `optimizer` and
/// `schedule`.
///
/// Source: open_clip 3.3.0 `open_clip_train/{main,scheduler}.py`.
///
/// @param command the flags
/// @param stepsInAnEpoch updates, where they are known
/// @param open where to add what waits for the user
/// @param notes where to add what the user should know
record OpenClipSchedule(
    OpenClipCommand command, OptionalLong stepsInAnEpoch, List<String> open, List<String> notes) {
  /// The keys `optimizer` and `schedule`.
  List<String> lines() {
    OptionalLong length = epochs(command.whole("epochs"), stepsInAnEpoch);
    long warmup = command.whole("warmup");
    double lr = command.has("lr") ? command.number("lr") : 5.0e-4;
    if (lr == 0) {
      open.add(
          "--lr 0: nothing would be trained, and eosin train wants optimizer.lr above 0; write the rate that you want");
    }
    if (!command.value("opt").orElse("").equals("adamw")) {
      open.add("--opt %s: recipes have adamw".formatted(command.given("opt")));
    }
    boolean onlyRamp =
        !command.has("skip-scheduler") && length.isPresent() && warmup > length.getAsLong();
    if (onlyRamp) {
      double reached = lr * length.getAsLong() / warmup;
      notes.add(
          "--warmup %d is longer than the run of %d steps: the same ramp ends at lr %s"
              .formatted(warmup, length.getAsLong(), written(reached)));
      lr = reached;
      warmup = length.getAsLong();
    }
    return List.of(optimizer(lr), schedule(length, warmup, onlyRamp));
  }

  private String optimizer(double lr) {
    boolean vit = command.value("model").orElse("").toLowerCase(Locale.ROOT).contains("vit");
    return "optimizer: { type: adamw, lr: %s, betas: [%s, %s], eps: %s, weight-decay: %s%s }"
        .formatted(
            written(lr),
            command.value("beta1").orElse("0.9"),
            command.value("beta2").orElse(vit ? "0.98" : "0.999"),
            written(command.has("eps") ? command.number("eps") : vit ? 1.0e-6 : 1.0e-8),
            written(command.number("wd")),
            clipping());
  }

  private String clipping() {
    if (!command.has("grad-clip-norm")) {
      return "";
    }
    double limit = command.number("grad-clip-norm");
    if (limit > 0) {
      return ", clip-norm: " + written(limit);
    }
    open.add(
        "--grad-clip-norm %s: open_clip scales every gradient to nothing with it; optimizer.clip-norm is left out, and gradients are not clipped"
            .formatted(command.given("grad-clip-norm")));
    return "";
  }

  private String schedule(OptionalLong length, long warmup, boolean onlyRamp) {
    String type = command.value("lr-scheduler").orElse("");
    String ends = "warmup: %d steps%s".formatted(warmup, steps("length", length));
    if (command.has("skip-scheduler")) {
      return "schedule: { type: constant, warmup: 0 steps%s }".formatted(steps("length", length));
    }
    if (type.equals("const-cooldown") && onlyRamp) {
      notes.add("the cool-down never begins: the warm-up lasts as long as the run");
      return "schedule: { type: constant, %s }".formatted(ends);
    }
    if (type.equals("const-cooldown")) {
      return "schedule: { type: cool-down, %s%s, power: %s, end-lr: %s }"
          .formatted(
              ends,
              steps("cool-down", coolDown(length, warmup)),
              written(command.number("lr-cooldown-power")),
              written(command.number("lr-cooldown-end")));
    }
    return "schedule: { type: %s, %s }"
        .formatted(type.equals("const") ? "constant" : "cosine", ends);
  }

  /// open_clip begins to cool down at its step even where the warm-up is not over: the rate then
  /// jumps when it is.
  private OptionalLong coolDown(OptionalLong length, long warmup) {
    if (!command.has("epochs-cooldown")) {
      open.add("--epochs-cooldown: is missing; open_clip does not start without it; 0 is taken");
      return epochs(0, stepsInAnEpoch);
    }
    OptionalLong asked = epochs(command.whole("epochs-cooldown"), stepsInAnEpoch);
    if (length.isEmpty() || asked.isEmpty() || warmup + asked.getAsLong() <= length.getAsLong()) {
      return asked;
    }
    long left = length.getAsLong() - warmup;
    open.add(
        "--epochs-cooldown %s: its %d steps and a warm-up of %d are longer than the run of %d, and open_clip's rate falls at once from the peak when the warm-up ends; a schedule.cool-down of the %d steps after it is taken"
            .formatted(
                command.given("epochs-cooldown"),
                asked.getAsLong(),
                warmup,
                length.getAsLong(),
                left));
    return OptionalLong.of(left);
  }

  /// Epochs in steps, where their length is known.
  ///
  /// @throws IllegalArgumentException for more than there can be
  static OptionalLong epochs(long epochs, OptionalLong stepsInAnEpoch) {
    try {
      return stepsInAnEpoch.isPresent()
          ? OptionalLong.of(Math.multiplyExact(epochs, stepsInAnEpoch.getAsLong()))
          : OptionalLong.empty();
    } catch (ArithmeticException tooMany) {
      throw new IllegalArgumentException("--epochs: is too large", tooMany);
    }
  }

  /// An entry of a map, where the number is known.
  static String steps(String key, OptionalLong steps) {
    return steps.isPresent() ? ", %s: %d steps".formatted(key, steps.getAsLong()) : "";
  }

  /// As a person writes it: `1.0e-7`, without what computing it left in the last digits.
  private static String written(double number) {
    double rounded = new BigDecimal(number).round(new MathContext(12)).doubleValue();
    return Double.toString(rounded).replace('E', 'e');
  }
}
