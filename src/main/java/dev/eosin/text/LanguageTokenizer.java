package dev.eosin.text;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.config.DataException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The tokenizer of a language model, from the files of a Hugging Face folder.
///
/// Read are, the first that is there: `tokenizer.json` of any kind; a sentencepiece model
/// (`tokenizer.model`, `spiece.model`); `vocab.json` with `merges.txt` of a GPT-2 or OPT. What
/// `tokenizer_config.json`, `special_tokens_map.json` and `added_tokens.json` say beside it is
/// obeyed as transformers does; where they contradict the vocabulary, the folder is refused.
///
/// A sentencepiece model puts begin of text before a text if it has one, else end of text after it,
/// unless the configuration says otherwise; text after a special token begins with a blank as the
/// model's very first text does, unless `legacy` is false. Decoded text is as the vocabulary spells
/// it: `clean_up_tokenization_spaces` is not honoured.
///
/// Nothing of it changes after it is opened; safe for use by many threads. Runs on the library that
/// [HuggingFaceClipTokenizer] says more of.
public final class LanguageTokenizer implements AutoCloseable {
  private final Path file;
  private final Map<String, Integer> ids;
  private final Set<String> specialTexts;
  private final GuardedText guarded;
  private final Optional<String> chatTemplate;
  private final NativeTokenizer tokenizer;
  private final SpecialTokens special;
  private final NavigableMap<Integer, String> tokens;
  private final boolean hiddenSpecial;
  private final byte[] literalJson;
  private final Map<Integer, Integer> literalIds;
  private final Object opening = new Object();
  private @Nullable NativeTokenizer literal;

  private LanguageTokenizer(TokenizerFiles files, NativeTokenizer tokenizer) {
    this.tokenizer = tokenizer;
    file = files.file();
    ids = Map.copyOf(files.ids());
    specialTexts = Set.copyOf(files.special());
    guarded = new GuardedText(specialTexts);
    chatTemplate = files.config().chatTemplate();
    special =
        new SpecialTokens(
            files.id("bos_token"),
            files.id("eos_token"),
            files.id("pad_token"),
            files.id("unk_token"));
    tokens = new TreeMap<>();
    ids.forEach((token, id) -> tokens.put(id, token));
    hiddenSpecial = files.hiddenSpecial();
    // Bytes are a tenth of what the parsed JSON of a large vocabulary takes.
    literalJson = JsonText.bytes(files.literal(guarded::disguise));
    literalIds = Map.copyOf(files.literalIds());
  }

  /// @param path a folder of the Hugging Face format, or its `tokenizer.json` or `.model` file
  /// @throws DataException when there is no tokenizer, a file is broken, or files contradict each
  ///   other
  public static LanguageTokenizer open(Path path) throws IOException {
    return open(path, List.of());
  }

  /// As [#open(Path)] with special tokens that the files may lack, such as `<image>`: those that
  /// they lack get the ids behind all others. The model's table need not have rows for them.
  ///
  /// @throws DataException as [#open(Path)]
  public static LanguageTokenizer open(Path path, List<String> more) throws IOException {
    TokenizerFiles files = TokenizerFiles.read(path, more);
    NativeTokenizer tokenizer = opened(files);
    try {
      Optional<JsonNode> around = files.otherEnds(tokenizer.ids("", true));
      if (around.isPresent()) {
        tokenizer.close();
        files.json().set("post_processor", around.get());
        tokenizer = opened(files);
      }
      return new LanguageTokenizer(files, tokenizer);
    } catch (IOException | RuntimeException e) {
      tokenizer.close();
      throw e;
    }
  }

  private static NativeTokenizer opened(TokenizerFiles files) throws IOException {
    return NativeTokenizer.open(files.file(), JsonText.bytes(files.json()));
  }

  /// The ids of a text. Special tokens that are spelled out in it are recognised: for text that the
  /// program wrote, such as a rendered conversation.
  ///
  /// @param around whether begin and end of text are put around it, as the model's files say
  public int[] encode(String text, boolean around) {
    return tokenizer.ids(text, around);
  }

  /// The ids of a text that a user wrote, in which everything is text: `</s>` becomes the pieces of
  /// its characters, as with `split_special_tokens=True` in transformers. Nothing is put around it.
  ///
  /// Only special tokens are taken apart; added tokens that are ordinary text stay whole. A unigram
  /// model is stricter than transformers, whose library still finds the token among its pieces.
  public int[] encodeText(String text) {
    return isText(text) ? tokenizer.ids(text, false) : literally(text).ids();
  }

  /// As [#encode], with the part of the text that each id stands for.
  public EncodedText encodeWithParts(String text, boolean around) {
    return tokenizer.spans(text, around);
  }

  /// As [#encodeText], with the part of the text that each id stands for.
  public EncodedText encodeTextWithParts(String text) {
    return isText(text) ? tokenizer.spans(text, false) : literally(text);
  }

  private boolean isText(String text) {
    return !hiddenSpecial && specialTexts.stream().noneMatch(text::contains);
  }

  private EncodedText literally(String text) {
    return renumbered(literal().spans(GuardedText.undisguised(text), false));
  }

  private EncodedText renumbered(EncodedText found) {
    int[] numbers = found.ids().clone();
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = literalIds.getOrDefault(numbers[i], numbers[i]);
    }
    return new EncodedText(numbers, found.starts(), found.ends());
  }

  /// What a person says, before it is put into words of the program that [#encodeGuarded] reads:
  /// special tokens that are spelled out in it stay text there.
  ///
  /// @param acting special tokens that mean the same whoever writes them, such as `<image>`
  /// @throws DataException when the text holds code points that are no characters
  public String guard(String said, Set<String> acting) throws DataException {
    return guarded.guard(said, acting);
  }

  /// The text as it reads, of one in which parts are guarded.
  public String unguarded(String text) {
    return guarded.plain(text);
  }

  /// The ids of a text of the program with guarded parts: special tokens that the program spelled
  /// act, those in guarded parts are text. Nothing is put around it. Without a special token in a
  /// guarded part the ids are those of [#encode].
  ///
  /// @return with parts of the text as it reads
  public EncodedText encodeGuarded(String text) {
    if (!hiddenSpecial && !GuardedText.isGuarded(text)) {
      return tokenizer.spans(text, false);
    }
    GuardedText.Disguised disguised = guarded.disguised(text);
    EncodedText found = renumbered(literal().spans(disguised.text(), false));
    int[] places = disguised.places();
    return new EncodedText(
        found.ids(),
        Arrays.stream(found.starts()).map(at -> places[at]).toArray(),
        Arrays.stream(found.ends()).map(at -> places[at]).toArray());
  }

  // A second vocabulary is held only where a text needs it.
  private NativeTokenizer literal() {
    synchronized (opening) {
      NativeTokenizer opened = literal;
      if (opened == null) {
        try {
          opened = NativeTokenizer.open(file, literalJson);
        } catch (IOException e) {
          throw new IllegalStateException(file + ": without special tokens", e);
        }
        literal = opened;
      }
      return opened;
    }
  }

  /// The text of some ids. Ids without a token, such as a model's spare rows, add nothing.
  ///
  /// @param skipSpecial whether special tokens are left out
  public String decode(int[] ids, boolean skipSpecial) {
    return tokenizer.decode(ids, skipSpecial);
  }

  /// The id of the token that is spelled so in the vocabulary.
  public OptionalInt id(String token) {
    Integer id = ids.get(token);
    return id == null ? OptionalInt.empty() : OptionalInt.of(id);
  }

  /// The spelling of a token in the vocabulary, empty for an id without a token.
  public Optional<String> token(int id) {
    return Optional.ofNullable(tokens.get(id));
  }

  /// The number of tokens, added ones included.
  public int vocabularySize() {
    return tokens.size();
  }

  public int largestId() {
    return tokens.lastKey();
  }

  public SpecialTokens specialTokens() {
    return special;
  }

  /// How every special token is spelled.
  public Set<String> specialSpellings() {
    return specialTexts;
  }

  /// The template of conversations (Jinja), where the files have one.
  public Optional<String> chatTemplate() {
    return chatTemplate;
  }

  /// The file that the vocabulary comes from.
  public Path file() {
    return file;
  }

  /// Refuses a model that has no row for some of the tokens. A model may have more rows.
  ///
  /// @param rows of the model's embedding
  /// @param model names the model's file in the message
  public void requireRows(int rows, String model) throws DataException {
    if (largestId() >= rows) {
      throw new DataException(
          "%s: its largest id is %d ('%s'), but %s has a vocabulary of %d (ids to %d); the tokenizer"
                  .formatted(
                      file(), largestId(), tokens.lastEntry().getValue(), model, rows, rows - 1)
              + " is another model's, or tokens were added without rows for them");
    }
  }

  /// Refuses a tokenizer whose begin and end of text are not the model's: it is another model's.
  ///
  /// @param bos the model's begin of text; not compared where either has none
  /// @param ends every id that ends the model's answers; not compared where empty
  /// @param model names the model's file in the message
  public void requireSameEnds(OptionalInt bos, Set<Integer> ends, String model)
      throws DataException {
    if (bos.isPresent() && special.bos().isPresent() && !bos.equals(special.bos())) {
      throw disagreement("bos_token", special.bos().getAsInt(), model, bos.getAsInt() + "");
    }
    if (!ends.isEmpty() && special.eos().isPresent() && !ends.contains(special.eos().getAsInt())) {
      String theirs = Arrays.toString(ends.stream().sorted().toArray());
      throw disagreement("eos_token", special.eos().getAsInt(), model, theirs);
    }
  }

  private DataException disagreement(String role, int id, String model, String theirs) {
    return new DataException(
        "%s: %s is '%s' (id %d), but %s has %s_id %s; is the tokenizer another model's?"
            .formatted(file(), role, tokens.get(id), id, model, role, theirs));
  }

  @Override
  public void close() {
    synchronized (opening) {
      tokenizer.close();
      if (literal != null) {
        literal.close();
      }
    }
  }
}
