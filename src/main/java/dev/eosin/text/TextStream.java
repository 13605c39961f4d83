package dev.eosin.text;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// The text of an answer while its ids arrive one by one, without ever giving half a character, and
/// ending at the first stop string.
///
/// A step gives nothing while the text so far ends in U+FFFD (bytes of an unfinished character), or
/// where the id adds nothing. What may yet become a stop string is kept back; of several the one
/// that is complete first counts, and the text ends before it. How the ids cut the text changes
/// nothing. Special tokens are no text.
///
/// For one thread. Source: `DecodeStream` of tokenizers 0.23.
public final class TextStream {
  private static final char UNFINISHED = '\uFFFD';

  private final LanguageTokenizer tokenizer;
  private final StopStrings stops;
  private int[] ids = {};
  private String given = "";
  private int givenIds;

  /// @param stops texts that end the answer; none is empty
  public TextStream(LanguageTokenizer tokenizer, List<String> stops) {
    this.tokenizer = tokenizer;
    this.stops = new StopStrings(stops);
  }

  /// The text that an id makes certain; often empty.
  ///
  /// @throws IllegalStateException after a stop string
  public String step(int id) {
    if (stop().isPresent()) {
      throw new IllegalStateException("the text has ended at the stop string");
    }
    ids = Arrays.copyOf(ids, ids.length + 1);
    ids[ids.length - 1] = id;
    String text = tokenizer.decode(ids, true);
    if (text.length() <= given.length() || text.charAt(text.length() - 1) == UNFINISHED) {
      return "";
    }
    return stops.take(fresh(text));
  }

  /// What is new in the text of the ids held; of those, the ones that it came with stay as context,
  /// as a token's spelling may depend on the one before.
  private String fresh(String text) {
    String fresh = text.substring(wholeFrom(text, given.length()));
    int before = ids.length - givenIds;
    ids = Arrays.copyOfRange(ids, givenIds, ids.length);
    given = tokenizer.decode(ids, true);
    givenIds = before;
    return fresh;
  }

  /// Bytes that turn out ill-formed may change text that was given before: what follows must then
  /// not begin inside a character.
  private static int wholeFrom(String text, int from) {
    boolean inside =
        from > 0
            && Character.isLowSurrogate(text.charAt(from))
            && Character.isHighSurrogate(text.charAt(from - 1));
    return inside ? from + 1 : from;
  }

  /// The rest of the text when no more ids come: what was kept back, unfinished characters as
  /// U+FFFD. Empty after a stop string.
  public String finish() {
    if (stop().isPresent()) {
      return "";
    }
    String text = tokenizer.decode(ids, true);
    String rest = stops.take(text.length() > given.length() ? fresh(text) : "");
    return stop().isPresent() ? rest : rest + stops.rest();
  }

  /// The stop string that the text has ended at.
  public Optional<String> stop() {
    return stops.found();
  }
}
