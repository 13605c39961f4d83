package dev.eosin.instruct;

import dev.eosin.file.FileDigest;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What questions depend on besides rows and seed; long texts by their digests.
final class InstructionPins {
  private InstructionPins() {}

  static Map<String, String> of(CaptionInstructionSettings settings) {
    Map<String, String> pins = new TreeMap<>();
    pins.put("key", settings.key());
    pins.put("image", settings.image());
    pins.put("caption", settings.caption());
    settings.label().ifPresent(field -> pins.put("label", field));
    settings.group().ifPresent(field -> pins.put("group", field));
    if (!settings.labelNames().isEmpty()) {
      pins.put("label-names", settings.labelNames().toString());
    }
    if (!settings.where().isEmpty()) {
      pins.put("where", settings.where().toString());
    }
    settings.mix().ifPresent(mix -> pins.put("mix", mix.toString()));
    settings.generated().ifPresent(generated -> add(pins, generated));
    settings.open().ifPresent(open -> add(pins, open));
    settings.closed().ifPresent(closed -> add(pins, closed));
    Map<String, String> named = new TreeMap<>();
    pins.forEach((name, value) -> named.put("instructions." + name, value));
    return named;
  }

  private static void add(Map<String, String> pins, GeneratedSettings generated) {
    generated.asked().pins().forEach((name, value) -> pins.put("generated." + name, value));
    pins.put("generated.pairs-expected", String.valueOf(generated.pairsExpected()));
    pins.put("generated.least-pairs", String.valueOf(generated.leastPairs()));
    pins.put("generated.forbidden", generated.forbidden().toString());
    pins.put("generated.without-numbers", String.valueOf(generated.withoutNumbers()));
  }

  private static void add(Map<String, String> pins, OpenSettings open) {
    pins.put("open.questions", named(open.questions()));
    pins.put("open.answer", open.answer());
    pins.put("open.per-caption", String.valueOf(open.perCaption()));
  }

  private static void add(Map<String, String> pins, ClosedSettings closed) {
    pins.put("closed.questions", named(closed.questions()));
    pins.put("closed.answers", closed.yes() + " / " + closed.no());
    pins.put("closed.per-caption", String.valueOf(closed.perCaption()));
  }

  private static String named(List<String> texts) {
    byte[] bytes = String.join("\n", texts).getBytes(StandardCharsets.UTF_8);
    try (var stream = new FileDigest.Stream(OutputStream.nullOutputStream())) {
      stream.write(bytes);
      return "%d of sha256 %s".formatted(texts.size(), stream.digest().sha256());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
