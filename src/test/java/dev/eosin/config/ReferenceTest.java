package dev.eosin.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReferenceTest {
  @Test
  void everyRecordHasATable() {
    assertThat(Reference.markdown(Sketch.class))
        .startsWith(
            """
            ## `kind: draw`

            Trains a sketch.

            | Key | Value | Default | Meaning |
            |---|---|---|---|
            | `seed` | whole number | required | The random seed. |
            | `schedule` | [Schedule](#schedule) | required | How steps are sized. |
            """)
        .contains(
            """
            ## Optimizer

            ### `type: adamw`

            Adam with decoupled decay.

            | Key | Value | Default | Meaning |
            |---|---|---|---|
            | `lr` | number, above 0 | required | Learning rate. |
            | `betas` | list of number, at least 0 and below 1 | `[0.9, 0.98]` |  |
            """)
        .contains("| `precision` | `fp32`, `bf16`, `auto` | `fp32` | Number format. |")
        .contains("| `prompts` | map of list of text | `{}` | Words by class. |")
        .contains("| `note` | text | none | A remark. |")
        .contains("| `threads` | e.g. `auto` or `4` | `auto` | Threads. |")
        .contains("### `type: none`\n\nNo further keys.\n")
        .containsOnlyOnce("## Schedule\n");
  }
}
