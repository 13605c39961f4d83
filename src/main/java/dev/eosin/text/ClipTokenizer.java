package dev.eosin.text;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/// CLIP's tokenizer exactly as open_clip has it (`SimpleTokenizer`, its default clean-up): the
/// caption is repaired and lower-cased, split into words, and each word byte pair encoded.
///
/// Safe for use by many threads at once. The words `<start_of_text>` and `<end_of_text>` in a
/// caption become the ids of that name. Rows are padded with 0.
public final class ClipTokenizer implements Tokenizer {
  // 65,536 words of at most 64 characters are about 8 MiB; rarer words are encoded again.
  private static final int CACHED_WORDS = 1 << 16;
  private static final int LONGEST_CACHED = 64;

  private final ClipVocabulary vocabulary;
  private final BytePairMerges merges;
  private final ConcurrentMap<String, int[]> cache = new ConcurrentHashMap<>();

  public ClipTokenizer(ClipVocabulary vocabulary) {
    this.vocabulary = vocabulary;
    merges = new BytePairMerges(vocabulary);
    for (int id : new int[] {vocabulary.startOfText(), vocabulary.endOfText()}) {
      cache.put(vocabulary.tokens().get(id), new int[] {id});
    }
  }

  /// The tokenizer of the vocabulary that ships with Eosin.
  public static ClipTokenizer load() {
    return new ClipTokenizer(ClipVocabulary.load());
  }

  @Override
  public int[] encode(String text, int contextLength) {
    if (contextLength < 1) {
      throw new IllegalArgumentException("context length must be at least 1, got " + contextLength);
    }
    int[] ids = new int[Math.min(contextLength, text.length() + 2)];
    int count = 0;
    ids[count++] = vocabulary.startOfText();
    CaptionWords words = new CaptionWords(CaptionCleaning.clean(text));
    while (count < contextLength && words.next()) {
      for (int id : idsOf(words.word())) {
        if (count == contextLength) {
          break;
        }
        if (count == ids.length) {
          ids = Arrays.copyOf(ids, Math.min(contextLength, 2 * count));
        }
        ids[count++] = id;
      }
    }
    if (count == contextLength) {
      ids[count - 1] = vocabulary.endOfText();
      return ids;
    }
    ids = Arrays.copyOf(ids, count + 1);
    ids[count] = vocabulary.endOfText();
    return ids;
  }

  @Override
  public int untruncatedLength(String text) {
    int count = 2;
    CaptionWords words = new CaptionWords(CaptionCleaning.clean(text));
    while (words.next()) {
      count += idsOf(words.word()).length;
    }
    return count;
  }

  @Override
  public int paddingId() {
    return 0;
  }

  @Override
  public int vocabularySize() {
    return vocabulary.size();
  }

  /// The caption as it is after repair and clean-up, before it is split into words.
  public String cleaned(String text) {
    return CaptionCleaning.clean(text);
  }

  /// The text of ids, start and end of text spelled out; bytes that are no UTF-8 become U+FFFD.
  ///
  /// @throws IllegalArgumentException when an id is not in the vocabulary
  public String decode(int... ids) {
    List<String> tokens = vocabulary.tokens();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(8 * ids.length);
    for (int id : ids) {
      if (id < 0 || id >= tokens.size()) {
        throw new IllegalArgumentException(
            "id %d is not in the vocabulary of %d".formatted(id, tokens.size()));
      }
      ByteAlphabet.bytes(tokens.get(id), bytes);
    }
    return bytes.toString(StandardCharsets.UTF_8).replace(ClipVocabulary.END_OF_WORD, " ");
  }

  private int[] idsOf(String word) {
    int[] known = cache.get(word);
    if (known != null) {
      return known;
    }
    int[] ids = merges.encode(word.getBytes(StandardCharsets.UTF_8));
    if (word.length() <= LONGEST_CACHED && cache.size() < CACHED_WORDS) {
      cache.putIfAbsent(word, ids);
    }
    return ids;
  }
}
