package dev.eosin.language;

import dev.eosin.checkpoint.ElementCast;
import dev.eosin.checkpoint.SafetensorsWriter;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorHeader;
import dev.eosin.text.LanguageTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;

/// Makes models of random weights say whole characters alone. The text of others is ill-formed, and
/// ill-formed bytes read otherwise while text is streamed than when it is decoded at once.
public final class LegibleModel {
  private LegibleModel() {}

  /// Takes the scores of tokens away that are no text of their own: special ones and parts of
  /// characters.
  ///
  /// @param folder whose `model.safetensors` is changed
  public static Path in(Path folder) throws IOException {
    Path file = folder.resolve("model.safetensors");
    Path before = Files.move(file, folder.resolveSibling("before.safetensors"));
    var written = new SafetensorsWriter(Map.of("format", "pt"));
    try (StoredTensors weights = StoredTensors.open(before);
        LanguageTokenizer tokenizer = LanguageTokenizer.open(folder)) {
      String scores = scores(weights.names());
      for (String name : weights.names()) {
        TensorHeader header = weights.header(name);
        if (!name.equals(scores)) {
          written.add(name, ElementCast.of(weights, name, header.type()));
          continue;
        }
        float[] values = weights.floats(name);
        long width = header.shape().getLast();
        written.add(
            name,
            ElementCast.of(
                header.shape(),
                header.type(),
                at -> legible(tokenizer, (int) (at / width)) ? values[(int) at] : 0));
      }
      written.write(file);
    }
    Files.delete(before);
    return folder;
  }

  private static String scores(SortedSet<String> names) {
    for (String end : List.of("lm_head.weight", "embed_tokens.weight")) {
      for (String name : names) {
        if (name.endsWith(end)) {
          return name;
        }
      }
    }
    throw new IllegalArgumentException("no scores among " + names);
  }

  private static boolean legible(LanguageTokenizer tokenizer, int id) {
    String text = tokenizer.decode(new int[] {id}, true);
    return !text.isBlank() && text.indexOf('\uFFFD') < 0;
  }
}
