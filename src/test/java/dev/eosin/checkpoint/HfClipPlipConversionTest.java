package dev.eosin.checkpoint;

import dev.eosin.ParityCase;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Golden case hf-clip-plip: its weights under both names, converted bit for bit.
@Tag("parity")
class HfClipPlipConversionTest {
  private final ClipConversion conversion = new ClipConversion(ParityCase.open("hf-clip-plip"));
  @TempDir Path folder;

  @Test
  void tablesAgreeWithTheNameMap() throws IOException {
    conversion.tablesAgreeWithTheNameMap();
  }

  @Test
  void huggingFaceBecomesOpenClip() throws IOException {
    conversion.huggingFaceBecomesOpenClip(folder);
  }

  @Test
  void openClipBecomesHuggingFace() throws IOException {
    conversion.openClipBecomesHuggingFace(folder);
  }

  @Test
  void pytorchModelBinHoldsTheSameWeights() throws IOException {
    conversion.pytorchModelBinHoldsTheSameWeights();
  }
}
