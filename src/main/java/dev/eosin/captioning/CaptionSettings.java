package dev.eosin.captioning;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import dev.eosin.data.settings.MixtureSettings;
import dev.eosin.data.settings.SourceSettings;
import dev.eosin.data.settings.SplitSettings;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The key `captions` of `kind: captions`.
@Doc("The rows, what is asked of each, and which answers are of use.")
public record CaptionSettings(
    @Doc(
            "describe: an image, told in words. enhance: an image with its caption, told in full."
                + " summarise: a caption, made shorter. attributes: of each kind of cancer what to"
                + " look for. findings: what a report says that can be seen.")
        CaptionTask task,
    @Doc("A table: .csv, .tsv, .parquet, or one JSON object a line.") Optional<Path> table,
    @Doc("In place of a table, any data with images; no mixture and no split.")
        Optional<SourceSettings> source,
    @Doc("The folder that image names of a table start from; without it the table's own folder.")
        Optional<Path> images,
    @Doc("Which fields hold what.") @OrElse("{}") Columns columns,
    @Doc(
            "What is asked, in place of the task's own words; {text}, {count}, {min} and {max} stand"
                + " for the row's text, the number of texts and the words of each.")
        Optional<String> prompt,
    @Doc(
            "json: an object is asked for, and nothing else is taken. text: the answer itself, of"
                + " lists one text a line; for models that write no JSON.")
        @OrElse("json")
        Answers answers,
    @Doc("Words of each text; without it as the task has them.") Optional<Span> words,
    @Doc("Texts of an answer, for attributes and findings; without it as the task has them.")
        Optional<Span> count,
    @Doc("Of captions, ids of CLIP's tokenizer that fit; more are asked for again.") @Range(min = 3)
        Optional<Integer> context,
    @Doc("Tokens of an answer at most.") @OrElse("512") @Range(min = 1) int mostTokens,
    @Doc(
            "How often a row is asked until its answer is of use; each time it is told what was wrong.")
        @OrElse("3")
        @Range(min = 1, max = 20)
        int attempts,
    @Doc(
            "strip: beginnings such as \"The image shows\" and sentences of advice are taken out."
                + " refuse: such an answer is of no use. keep: they stay, and are counted.")
        @OrElse("strip")
        Boilerplate boilerplate,
    @Doc(
            "A caption that more rows than so many get, to the letter, says nothing of any: all of"
                + " them are left out. Without it they are counted alone.")
        @Range(min = 1)
        Optional<Integer> sameAtMost,
    @Doc("Of rows that are kept, and of each reason, so many are shown on the page.")
        @OrElse("8")
        @Range(min = 0, max = 100)
        int shown) {
  /// How an answer is read.
  public enum Answers {
    JSON,
    TEXT
  }

  /// What becomes of phrases that say nothing.
  public enum Boilerplate {
    STRIP,
    REFUSE,
    KEEP
  }

  /// A range.
  @Doc("A range.")
  public record Span(
      @Doc("The least.") @Range(min = 0) int min, @Doc("The most.") @Range(min = 1) int max) {
    /// @throws IllegalArgumentException when it is empty
    public Span {
      if (min > max) {
        throw new IllegalArgumentException("min: %d is above max, %d".formatted(min, max));
      }
    }

    boolean has(int number) {
      return min <= number && number <= max;
    }

    String words() {
      return min == max ? String.valueOf(max) : min + " to " + max;
    }
  }

  /// What fields are called.
  @Doc("Which fields of the table hold what.")
  public record Columns(
      @Doc("Names a row for good; without it rows are numbered.") Optional<String> key,
      @Doc("The image's file, from the folder of images.") @OrElse("image") String image,
      @Doc("The caption, the report, or the words for a kind of cancer.") @OrElse("caption")
          String text,
      @Doc("Slide, patient, project or the like; written with every text. A table may lack it.")
          @OrElse("group")
          String group) {}

  /// @throws IllegalArgumentException unless there is one of table and source, and for settings
  ///   that the task has no use for
  public CaptionSettings {
    if (table.isPresent() == source.isPresent()) {
      throw new IllegalArgumentException("table: give either a table or a source");
    }
    if (source.isPresent() && images.isPresent()) {
      throw new IllegalArgumentException("images: a source knows where its images are");
    }
    if (source.isPresent()
        && (source.get() instanceof MixtureSettings || source.get() instanceof SplitSettings)) {
      throw new IllegalArgumentException("source: is made of parts; name its samples directly");
    }
    checkTask(task, prompt, count, context, sameAtMost);
  }

  private static void checkTask(
      CaptionTask task,
      Optional<String> prompt,
      Optional<Span> count,
      Optional<Integer> context,
      Optional<Integer> sameAtMost) {
    boolean list = task.form() == CaptionTask.Form.LIST;
    String name = task.name().toLowerCase(Locale.ROOT);
    if (!list && count.isPresent()) {
      throw new IllegalArgumentException("count: %s gives one caption a row".formatted(name));
    }
    if (list && (context.isPresent() || sameAtMost.isPresent())) {
      throw new IllegalArgumentException(
          "%s: is for captions, and %s gives lists"
              .formatted(context.isPresent() ? "context" : "same-at-most", name));
    }
    if (task.reads() && prompt.isPresent() && !prompt.get().contains("{text}")) {
      throw new IllegalArgumentException(
          "prompt: has no {text}, so that %s would never see the row's text".formatted(name));
    }
  }

  Span textWords() {
    return words.orElseGet(task::words);
  }

  Span texts() {
    return count.orElseGet(task::count);
  }

  /// What results depend on besides rows, seed and model.
  Map<String, String> pins() {
    Map<String, String> pins = new TreeMap<>();
    pins.put("captions.task", task.toString());
    pins.put("captions.columns", columns.toString());
    pins.put("captions.prompt", prompt.orElseGet(task::prompt));
    pins.put("captions.answers", answers.toString());
    pins.put("captions.words", textWords().toString());
    pins.put("captions.count", texts().toString());
    pins.put("captions.context", context.toString());
    pins.put("captions.most-tokens", String.valueOf(mostTokens));
    pins.put("captions.attempts", String.valueOf(attempts));
    pins.put("captions.boilerplate", boilerplate.toString());
    pins.put("captions.same-at-most", sameAtMost.toString());
    pins.put("captions.shown", String.valueOf(shown));
    return pins;
  }
}
