package dev.eosin.data;

import java.util.List;
import java.util.Optional;

/// What a sample says about its images.
public sealed interface SampleContent {
  /// Captions, of which a step draws one.
  ///
  /// @param captions at least one where the source trains; empty for label-only evaluation sources
  record Captions(List<Caption> captions) implements SampleContent {
    public Captions {
      captions = List.copyOf(captions);
    }
  }

  /// A question and its answer.
  ///
  /// @param kind how the answer is judged
  /// @param options that the answer is one of, in their order; empty where it is free
  /// @param fact what it asks for, where the source says it
  /// @param told the facts in words, for someone who does not see the image, where the source knows
  ///   them
  record QuestionAnswer(
      String question,
      String answer,
      Kind kind,
      List<String> options,
      Optional<String> fact,
      Optional<String> told)
      implements SampleContent {
    /// How an answer is judged.
    public enum Kind {
      /// By its words.
      OPEN,
      /// As yes or no.
      CLOSED,
      /// As one of the options.
      CHOICE
    }

    public QuestionAnswer {
      options = List.copyOf(options);
    }

    /// A question about an image of which nothing is known in words.
    public QuestionAnswer(
        String question, String answer, Kind kind, List<String> options, Optional<String> fact) {
      this(question, answer, kind, options, fact, Optional.empty());
    }
  }

  /// A conversation; whoever is asked speaks last.
  record Conversation(List<Turn> turns) implements SampleContent {
    public Conversation {
      turns = List.copyOf(turns);
    }
  }

  /// Text alone, all of which a language model may learn.
  record Document(String text) implements SampleContent {}

  /// What one side says.
  ///
  /// @param asks whether it is the side that asks
  record Turn(boolean asks, String text) {}
}
