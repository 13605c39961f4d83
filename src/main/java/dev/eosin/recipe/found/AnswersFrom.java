package dev.eosin.recipe.found;

import dev.eosin.caption.LlmSettings;
import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.config.OrElse;
import dev.eosin.language.generation.GenerationSettings;
import dev.eosin.language.rows.DialogueFormat;
import dev.eosin.language.stored.Base;
import dev.eosin.language.stored.StoredLanguage;
import dev.eosin.prepare.PreparationSettings;
import java.nio.file.Path;
import java.util.Optional;

/// The key `answers`: whose answers are scored; the key `type` chooses.
@Doc("Whose answers are scored.")
public sealed interface AnswersFrom {
  /// Answers that are there.
  @Named("file")
  @Doc("A file of answers, as docs/formats.md has it, of Eosin's or of any other program.")
  record File(@Doc("The file, one JSON object a line.") Path path) implements AnswersFrom {}

  /// A model of this machine is asked.
  @Named("language-model")
  @Doc(
      "A stored model, which is asked; one of language alone sees no picture. Its answers go into"
          + " answers.jsonl, with which a run that was killed goes on.")
  record LanguageModel(
      @Doc("A run of kind language or qformer-instruct, or a folder of Hugging Face's.") Path path,
      @Doc("Adapters beside it: a folder of peft's, or a run's.") Optional<Path> adapter,
      @Doc(
              "What becomes of a language model's weights: used in place, copied to fp32, or, of"
                  + " decoders alone, their linears rounded to int8 in memory; without it as a"
                  + " run's recipe says, of others used in place.")
          Optional<Base> base,
      @Doc(
              "How questions and answers are put into words; without it as in training, and as they"
                  + " are where the folder does not say.")
          Optional<DialogueFormat> dialogue,
      @Doc(
              "How text is generated, up to asking.most-tokens; without it as the folder's"
                  + " generation_config.json says.")
          Optional<GenerationSettings> generation)
      implements AnswersFrom {
    /// @throws IllegalArgumentException where a question would get several answers
    public LanguageModel {
      if (generation.isPresent() && generation.get().search().sequences() > 1) {
        throw new IllegalArgumentException(
            "generation.search.sequences: a question gets one answer here; leave it out");
      }
    }

    /// Another model, asked alike.
    public LanguageModel of(Path other) {
      return new LanguageModel(other, Optional.empty(), base, dialogue, generation);
    }

    public StoredLanguage.Wanted wanted() {
      return new StoredLanguage.Wanted(path, adapter, dialogue, false, base);
    }
  }

  /// A service is asked.
  @Named("service")
  @Doc(
      "A language model behind an OpenAI-compatible service, which is shown the pictures; every"
          + " answer is kept with its request before it is used, and none is paid for twice.")
  record Service(
      @Doc("What the service is asked for.") LlmSettings llm,
      @Doc("How many answers are in work at once, and what may be spent.") @OrElse("{}")
          PreparationSettings work)
      implements AnswersFrom {
    /// @throws IllegalArgumentException for a budget that cannot be kept, or questions that would
    ///   be left out
    public Service {
      if (work.failed() == PreparationSettings.Failed.REJECT) {
        throw new IllegalArgumentException(
            "work.failed: reject would score some questions and not others; write open");
      }
      try {
        llm.checkBudget(work.budget());
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("work." + e.getMessage(), e);
      }
    }
  }
}
