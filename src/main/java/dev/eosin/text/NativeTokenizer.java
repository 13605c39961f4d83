package dev.eosin.text;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.CharSpan;
import dev.eosin.config.DataException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Hugging Face's own library, given one `tokenizer.json`; safe for use by many threads.
final class NativeTokenizer implements AutoCloseable {
  private static final Map<String, String> WHOLE_ROWS =
      Map.of("truncation", "false", "padding", "false", "addSpecialTokens", "true");

  private final HuggingFaceTokenizer tokenizer;

  private NativeTokenizer(HuggingFaceTokenizer tokenizer) {
    this.tokenizer = tokenizer;
  }

  /// @param file stands for the JSON in messages
  /// @throws DataException when the library refuses it
  static NativeTokenizer open(Path file, byte[] json) throws IOException {
    try (var in = new ByteArrayInputStream(json)) {
      return new NativeTokenizer(HuggingFaceTokenizer.newInstance(in, WHOLE_ROWS));
    } catch (LinkageError e) {
      throw new DataException(
          "the native library of Hugging Face tokenizers does not load on this machine: "
              + e.getMessage(),
          e);
    } catch (RuntimeException e) {
      throw new DataException(
          file + ": not a tokenizer of the Hugging Face format: " + e.getMessage(), e);
    }
  }

  int[] ids(String text, boolean around) {
    return ids(encoding(text, around));
  }

  private Encoding encoding(String text, boolean around) {
    return tokenizer.encode(TextRepair.replaceLoneSurrogates(text), around, false);
  }

  private static int[] ids(Encoding encoding) {
    return Arrays.stream(encoding.getIds()).mapToInt(Math::toIntExact).toArray();
  }

  /// The library counts code points; the result counts UTF-16 units.
  EncodedText spans(String text, boolean around) {
    Encoding encoding = encoding(text, around);
    @Nullable CharSpan[] spans = encoding.getCharTokenSpans();
    int[] starts = new int[spans.length];
    int[] ends = new int[spans.length];
    int[] units = units(text);
    for (int i = 0; i < spans.length; i++) {
      CharSpan span = spans[i];
      starts[i] = span == null ? 0 : units[span.getStart()];
      ends[i] = span == null ? 0 : units[span.getEnd()];
    }
    return new EncodedText(ids(encoding), starts, ends);
  }

  /// Where each code point of a text starts, and after the last one its end.
  private static int[] units(String text) {
    int[] units = new int[text.codePointCount(0, text.length()) + 1];
    for (int i = 1; i < units.length; i++) {
      units[i] = text.offsetByCodePoints(units[i - 1], 1);
    }
    return units;
  }

  String decode(int[] ids, boolean skipSpecial) {
    return tokenizer.decode(Arrays.stream(ids).asLongStream().toArray(), skipSpecial);
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
