package dev.eosin.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.clip.ClipGraph;
import dev.eosin.clip.spec.ClipPresets;
import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.onnx.Dimension;
import dev.eosin.onnx.ElementType;
import dev.eosin.onnx.GraphBuilder;
import dev.eosin.onnx.GraphPrecision;
import dev.eosin.onnx.GraphValue;
import dev.eosin.onnx.OnnxModel;
import dev.eosin.onnx.Opset;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/// What Triton reads, by the parser that it reads it with.
class TritonConfigTest {
  private static final ClipSpec TINY = ClipPresets.named("tiny");

  @Test
  void towersSayWhatTheyTakeBehindTheBatch() {
    TritonText.Config image = TritonText.read(TritonConfig.image("image_encoder", TINY));
    long side = TINY.image().height();
    assertThat(image.name()).isEqualTo("image_encoder");
    assertThat(image.platform()).isEqualTo("onnxruntime_onnx");
    assertThat(image.mostAtOnce()).isPositive();
    assertThat(image.inputs())
        .containsExactly(
            new TritonText.Port(ClipGraph.PIXELS, "TYPE_FP32", List.of(3L, side, side)));
    assertThat(image.outputs())
        .containsExactly(
            new TritonText.Port(ClipGraph.IMAGE, "TYPE_FP32", List.of((long) TINY.embedSize())));
    TritonText.Config text = TritonText.read(TritonConfig.text("text_encoder", TINY));
    assertThat(text.inputs())
        .containsExactly(
            new TritonText.Port(ClipGraph.IDS, "TYPE_INT64", List.of(-1L)),
            new TritonText.Port(ClipGraph.MASK, "TYPE_INT64", List.of(-1L)));
  }

  @Test
  void otherGraphsSayEveryAxisOfEveryPort() {
    var builder = new GraphBuilder("toy", Opset.DEFAULT, GraphPrecision.FP32);
    Dimension batch = Dimension.of("batch_size");
    for (ElementType type : ElementType.values()) {
      String name = type.name().toLowerCase(Locale.ROOT);
      GraphValue in = builder.input("in." + name, type, batch, Dimension.of(3));
      GraphValue same = builder.op("Identity", type, List.of(in));
      builder.output("out." + name, same, batch, Dimension.of(3));
    }
    OnnxModel model = builder.build();
    TritonText.Config config = TritonText.read(TritonConfig.of("toy", model));
    assertThat(config.mostAtOnce()).as("its batch is an axis like others").isZero();
    assertThat(config.inputs()).hasSize(ElementType.values().length);
    assertThat(config.inputs())
        .extracting(TritonText.Port::type)
        .contains("TYPE_FP32", "TYPE_FP16", "TYPE_INT64", "TYPE_INT32", "TYPE_UINT8", "TYPE_BOOL");
    assertThat(config.outputs())
        .extracting(TritonText.Port::dimensions)
        .containsOnly(List.of(-1L, 3L));
  }

  @Test
  void theParserRefusesWhatTritonWould() {
    assertThatThrownBy(() -> TritonText.read("name: \"x\" max_batch: 3"))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("max_batch");
    assertThatThrownBy(() -> TritonText.read("input [ { data_type: TYPE_FLOAT } ]"))
        .isInstanceOf(AssertionError.class);
  }
}
