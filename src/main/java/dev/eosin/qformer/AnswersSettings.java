package dev.eosin.qformer;

import dev.eosin.config.DataException;
import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.language.stored.Base;
import dev.eosin.language.stored.LanguageFolder;
import dev.eosin.language.stored.T5Gelu;
import dev.eosin.text.LanguageTokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/// `language` of a second stage.
@Doc("The language model that answers; it stays as it is.")
public record AnswersSettings(
    @Doc(
            "A folder of Hugging Face's (LLaMA's kind, Mistral, Qwen2, OPT, T5), or a run of kind language.")
        Path path,
    @Doc("Where the tokenizer is, when it is not in the folder.") Optional<Path> otherTokenizer,
    @Doc(
            "What becomes of the weights: used in place, copied to fp32, or, of decoders alone, their linears rounded to int8 in memory, a scale for each output.")
        @OrElse("mapped")
        Base base,
    @Doc(
            "Of a T5 of v1.1's kind (FlanT5): which GELU it computes; without it the one that its config.json names, which is tanh of FlanT5's own folders. BLIP-2, InstructBLIP and LAVIS compute the exact one.")
        Optional<T5Gelu> gelu) {
  /// @throws DataException as [FrozenAnswers#open]
  public FrozenAnswers open() throws DataException {
    return open(Optional.empty());
  }

  /// As above.
  ///
  /// @param otherBase instead of what is said here
  public FrozenAnswers open(Optional<Base> otherBase) throws DataException {
    return FrozenAnswers.open(path, otherBase.orElse(base), gelu);
  }

  /// Where the tokenizer's files are.
  public Path tokenizerPath() throws DataException {
    return otherTokenizer.isPresent() ? otherTokenizer.get() : LanguageFolder.of(path);
  }

  /// The tokenizer, compared with the model. Close it.
  ///
  /// @throws DataException when it is missing, broken or another model's
  public LanguageTokenizer tokenizer() throws IOException {
    LanguageTokenizer opened = LanguageTokenizer.open(tokenizerPath());
    try {
      LanguageFolder.open(LanguageFolder.of(path)).require(opened);
      return opened;
    } catch (DataException | RuntimeException | Error e) {
      opened.close();
      throw e;
    }
  }
}
