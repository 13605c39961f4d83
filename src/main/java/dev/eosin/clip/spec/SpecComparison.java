package dev.eosin.clip.spec;

import dev.eosin.nn.Dropout;
import dev.eosin.tower.BertText;
import dev.eosin.tower.Causal;
import dev.eosin.tower.EndOfText;
import dev.eosin.tower.ImageSpec;
import dev.eosin.tower.TextSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/// Where two descriptions of one model contradict each other. Image size, context length and
/// dropout are left out: they may be changed.
public final class SpecComparison {
  private SpecComparison() {}

  /// One clause for each contradiction, what `one` says first.
  public static List<String> differences(ClipSpec one, ClipSpec other) {
    List<String> differences = new ArrayList<>();
    add(differences, "activation", activation(one), activation(other));
    add(differences, "embedding size", one.embedSize(), other.embedSize());
    ImageSpec size = other.image();
    addTower(differences, "image", one.image().withSize(size.height(), size.width()), size);
    TextSpec text = one.text().withContext(other.text().context());
    if (text instanceof Causal ours && other.text() instanceof Causal theirs) {
      add(differences, "end of text", endOfText(ours), endOfText(theirs));
      addTower(differences, "text", withoutRule(ours), withoutRule(theirs));
    } else {
      addTower(differences, "text", withoutDropout(text), withoutDropout(other.text()));
    }
    return List.copyOf(differences);
  }

  private static void add(List<String> differences, String what, Object one, Object other) {
    if (!Objects.equals(one, other)) {
      differences.add("%s %s against %s".formatted(what, one, other));
    }
  }

  private static void addTower(List<String> differences, String tower, Object one, Object other) {
    if (!one.equals(other)) {
      differences.add(ArchitectureWords.differences(tower, one.toString(), other.toString()));
    }
  }

  private static Causal withoutRule(Causal text) {
    return new Causal(
        text.context(),
        text.vocabulary(),
        text.hiddenSize(),
        text.layers(),
        text.heads(),
        text.mlpSize(),
        new EndOfText.LargestId());
  }

  /// Dropout is a matter of training steps: the weights mean the same with any.
  private static TextSpec withoutDropout(TextSpec text) {
    return text instanceof BertText bert ? bert.with(Dropout.NONE) : text;
  }

  /// In words.
  public static String activation(ClipSpec spec) {
    return spec.activation().name().toLowerCase(Locale.ROOT);
  }

  /// In words. The largest id of the vocabulary is found by either rule: they say the same of it.
  public static String endOfText(Causal text) {
    return switch (text.endOfText()) {
      case EndOfText.LargestId() -> "at the largest id";
      case EndOfText.FirstOf(int id) ->
          id == text.vocabulary() - 1 ? "at the largest id" : "at the first id " + id;
    };
  }
}
