package dev.eosin.vllm;

import dev.eosin.ParityCase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The recorded model of LLaVA's training as a folder that can be asked.
public final class TinyVisionLanguage {
  private TinyVisionLanguage() {}

  /// @param folder to make
  public static Path in(Path folder) throws IOException {
    Path recorded = ParityCase.open("llava-train").folder();
    Files.createDirectories(folder);
    for (String name : List.of("config.json", "model.safetensors", "tokenizer.json")) {
      Files.copy(recorded.resolve(name), folder.resolve(name));
    }
    Files.writeString(
        folder.resolve("tokenizer_config.json"),
        "{\"bos_token\": \"<s>\", \"eos_token\": \"</s>\", \"unk_token\": \"<unk>\"}");
    return folder;
  }
}
