package dev.eosin.language.graphs;

import dev.eosin.eval.Answerer;
import dev.eosin.eval.Answerer.Question;
import dev.eosin.language.generation.GrowingSequences;
import java.io.IOException;
import java.util.List;

/// A model that answers beside its own graphs, opened by onnxruntime: both are asked the same.
public interface GraphAnswers extends AutoCloseable {
  /// What is done with two answers that have begun.
  @FunctionalInterface
  interface Comparison {
    /// @param model what Eosin computes, a row for each question; closed by who gives it
    /// @param graphs what onnxruntime computes, the same rows; closed by who gives it
    void of(GrowingSequences model, GrowingSequences graphs) throws IOException;
  }

  /// Begins answers of both to some questions.
  ///
  /// @param most tokens that an answer may have
  /// @throws IOException when a question cannot be asked
  void compare(List<Question> questions, int most, Comparison comparison) throws IOException;

  /// Computes the first token of an answer block by block, so that an engine that is listened to
  /// tells of each: searches compute some of them together.
  ///
  /// @throws IOException when a question cannot be asked
  void blocks(Question question) throws IOException;

  /// The model of the two.
  Answerer answerer();

  @Override
  void close() throws IOException;
}
