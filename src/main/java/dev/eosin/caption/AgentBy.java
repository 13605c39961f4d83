package dev.eosin.caption;

import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.language.generation.GenerationSettings;
import dev.eosin.language.rows.DialogueFormat;
import dev.eosin.language.stored.Base;
import dev.eosin.language.stored.StoredLanguage;
import dev.eosin.prepare.PreparationSettings.Limits;
import java.nio.file.Path;
import java.util.Optional;

/// Which model does a step; the key `type` chooses.
@Doc("Which model does the step.")
public sealed interface AgentBy {
  /// Checks that what may be spent can be counted.
  ///
  /// @param budget of `work`
  /// @throws IllegalArgumentException for a limit of money where nothing says what is charged
  default void checkBudget(Limits budget) {
    if (this instanceof Service(var llm)) {
      try {
        llm.checkBudget(budget);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("work." + e.getMessage(), e);
      }
    }
  }

  /// A service.
  @Named("service")
  @Doc("A language model behind an OpenAI-compatible service, which is shown the tile.")
  record Service(@Doc("What the service is asked for.") LlmSettings llm) implements AgentBy {}

  /// A model of this machine.
  @Named("language-model")
  @Doc("A stored model of this machine; two steps of the same settings share it.")
  record LanguageModel(
      @Doc("A run of kind vllm, qformer-instruct or language, or a folder of Hugging Face's.")
          Path path,
      @Doc("Adapters beside it: a folder of peft's, or a run's.") Optional<Path> adapter,
      @Doc(
              "What becomes of a language model's weights: used in place, copied to fp32, or, of"
                  + " decoders alone, their linears rounded to int8 in memory; without it as a"
                  + " run's recipe says, of others used in place.")
          Optional<Base> base,
      @Doc("How questions and answers are put into words; without it as in training.")
          Optional<DialogueFormat> dialogue,
      @Doc("How text is generated, up to most-tokens; without it as the folder says.")
          Optional<GenerationSettings> generation)
      implements AgentBy {
    /// @throws IllegalArgumentException where a question would get several answers
    public LanguageModel {
      if (generation.isPresent() && generation.get().search().sequences() > 1) {
        throw new IllegalArgumentException(
            "generation.search.sequences: a question gets one answer here; leave it out");
      }
    }

    /// What is opened.
    public StoredLanguage.Wanted wanted() {
      return new StoredLanguage.Wanted(path, adapter, dialogue, false, base);
    }
  }
}
