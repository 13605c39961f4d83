package dev.eosin.run.rehearsals;

import dev.eosin.checkpoint.SafetensorsFile;
import dev.eosin.config.DataException;
import dev.eosin.config.MachineException;
import dev.eosin.tensor.Device;
import dev.eosin.train.machine.ComputeSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/// A step that a run took in one go, beside the same step of a run that was interrupted before it:
/// three checkpoints.
///
/// @param before the step
/// @param uninterrupted after it
/// @param resumed after it
record ResumedStep(Path before, Path uninterrupted, Path resumed) {
  /// What is left to kernels of a GPU that add in any order: this share of the length of the step
  /// itself. Whatever a resume forgets (moments, rows, a rate) turns the step by more.
  static final double MOST_APART = 0.1;

  /// What a checkpoint holds of weights and moments; those that the recipe does not ask for are
  /// missing from all.
  private static final List<String> COMPARED =
      List.of("model.safetensors", "optimizer.safetensors", "average.safetensors");

  /// Whether a resumed run promises to go on bit for bit: on a CPU, and on a GPU where the recipe
  /// says `compute.deterministic`.
  static boolean isExact(ComputeSettings compute, boolean gpuPresent) {
    return switch (compute.intended(gpuPresent)) {
      case Device.Cpu() -> true;
      case Device.Cuda _ -> compute.deterministic();
    };
  }

  /// Compares the two.
  ///
  /// @param exact whether they are to be equal to the bit
  /// @return what they have in common, for a person
  /// @throws MachineException when the step gave something else
  String judged(boolean exact) throws IOException {
    double farthest = 0;
    for (String name : COMPARED) {
      if (Files.exists(uninterrupted.resolve(name)) && !isEqual(name)) {
        double apart = exact ? Double.POSITIVE_INFINITY : apart(name);
        if (!(apart <= MOST_APART)) {
          throw differs(name, exact, apart);
        }
        farthest = Math.max(farthest, apart);
      }
    }
    return farthest == 0
        ? "the resumed second step gave the same weights and moments, bit for bit"
        : String.format(
            Locale.ROOT,
            "the resumed second step is within %.1e of the step's length of the uninterrupted one (at most %.1f is right where kernels add in any order)",
            farthest,
            MOST_APART);
  }

  private boolean isEqual(String name) throws IOException {
    return Files.mismatch(uninterrupted.resolve(name), resumed.resolve(name)) < 0;
  }

  private static MachineException differs(String name, boolean exact, double apart) {
    return new MachineException(
        exact
            ? "%s of the resumed run differs from the uninterrupted run's: a run that is interrupted would not end with the same weights; look whether the training data changed meanwhile"
                .formatted(name)
            : String.format(
                Locale.ROOT,
                "%s of the resumed run is %.2f of the step's length away from the uninterrupted run's, where kernels that add in any order leave %.1f at most: a run that is interrupted would not end with the same weights; look whether the training data changed meanwhile",
                name,
                apart,
                MOST_APART));
  }

  /// How far the two are apart, as a share of how far the step went.
  private double apart(String name) throws DataException {
    try (SafetensorsFile first = SafetensorsFile.open(before.resolve(name));
        SafetensorsFile one = SafetensorsFile.open(uninterrupted.resolve(name));
        SafetensorsFile other = SafetensorsFile.open(resumed.resolve(name))) {
      double between = 0;
      double gone = 0;
      for (String tensor : one.names()) {
        float[] here = one.entry(tensor).floats();
        between += squares(here, other.entry(tensor).floats());
        gone += squares(here, first.entry(tensor).floats());
      }
      return Math.sqrt(between / gone);
    }
  }

  private static double squares(float[] here, float[] there) {
    double sum = 0;
    for (int i = 0; i < here.length; i++) {
      double difference = (double) here[i] - there[i];
      sum += difference * difference;
    }
    return sum;
  }
}
