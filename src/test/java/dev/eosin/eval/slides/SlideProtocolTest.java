package dev.eosin.eval.slides;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What publications' code has for slides, as it was read.
class SlideProtocolTest {
  private static <T extends SlideTask> T task(SlideProtocol protocol, Class<T> type) {
    return type.cast(protocol.tasks().getFirst());
  }

  @Test
  void valuesAreThoseOfThePublishedCode() {
    // abmil.yaml and ExperimentFactory.finetune.
    var bench = task(SlideProtocol.PATHO_BENCH_ABMIL, SlideTask.PathoBenchAttention.class);
    assertThat(bench.lr()).isEqualTo(3e-4);
    assertThat(bench.weightDecay()).isEqualTo(1e-5);
    assertThat(bench.epochs()).isEqualTo(20);
    assertThat(bench.tiles()).isEqualTo(2048);
    // coxnet.yaml.
    var net = task(SlideProtocol.PATHO_BENCH_SURVIVAL, SlideTask.ElasticNetSurvival.class);
    assertThat(net.alphas()).containsExactly(0.01, 0.02, 0.07);
    assertThat(net.l1Ratio()).isEqualTo(0.5);
    assertThat(net.timeOf("OS")).isEqualTo("OS_days");
    assertThat(net.eventOf("OS")).isEqualTo("OS_event");
    assertThat(SlideProtocol.PATHO_BENCH_SURVIVAL.bootstrap()).isEqualTo(100);
    // ExperimentFactory.finetune and TrainableSlideEncoder: four intervals of the label's column.
    var hazards =
        task(SlideProtocol.PATHO_BENCH_ABMIL_SURVIVAL, SlideTask.PathoBenchSurvival.class);
    assertThat(hazards.intervals()).isEqualTo(4);
    assertThat(hazards.labelled()).isTrue();
    assertThat(List.of(hazards.lr(), hazards.weightDecay()))
        .containsExactly(bench.lr(), bench.weightDecay());
    assertThat(List.of(hazards.epochs(), hazards.tiles()))
        .containsExactly(bench.epochs(), bench.tiles());
    // linprobe.yaml.
    var mean = task(SlideProtocol.PATHO_BENCH, SlideTask.MeanProbe.class);
    assertThat(mean.strength()).isEqualTo(0.5);
    assertThat(mean.balanced()).isTrue();
    // panda.yaml, camelyon16.yaml, leaderboards.md.
    var eva = task(SlideProtocol.EVA, SlideTask.EvaAttention.class);
    assertThat(eva.lr()).isEqualTo(1e-3);
    assertThat(eva.batch()).isEqualTo(32);
    assertThat(eva.epochs()).isEqualTo(100);
    assertThat(eva.updates()).isEqualTo(12_500);
    assertThat(eva.patience()).isEqualTo(20);
    assertThat(eva.runs()).isEqualTo(20);
    assertThat(eva.weightDecay()).isEqualTo(0.01);
  }

  @ParameterizedTest
  @EnumSource
  void theDocsHaveItsSourcesWordForWord(SlideProtocol protocol) throws Exception {
    String docs = Files.readString(Path.of("docs/formats.md"));
    String name = protocol.name().toLowerCase(Locale.ROOT).replace('_', '-');
    assertThat(docs).contains("| `%s` (%s) |".formatted(name, protocol.version()));
    for (String source : protocol.sources()) {
      assertThat(docs).contains(source.substring(1));
    }
  }
}
