package dev.eosin.instruct;

import dev.eosin.caption.LlmSettings;
import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.config.OrElse;
import dev.eosin.prepare.RowPictures;
import java.nio.file.Path;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// `type: captions`: the table, and which ways its captions go.
@Named("captions")
@Doc(
    "A table of images with captions, labels or both, of which questions are made: by a language"
        + " model, from open templates, from closed ones, or by several of these ways.")
public record CaptionInstructionSettings(
    @Doc("A table, one image a row: .csv or .tsv, or one JSON object a line.") Path path,
    @Doc("The field that names a row for good: a text or a whole number, each once.") @OrElse("id")
        String key,
    @Doc("The field with the image's path.") @OrElse("image") String image,
    @Doc("The field with the caption; read where a question needs it.") @OrElse("caption")
        String caption,
    @Doc("The field with the label, for templates with {label}.") Optional<String> label,
    @Doc("The text of each label; without it the label is the text.") @OrElse("{}")
        Map<String, String> labelNames,
    @Doc(
            "The field with the slide or patient; a false statement is another group's. Without it"
                + " every image is a group.")
        Optional<String> group,
    @Doc("Keeps the rows whose fields have these values, for example { split: train }.")
        @OrElse("{}")
        Map<String, String> where,
    @Doc(RowPictures.ROOT) Optional<Path> pictures,
    @Doc("How many questions are wanted, and the ways' shares.") Optional<InstructionMix> mix,
    @Doc("Questions that a language model makes.") Optional<GeneratedSettings> generated,
    @Doc("Open questions from templates.") Optional<OpenSettings> open,
    @Doc("Closed questions from templates.") Optional<ClosedSettings> closed)
    implements InstructionSettings {
  /// @throws IllegalArgumentException where no way is given, a share has no way, or a template
  ///   wants labels that no field has
  public CaptionInstructionSettings {
    labelNames = Collections.unmodifiableMap(new LinkedHashMap<>(labelNames));
    where = Collections.unmodifiableMap(new LinkedHashMap<>(where));
    labelNames.forEach(
        (name, text) -> {
          if (text.isBlank()) {
            throw new IllegalArgumentException("label-names: '%s' has no text".formatted(name));
          }
        });
    if (generated.isEmpty() && open.isEmpty() && closed.isEmpty()) {
      throw new IllegalArgumentException(
          "generated: no questions are made; give generated, open or closed, or several of them");
    }
    mix.ifPresent(
        shares -> {
          requireWay(shares.generated(), generated, Way.GENERATED);
          requireWay(shares.open(), open, Way.OPEN);
          requireWay(shares.closed(), closed, Way.CLOSED);
        });
    if (label.isEmpty() && needs(open, closed).contains(Slots.LABEL)) {
      throw new IllegalArgumentException(
          "label: templates have {label}, and no field with labels is named");
    }
  }

  private static void requireWay(double share, Optional<?> settings, Way way) {
    if (share > 0 && settings.isEmpty()) {
      throw new IllegalArgumentException(
          "mix.%s: is %s, but %s is not given".formatted(way.word(), share, way.word()));
    }
  }

  private static Set<String> needs(Optional<OpenSettings> open, Optional<ClosedSettings> closed) {
    Set<String> all = new TreeSet<>();
    open.ifPresent(settings -> all.addAll(Slots.of(settings.answer())));
    closed.ifPresent(
        settings -> settings.questions().forEach(question -> all.addAll(Slots.of(question))));
    return all;
  }

  /// Whether captions are read at all.
  boolean readsCaptions() {
    return generated.isPresent() || needs(open, closed).contains(Slots.CAPTION);
  }

  /// What a language model is asked for; empty where none is asked.
  public Optional<LlmSettings> asks() {
    return ways().contains(Way.GENERATED)
        ? generated.map(GeneratedSettings::asked)
        : Optional.empty();
  }

  /// The ways that make questions.
  Set<Way> ways() {
    Set<Way> ways = EnumSet.noneOf(Way.class);
    generated.ifPresent(settings -> ways.add(Way.GENERATED));
    open.ifPresent(settings -> ways.add(Way.OPEN));
    closed.ifPresent(settings -> ways.add(Way.CLOSED));
    mix.ifPresent(shares -> ways.removeIf(way -> shares.share(way) == 0));
    return ways;
  }

  /// Questions that a caption is expected to give.
  double expected(Way way) {
    return switch (way) {
      case GENERATED -> generated.orElseThrow().pairsExpected();
      case OPEN -> open.orElseThrow().perCaption();
      case CLOSED -> closed.orElseThrow().perCaption();
    };
  }

  /// Whether a row has what a way needs.
  boolean serves(CaptionRow row, Way way) {
    return switch (way) {
      case GENERATED -> row.has(Slots.CAPTION);
      case OPEN -> row.hasAll(open.orElseThrow().answer());
      case CLOSED -> closed.orElseThrow().questions().stream().anyMatch(row::hasAll);
    };
  }
}
