package dev.eosin.albef;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.eosin.ParityCase;
import dev.eosin.checkpoint.Layout;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.language.TokenMask;
import dev.eosin.language.rows.CaptionRows;
import dev.eosin.nn.Activation;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tensor;
import dev.eosin.tower.Vit;
import dev.eosin.train.HardNegatives;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// The recorded steps of PA-LLaVA's own PLIP: model, queue, rows, what the peer computed.
record RecordedAlbef(
    JsonNode config,
    Albef model,
    Layout layout,
    ParameterSet parameters,
    FeatureQueue queue,
    StoredTensors inputs,
    StoredTensors expected)
    implements AutoCloseable {
  static final Engine ENGINE = Engine.start(Device.CPU, 2);
  private static final ParityCase CASE = ParityCase.open("albef-plip");

  static RecordedAlbef open() throws IOException {
    JsonNode config = new JsonMapper().readTree(CASE.text("config.json"));
    Albef model = model(config);
    Layout layout = AlbefNames.whole(model);
    ParameterSet parameters = ParameterSet.allocate(ENGINE, model.specs(), DType.FLOAT32);
    Map<String, List<Long>> shapes =
        model.weights().stream()
            .collect(
                Collectors.toMap(
                    Weight::name, weight -> Arrays.stream(weight.shape()).boxed().toList()));
    int embedSize = config.required("embed_dim").intValue();
    var queue = new FeatureQueue(ENGINE, config.required("queue_size").intValue(), embedSize);
    try (StoredTensors file = StoredTensors.open(CASE.file("model.safetensors"))) {
      StoredTensors own = layout.read(file, shapes);
      for (Weight weight : model.weights()) {
        try (Tensor values = ENGINE.of(own.floats(weight.name()), weight.shape())) {
          parameters.assign(weight.name(), values);
        }
      }
      fill(queue.images(), file.floats("image_queue"));
      fill(queue.texts(), file.floats("text_queue"));
    }
    return new RecordedAlbef(
        config,
        model,
        layout,
        parameters,
        queue,
        StoredTensors.open(CASE.file("inputs.safetensors")),
        StoredTensors.open(CASE.file("expected.safetensors")));
  }

  private static void fill(Tensor into, float[] columns) {
    try (Tensor values = ENGINE.of(turned(columns, (int) into.size(1)), into.shape())) {
      ENGINE.kernels().run("assign", into, values);
    }
  }

  /// Rows from columns.
  ///
  /// @param rows of what is given
  static float[] turned(float[] values, int rows) {
    int columns = values.length / rows;
    float[] turned = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      turned[i % columns * rows + i / columns] = values[i];
    }
    return turned;
  }

  static Albef model(JsonNode config) {
    JsonNode vision = config.required("vision_config");
    JsonNode text = config.required("text_config");
    assertThat(vision.required("hidden_act").textValue()).isEqualTo("quick_gelu");
    assertThat(vision.required("layer_norm_eps").doubleValue()).isEqualTo(1e-5);
    assertThat(text.required("hidden_act").textValue()).isEqualTo("gelu");
    assertThat(text.required("hidden_dropout_prob").doubleValue()).isZero();
    int size = vision.required("image_size").intValue();
    Vit vit =
        new Vit(
            size,
            size,
            vision.required("patch_size").intValue(),
            vision.required("hidden_size").intValue(),
            vision.required("num_hidden_layers").intValue(),
            vision.required("num_attention_heads").intValue(),
            vision.required("intermediate_size").intValue());
    var spec =
        new TextSpec(
            text.required("num_hidden_layers").intValue(),
            text.required("hidden_size").intValue(),
            text.required("num_attention_heads").intValue(),
            text.required("intermediate_size").intValue(),
            text.required("encoder_hidden_size").intValue(),
            text.required("vocab_size").intValue(),
            text.required("max_position_embeddings").intValue(),
            text.required("layer_norm_eps").doubleValue());
    return Albef.of(
        vit,
        Activation.QUICK_GELU,
        spec,
        config.required("embed_dim").intValue(),
        0.07,
        config.required("enc_token_id").intValue());
  }

  int steps() throws IOException {
    return inputs.header("alpha").shape().getFirst().intValue();
  }

  double alpha(int step) throws IOException {
    return inputs.floats("alpha")[step];
  }

  /// The rows of a step; close their pixels.
  AlbefStep.Rows rows(int step) throws IOException {
    long[] shape = shape("pixel_values");
    float[] all = inputs.floats("pixel_values");
    int size = all.length / (int) shape[0];
    Tensor pixels =
        ENGINE.of(
            Arrays.copyOfRange(all, step * size, (step + 1) * size),
            Arrays.copyOfRange(shape, 1, shape.length));
    return new AlbefStep.Rows(pixels, captions(step), uniforms(step));
  }

  private CaptionRows captions(int step) throws IOException {
    long[] shape = shape("input_ids");
    int rows = (int) shape[1];
    int width = (int) shape[2];
    int from = step * rows * width;
    int to = from + rows * width;
    long[] ids = Arrays.copyOfRange(inputs.longs("input_ids"), from, to);
    long[] mask = Arrays.copyOfRange(inputs.longs("attention_mask"), from, to);
    return new CaptionRows(ids, new TokenMask(rows, width, mask));
  }

  private List<HardNegatives.Uniforms> uniforms(int step) throws IOException {
    float[] images = inputs.floats("uniform_image_of_text");
    float[] texts = inputs.floats("uniform_text_of_image");
    int b = (int) shape("uniform_image_of_text")[1];
    return IntStream.range(step * b, step * b + b)
        .mapToObj(i -> new HardNegatives.Uniforms(images[i], texts[i]))
        .toList();
  }

  private long[] shape(String name) throws IOException {
    return inputs.header(name).shape().stream().mapToLong(Long::longValue).toArray();
  }

  void assertSame(String name, float[] ours, double tolerance) throws IOException {
    assertClose(name, ours, expected.floats(name), tolerance);
  }

  static void assertClose(String name, float[] ours, float[] theirs, double tolerance) {
    assertThat(ours).as(name).hasSameSizeAs(theirs);
    double largest = 0;
    for (int i = 0; i < ours.length; i++) {
      largest = Math.max(largest, Math.abs(ours[i] - theirs[i]));
    }
    assertThat(largest).as(name).isCloseTo(0, within(tolerance));
  }

  @Override
  public void close() {
    parameters.close();
    queue.close();
    inputs.close();
    expected.close();
  }
}
