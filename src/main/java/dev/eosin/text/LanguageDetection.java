package dev.eosin.text;

import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import opennlp.tools.langdetect.Language;
import opennlp.tools.langdetect.LanguageDetectorME;
import opennlp.tools.langdetect.LanguageDetectorModel;

/// Tells the language of a text by its runs of one to three letters: Apache OpenNLP's detector with
/// its model of 103 languages. Thread safe.
///
/// Confidences of short texts are flat (0.02 for the likeliest language), so that a text is judged
/// by how many times likelier another language is than those that are asked for.
public final class LanguageDetection {
  /// Names the model: what it says of a text never changes.
  public static final String MODEL = "langdetect-183.bin";

  /// A language is told by fewer letters; a page of them would take seconds.
  private static final int LONGEST = 250;

  private final LanguageDetectorModel model;
  private final Set<String> languages;

  private LanguageDetection(LanguageDetectorModel model) {
    this.model = model;
    languages =
        Set.copyOf(
            new HashSet<>(Arrays.asList(new LanguageDetectorME(model).getSupportedLanguages())));
  }

  /// What was found of a text.
  ///
  /// @param likeliest the language, as ISO 639-3 has it, such as `deu`
  /// @param times how many times likelier it is than the likeliest of those that were asked for; 1
  ///   where it is one of them
  public record Found(String likeliest, double times) {
    @Override
    public String toString() {
      return String.format(Locale.ROOT, "%s is %.2f times as likely", likeliest, times);
    }
  }

  /// Loads the model, which takes a second.
  ///
  /// @throws DataException when the program's own files are damaged
  public static LanguageDetection load() throws DataException {
    try (InputStream in = LanguageDetection.class.getResourceAsStream("/" + MODEL)) {
      if (in == null) {
        throw new DataException(
            MODEL + ": is missing among the program's libraries; install it anew");
      }
      return new LanguageDetection(new LanguageDetectorModel(in));
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw new DataException(MODEL + ": cannot be read: " + AtomicFile.reason(e), e);
    }
  }

  /// All languages that it knows, by ISO 639-3.
  public Set<String> languages() {
    return languages;
  }

  /// Judges the first 250 characters of a text.
  ///
  /// @param wanted at least one of [#languages]
  public Found of(String text, Set<String> wanted) {
    String beginning = text.length() > LONGEST ? text.substring(0, LONGEST) : text;
    Language[] all = new LanguageDetectorME(model).predictLanguages(beginning);
    double best =
        Arrays.stream(all)
            .filter(language -> wanted.contains(language.getLang()))
            .mapToDouble(Language::getConfidence)
            .max()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "no language is one of "
                            + wanted.stream().sorted().collect(Collectors.joining(", "))));
    return new Found(all[0].getLang(), all[0].getConfidence() / best);
  }
}
