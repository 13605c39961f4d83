package dev.eosin.qformer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.checkpoint.SafetensorsWriter;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.features.ImageFeatures;
import dev.eosin.file.AtomicFile;
import dev.eosin.language.TokenMask;
import dev.eosin.language.rows.CaptionRows;
import dev.eosin.nn.Activation;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Dropout;
import dev.eosin.nn.Pass;
import dev.eosin.nn.Weight;
import dev.eosin.onnx.GraphCase;
import dev.eosin.onnx.GraphPrecision;
import dev.eosin.onnx.Opset;
import dev.eosin.onnx.runtime.GraphSession;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomStream;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Forward;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tensor;
import dev.eosin.tower.ImageTower;
import dev.eosin.tower.Vit;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What a language model is given of images, as a graph against the kernels, on sizes that are
/// drawn: of images alone, and beside instructions of unlike lengths.
class ReaderGraphTest {
  private static final int ROWS = 3;

  @TempDir private Path folder;

  private record Model(ImageFeatures tower, ImageReader reader) {
    static Model of(long seed, boolean instructed) {
      RandomStream draw = new RandomKey(seed).stream(RandomKey.Purpose.INITIALISATION, 2, 0);
      int towerHeads = draw.nextInt(1, 4);
      int patch = draw.nextInt(2, 5);
      int side = patch * draw.nextInt(1, 4);
      int width = towerHeads * draw.nextInt(2, 7);
      Vit vit = new Vit(side, side, patch, width, 2, towerHeads, draw.nextInt(5, 30));
      int heads = draw.nextInt(1, 5);
      var spec =
          new QFormerSpec(
              draw.nextInt(1, 5),
              heads * draw.nextInt(2, 9),
              heads,
              draw.nextInt(5, 40),
              width,
              draw.nextInt(1, 4),
              draw.nextInt(1, 7),
              instructed ? Optional.of(new QFormerSpec.Words(23, 12)) : Optional.empty(),
              1e-12,
              Dropout.NONE);
      var qformer = new QFormer("qformer", spec);
      return new Model(
          new ImageFeatures(ImageTower.of("image", vit, 7, Activation.GELU), -1, true),
          new ImageReader(
              new ImageNorm("image-norm", width, 1e-5),
              qformer,
              new LanguageProjection("language-projection", spec.width(), 11)));
    }

    List<Weight> weights() {
      List<Weight> weights = new ArrayList<>(tower.weights());
      reader.parts().forEach(part -> weights.addAll(part.weights()));
      return weights;
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 2, 3, 4, 5})
  void theyGiveWhatTheKernelsGive(long seed) throws IOException {
    for (boolean instructed : new boolean[] {false, true}) {
      Model model = Model.of(seed, instructed);
      assertThat(compare(model, seed, GraphPrecision.FP32)).as("%s", model).isLessThan(5e-5);
    }
  }

  @ParameterizedTest
  @EnumSource(GraphPrecision.class)
  void narrowNumbersStayNear(GraphPrecision precision) throws IOException {
    double most =
        switch (precision) {
          case FP32 -> 5e-5;
          case FP16 -> 0.02;
          case INT8 -> 0.5;
        };
    double found = compare(Model.of(2, true), 2, precision);
    assertThat(found).isLessThan(most);
    if (precision != GraphPrecision.FP32) {
      assertThat(found).isGreaterThan(5e-5);
    }
  }

  private double compare(Model model, long seed, GraphPrecision precision) throws IOException {
    List<ParameterSet.Spec> specs =
        model.weights().stream().map(weight -> weight.spec(false)).toList();
    try (ParameterSet parameters =
        ParameterSet.allocate(RecordedQFormer.ENGINE, specs, DType.FLOAT32)) {
      RandomStream stream = new RandomKey(seed).stream(RandomKey.Purpose.INITIALISATION, 0, 0);
      var writer = new SafetensorsWriter(Map.of());
      for (ParameterSet.Spec spec : specs) {
        boolean norm = spec.name().endsWith("norm.weight");
        parameters.fill(spec.name(), () -> (norm ? 1 : 0) + 0.3 * stream.nextGaussian());
      }
      for (Parameter parameter : parameters.all()) {
        writer.add(
            parameter.name(), TensorData.of(parameter.data().toFloats(), parameter.data().shape()));
      }
      Path file = folder.resolve("model.safetensors");
      writer.write(file);
      int side = model.tower.tower().spec().height();
      TensorData pixels = GraphCase.normal(seed + 9, 1, ROWS, 3, side, side);
      int words = 5;
      long[] ids = LongStream.range(0, ROWS * words).map(i -> (i * 7 + seed) % 23).toArray();
      long[] mask = new long[ids.length];
      Arrays.fill(mask, 1);
      mask[words - 1] = 0;
      mask[words - 2] = 0;
      try (StoredTensors weights = StoredTensors.open(file)) {
        Path graph = folder.resolve("model.onnx");
        var reader = new ReaderGraph(model.tower, model.reader, weights, Opset.DEFAULT, precision);
        AtomicFile.write(graph, reader.visionEncoder().file());
        Map<String, TensorData> inputs = new HashMap<>(Map.of("pixel_values", pixels));
        if (model.reader.instructed()) {
          inputs.put("qformer_input_ids", TensorData.of(ids, ROWS, words));
          inputs.put("qformer_attention_mask", TensorData.of(mask, ROWS, words));
        }
        try (GraphSession session = GraphSession.open(graph, 2)) {
          return GraphCase.difference(
              Objects.requireNonNull(session.run(inputs).get("image_features")),
              kernels(
                  model,
                  parameters,
                  pixels,
                  new CaptionRows(ids, new TokenMask(ROWS, words, mask))));
        }
      }
    }
  }

  private static TensorData kernels(
      Model model, ParameterSet parameters, TensorData pixels, CaptionRows instructions) {
    try (var graph = new Forward(RecordedQFormer.ENGINE);
        Tensor images = RecordedQFormer.ENGINE.of(pixels.floats(), pixels.dimensions())) {
      var pass = new Pass(graph, parameters, BlockExecution.PLAIN);
      Tensor found =
          model
              .reader
              .tokens(
                  pass,
                  model.tower.of(pass, images),
                  model.reader.instructed() ? Optional.of(instructions) : Optional.empty(),
                  Optional.empty())
              .data();
      return TensorData.of(found.toFloats(), found.shape());
    }
  }
}
