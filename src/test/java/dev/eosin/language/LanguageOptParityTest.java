package dev.eosin.language;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.ParityCase;
import dev.eosin.nn.Pass;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class LanguageOptParityTest extends DecoderParity {
  private static final String CASE = "language-opt";

  LanguageOptParityTest() {
    super(CASE);
  }

  @Test
  void greedyIdsAreTheRecordedOnes() throws IOException {
    ParityCase parity = ParityCase.open(CASE);
    RecordedGreedy greedy = RecordedGreedy.open(parity);
    int width = greedy.width();
    int[] lengths = new int[greedy.rows()];
    long[] mask = greedy.prompts("attention_mask");
    for (int row = 0; row < lengths.length; row++) {
      lengths[row] =
          (int) Arrays.stream(mask, row * width, row * width + width).filter(m -> m == 1).count();
    }
    Columns columns = Columns.endingTogether(width, lengths);
    try (RecordedDecoder recorded =
            RecordedDecoder.open(parity, RecordedDecoder.ENGINE, Adapters.NONE, false);
        Tensor ids =
            RecordedDecoder.ENGINE.of(greedy.prompts("input_ids"), lengths.length, width)) {
      for (RecordedGreedy.Run run : greedy.runs()) {
        Pass pass = recorded.forward();
        Value tokens = recorded.decoder().embed(pass, ids);
        int most = width + run.most();
        try (RowMemory memory = recorded.decoder().remember(pass, lengths.length, most)) {
          RecordedGreedy.assertSame(run, memory, memory.begin(tokens.data(), columns));
        }
        pass.graph().close();
      }
    }
  }

  @Test
  void aRowBeyondTheLearnedPositionsIsRefused() throws IOException {
    try (RecordedDecoder recorded =
        RecordedDecoder.open(ParityCase.open(CASE), RecordedDecoder.ENGINE, Adapters.NONE, false)) {
      Opt opt = (Opt) recorded.decoder();
      int width = opt.spec().context() + 1;
      Pass pass = recorded.forward();
      assertThatThrownBy(() -> opt.places(pass, Columns.whole(width), 0, width))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("a row of %d tokens".formatted(width))
          .hasMessageContaining("cut it");
      // The same row fits where padding precedes it.
      opt.places(pass, new Columns(width, 1), 0, width).close();
      pass.graph().close();
    }
  }
}
