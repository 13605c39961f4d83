package dev.eosin.clip;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.clip.spec.OpenClipConfig;
import dev.eosin.nn.BlockExecution;
import dev.eosin.random.RandomKey;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.Tape;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// CUDA's fused AdamW takes gradients only in the strides of their parameters, to the number, even
/// for dimensions of one element. Batches of one pair are where others come from.
@Tag("parity")
class GradientStridesTest {
  private static final int TOKENS = 9;

  @ParameterizedTest
  @CsvSource({
    "openclip-gelu, FLOAT32, 0",
    "openclip-gelu, BFLOAT16, 0",
    "bert-timm-gelu, FLOAT32, 2",
    "bert-timm-swiglu, FLOAT32, 2",
    "bert-timm-swiglu, BFLOAT16, 2",
    "bert-timm-plain, FLOAT32, 1"
  })
  void theOptimiserSeesThoseOfTheParameters(String name, DType compute, int least)
      throws IOException {
    ClipSpec spec;
    try (ClipCase recorded = ClipCase.open(name)) {
      spec = OpenClipConfig.read(name, recorded.config());
    }
    for (BlockExecution how : ClipCase.executions()) {
      try (Clip clip = Clip.allocate(ClipCase.ENGINE, spec, compute, true, how)) {
        clip.initialise(new RandomKey(0));
        assertThat(otherStrides(clip)).hasSizeGreaterThanOrEqualTo(least);
      }
    }
  }

  /// Parameters whose gradients lie otherwise before they are laid out.
  private static List<String> otherStrides(Clip clip) {
    var other = new ArrayList<String>();
    try (Tape tape = new Tape(ClipCase.ENGINE);
        Tensor pixels = pixels(clip.spec());
        Tensor ids = ids(clip.spec())) {
      Value loss =
          PairLoss.CONTRASTIVE.of(
              tape,
              clip.logits(),
              clip.imageFeatures(tape, pixels),
              clip.textFeatures(tape, ids),
              List.of());
      tape.backward(
          loss,
          (ready, gradients) -> {
            List<Tensor> masters = ready.stream().map(Parameter::master).toList();
            List<Tensor> laidOut =
                ClipCase.ENGINE.kernels().list("laid_out_as", masters, gradients);
            for (int i = 0; i < masters.size(); i++) {
              long[] strides = masters.get(i).strides();
              assertThat(laidOut.get(i).strides()).as(ready.get(i).name()).isEqualTo(strides);
              if (!Arrays.equals(gradients.get(i).strides(), strides)) {
                other.add(ready.get(i).name());
              }
            }
            laidOut.forEach(Tensor::close);
            gradients.forEach(Tensor::close);
          });
    }
    return other;
  }

  private static Tensor pixels(ClipSpec spec) {
    long[] shape = {1, 3, spec.image().height(), spec.image().width()};
    return ClipCase.ENGINE.kernels().one("zeros", shape, DType.FLOAT32.scalarType(), DEVICE);
  }

  private static final String DEVICE = Device.CPU.torchName();

  private static Tensor ids(ClipSpec spec) {
    long[] ids = new long[TOKENS];
    for (int i = 0; i < TOKENS; i++) {
      ids[i] = i + 1L;
    }
    ids[0] = spec.text().vocabulary() - 2;
    ids[TOKENS - 1] = spec.text().vocabulary() - 1;
    return ClipCase.ENGINE.of(ids, 1, TOKENS);
  }
}
