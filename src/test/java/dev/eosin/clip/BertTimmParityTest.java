package dev.eosin.clip;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.checkpoint.Layout;
import dev.eosin.checkpoint.SafetensorsFile;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.clip.spec.BertConfig;
import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.clip.spec.OpenClipConfig;
import dev.eosin.clip.stored.ClipWeights;
import dev.eosin.nn.BlockExecution;
import dev.eosin.tensor.Forward;
import dev.eosin.tensor.Tape;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import dev.eosin.tower.BertText;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Models of open_clip with a BERT text tower and a timm image tower, recorded by
/// `scripts/record-bert-timm-clip.py`.
@Tag("parity")
class BertTimmParityTest {
  private static final double TOLERANCE = 1e-4;

  @TempDir Path folder;

  static Stream<Arguments> casesAndExecutions() {
    return Stream.of("bert-timm-gelu", "bert-timm-swiglu", "bert-timm-plain")
        .flatMap(name -> ClipCase.executions().stream().map(how -> Arguments.of(name, how)));
  }

  /// Rows of the first recorded batch.
  private static Tensor first(ClipCase recorded, String name) throws IOException {
    try (Tensor all = ClipCase.tensor(recorded.inputs(), name)) {
      long[] rest = Arrays.copyOfRange(all.shape(), 1, all.shape().length);
      int size = (int) (all.elements() / all.size(0));
      return switch (all.dtype()) {
        case INT64 -> ClipCase.ENGINE.of(Arrays.copyOf(all.toLongs(), size), rest);
        default -> ClipCase.ENGINE.of(Arrays.copyOf(all.toFloats(), size), rest);
      };
    }
  }

  @ParameterizedTest
  @MethodSource("casesAndExecutions")
  void featuresLossAndEveryGradientMatch(String name, BlockExecution execution) throws IOException {
    try (ClipCase recorded = ClipCase.open(name)) {
      ClipSpec spec = OpenClipConfig.read(name, recorded.config());
      Layout layout = ClipWeights.openClip(spec);
      try (Clip clip = recorded.model(spec, layout, "model.safetensors", execution);
          Tape tape = new Tape(ClipCase.ENGINE);
          Tensor pixels = first(recorded, "images");
          Tensor ids = first(recorded, "texts")) {
        Value image = clip.imageFeatures(tape, pixels);
        Value text = clip.textFeatures(tape, ids);
        recorded.check("image_features", image.data(), TOLERANCE);
        recorded.check("text_features", text.data(), TOLERANCE);
        Value loss = PairLoss.CONTRASTIVE.of(tape, clip.logits(), image, text, List.of());
        recorded.check("clip_loss", loss.data(), TOLERANCE);
        var gradients = new TreeMap<String, float[]>();
        tape.backward(loss, (p, values) -> OpenClipParity.collect(gradients, p, values));
        recorded.checkGradients(clip, layout, gradients, TOLERANCE);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bert-timm-gelu", "bert-timm-swiglu", "bert-timm-plain"})
  void weightsGoOutAsTheyCameInToTheBit(String name) throws IOException {
    Path file = folder.resolve("open_clip_model.safetensors");
    try (ClipCase recorded = ClipCase.open(name)) {
      ClipSpec spec = OpenClipConfig.read(name, recorded.config());
      Layout layout = ClipWeights.openClip(spec);
      try (Clip clip = recorded.model(spec, layout, "model.safetensors", BlockExecution.PLAIN)) {
        layout.writePending(ClipWeights.tensors(clip), Map.of("format", "pt")).write(file);
      }
      try (StoredTensors written = SafetensorsFile.open(file);
          StoredTensors original =
              SafetensorsFile.open(recorded.files().file("model.safetensors"))) {
        var names = new TreeSet<>(original.names());
        names.removeAll(layout.unused(original));
        names.remove("text.transformer.embeddings.position_ids");
        assertThat(written.names()).isEqualTo(names);
        for (String tensor : names) {
          assertThat(written.entry(tensor).shape()).isEqualTo(original.entry(tensor).shape());
          assertThat(written.floats(tensor)).as(tensor).containsExactly(original.floats(tensor));
        }
      }
    }
  }

  @Test
  void aPoolerThatTheTowerDoesNotUseIsNamed() throws IOException {
    try (ClipCase recorded = ClipCase.open("bert-timm-gelu");
        StoredTensors file = SafetensorsFile.open(recorded.files().file("model.safetensors"))) {
      ClipSpec spec = OpenClipConfig.read("bert-timm-gelu", recorded.config());
      assertThat(ClipWeights.openClip(spec).unused(file))
          .containsExactly(
              "text.transformer.pooler.dense.bias", "text.transformer.pooler.dense.weight");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bert-timm-gelu", "bert-timm-swiglu", "bert-timm-plain"})
  void theConfigurationIsUnderstoodAgainAsItIsWritten(String name) throws IOException {
    try (ClipCase recorded = ClipCase.open(name)) {
      ClipSpec spec = OpenClipConfig.read(name, recorded.config());
      var json = new ObjectMapper();
      var beside = BertConfig.encoder((BertText) spec.text());
      assertThat(
              OpenClipConfig.read(
                  "written",
                  json.readTree(OpenClipConfig.write(spec).toString()),
                  Optional.of(json.readTree(beside.toString()))))
          .isEqualTo(spec);
    }
  }

  /// The mask, not the batch's width, decides: captions padded further have the same vectors.
  @ParameterizedTest
  @ValueSource(strings = {"bert-timm-gelu", "bert-timm-swiglu", "bert-timm-plain"})
  void paddingChangesNoVector(String name) throws IOException {
    try (ClipCase recorded = ClipCase.open(name)) {
      ClipSpec spec = OpenClipConfig.read(name, recorded.config());
      int padding = ((BertText) spec.text()).encoder().padding();
      List<long[]> rows = paddedCaptions(recorded, padding);
      int context = rows.getFirst().length;
      int longest = rows.stream().mapToInt(row -> words(row, padding)).max().orElseThrow();
      assertThat(longest).isLessThan(context);
      try (Clip clip =
              recorded.model(
                  spec,
                  ClipWeights.openClip(spec),
                  "model.safetensors",
                  new BlockExecution(true, true, 0));
          Forward graph = new Forward(ClipCase.ENGINE);
          Tensor wide = captions(rows, context);
          Tensor narrow = captions(rows, longest)) {
        float[] expected = clip.textFeatures(graph, wide).data().toFloats();
        ClipCase.check(
            "vectors", clip.textFeatures(graph, narrow).data().toFloats(), expected, 1e-6);
      }
    }
  }

  /// The recorded captions that end in padding.
  private static List<long[]> paddedCaptions(ClipCase recorded, int padding) throws IOException {
    try (Tensor ids = first(recorded, "texts")) {
      int context = (int) ids.size(1);
      long[] all = ids.toLongs();
      return IntStream.range(0, (int) ids.size(0))
          .mapToObj(row -> Arrays.copyOfRange(all, row * context, (row + 1) * context))
          .filter(row -> words(row, padding) < context)
          .toList();
    }
  }

  /// Ids before the padding.
  private static int words(long[] row, int padding) {
    int words = row.length;
    while (words > 0 && row[words - 1] == padding) {
      words--;
    }
    return words;
  }

  private static Tensor captions(List<long[]> rows, int length) {
    long[] ids = rows.stream().flatMapToLong(row -> Arrays.stream(row).limit(length)).toArray();
    return ClipCase.ENGINE.of(ids, rows.size(), length);
  }

  @Test
  void hiddenStatesOfEveryBlockAreGivenForAllTokens() throws IOException {
    try (ClipCase recorded = ClipCase.open("bert-timm-gelu")) {
      ClipSpec spec = OpenClipConfig.read("bert-timm-gelu", recorded.config());
      try (Clip clip =
              recorded.model(
                  spec, ClipWeights.openClip(spec), "model.safetensors", BlockExecution.PLAIN);
          Forward graph = new Forward(ClipCase.ENGINE);
          Tensor pixels = first(recorded, "images");
          Tensor ids = first(recorded, "texts")) {
        Value tokens = clip.imageTower().tokens(RecordedClip.plain(clip, graph), pixels);
        List<Value> image = RecordedClip.imageStates(clip, graph, tokens);
        assertThat(image).hasSize(spec.image().layers());
        assertThat(image.getLast().data().shape())
            .containsExactly(pixels.size(0), spec.image().tokens(), spec.image().hiddenSize());
        Value words = clip.textTower().tokens(RecordedClip.plain(clip, graph), ids);
        List<Value> text = RecordedClip.textStates(clip, graph, words, ids);
        assertThat(text).hasSize(spec.text().layers());
        assertThat(text.getLast().data().shape())
            .containsExactly(ids.size(0), ids.size(1), spec.text().hiddenSize());
      }
    }
  }
}
