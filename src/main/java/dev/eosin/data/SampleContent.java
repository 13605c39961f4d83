package dev.eosin.data;

import java.util.List;

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
  /// @param closed whether the answer is one of a few, such as yes and no
  record QuestionAnswer(String question, String answer, boolean closed) implements SampleContent {}

  /// A conversation; whoever is asked speaks last.
  record Conversation(List<Turn> turns) implements SampleContent {
    public Conversation {
      turns = List.copyOf(turns);
    }
  }

  /// What one side says.
  ///
  /// @param asks whether it is the side that asks
  record Turn(boolean asks, String text) {}
}
