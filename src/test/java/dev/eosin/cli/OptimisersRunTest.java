package dev.eosin.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.cli.terminal.ExitCode;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Runs with each optimiser: what a checkpoint has of its state is enough to go on to the bit.
class OptimisersRunTest {
  private static final String ADAMW =
      "{ type: adamw, lr: 1.0e-3, betas: [0.9, 0.98], eps: 1.0e-6, weight-decay: 0.1, clip-norm: 1.0 }";

  @TempDir private Path folder;

  @Test
  void whatIsNoMatrixOfABlockIsRefusedForMuon() throws IOException {
    TinyRecipe tiny =
        TinyRecipe.in(folder).with(ADAMW, "{ type: muon, lr: 1.0e-3, matrices: \"**.block.**\" }");
    assertThat(tiny.eosin("train", "--dry-run")).isEqualTo(ExitCode.USAGE);
    assertThat(tiny.err())
        .contains(
            "optimizer.matrices", "'**.block.**' is the name of no trained weight; take adamw");
  }

  @ParameterizedTest
  @ValueSource(strings = {"sgd", "lion", "muon"})
  void earlyUpdatesAreRefusedByName(String type) throws IOException {
    TinyRecipe tiny =
        TinyRecipe.in(folder).with(ADAMW, "{ type: %s, lr: 0.1, updates: early }".formatted(type));
    assertThat(tiny.eosin("train", "--dry-run")).isEqualTo(ExitCode.USAGE);
    assertThat(tiny.err()).contains("optimizer.updates", "early is adamw's alone");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{ type: sgd, lr: 0.1, nesterov: true }",
        "{ type: lion, lr: 1.0e-4, weight-decay: 0.5 }",
        "{ type: muon, lr: 1.0e-3, clip-norm: 1.0 }"
      })
  void aRunThatIsResumedGoesOnToTheBit(String optimizer) throws IOException {
    TinyRecipe tiny = TinyRecipe.in(folder).with(ADAMW, optimizer);
    assertThat(tiny.eosin("train", "--smoke")).as(tiny.err()).isZero();
    assertThat(tiny.out()).contains("the same weights and moments, bit for bit");
  }
}
