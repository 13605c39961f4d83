package dev.eosin.clip;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.checkpoint.Layout;
import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.clip.spec.OpenClipConfig;
import dev.eosin.clip.stored.ClipWeights;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Dropout;
import dev.eosin.tensor.Tape;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import dev.eosin.tower.BertText;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// A training step of open_clip whose BERT drops what recorded masks say; recorded by
/// `scripts/record-bert-dropout.py`.
@Tag("parity")
class BertDropoutParityTest {
  private static final double TOLERANCE = 1e-4;

  static Stream<BlockExecution> executions() {
    return ClipCase.executions().stream();
  }

  @ParameterizedTest
  @MethodSource("executions")
  void featuresLossAndEveryGradientMatch(BlockExecution execution) throws IOException {
    try (ClipCase recorded = ClipCase.open("bert-dropout")) {
      ClipSpec spec = OpenClipConfig.read("bert-dropout", recorded.config());
      Layout layout = ClipWeights.openClip(spec);
      try (Clip clip = recorded.model(spec, layout, "model.safetensors", execution);
          Tape tape = new Tape(ClipCase.ENGINE);
          Tensor pixels = ClipCase.tensor(recorded.inputs(), "images");
          Tensor ids = ClipCase.tensor(recorded.inputs(), "texts");
          Tensor seeds = ClipCase.tensor(recorded.inputs(), "seeds")) {
        Value image = clip.imageFeatures(tape, pixels);
        Value text = clip.textFeatures(tape, ids, Optional.empty(), Optional.of(seeds));
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

  @Test
  void masksAreTheRecordedOnes() throws IOException {
    try (ClipCase recorded = ClipCase.open("bert-dropout");
        Tensor seeds = ClipCase.tensor(recorded.inputs(), "seeds")) {
      JsonNode peer = recorded.config().at("/text_cfg/hf_model_config");
      var shares =
          new Dropout(
              peer.get("hidden_dropout_prob").doubleValue(),
              peer.get("attention_probs_dropout_prob").doubleValue());
      BertText text = (BertText) OpenClipConfig.read("bert-dropout", recorded.config()).text();
      assertThat(text.encoder().dropout()).isEqualTo(shares);
      long heads = text.encoder().heads();
      long tokens = recorded.inputs().entry("texts").shape().get(1);
      int sites = (int) seeds.size(1);
      long[] drawn = seeds.toLongs();
      for (int site = 0; site < sites; site++) {
        int column = site;
        long[] own =
            LongStream.range(0, seeds.size(0))
                .map(row -> drawn[(int) row * sites + column])
                .toArray();
        boolean attention = site % 3 == 1;
        long[] sizes =
            attention
                ? new long[] {heads, tokens, tokens}
                : new long[] {1, tokens, text.hiddenSize()};
        double share = attention ? shares.attention() : shares.hidden();
        try (Tensor one = ClipCase.ENGINE.of(own, own.length);
            Tensor out = ClipCase.ENGINE.kernels().one("left_out", one, sizes, share);
            Tensor numbers = ClipCase.ENGINE.kernels().one("to_host", out, 6)) {
          assertThat(numbers.toFloats())
              .as("mask " + site)
              .containsExactly(recorded.expected().floats("mask." + site));
        }
      }
    }
  }
}
