package dev.eosin.qformer;

import dev.eosin.language.generation.GrowingSequences;
import dev.eosin.nn.Part;
import dev.eosin.nn.Pass;
import dev.eosin.tensor.Value;
import java.util.List;
import java.util.Optional;

/// A frozen language model that answers prompts behind the tokens of an image. b rows, q tokens of
/// an image, d hidden size.
public sealed interface Answers permits DecoderAnswers, T5Answers {
  /// d
  int width();

  /// How many ids there are.
  int vocabulary();

  /// In the order of the forward pass.
  List<Part> parts();

  /// The summed cross entropy of answers alone, divided by `weight`. []
  ///
  /// @param images [b,q,d]; not released
  /// @param prompts ids of each row, what begins a text included
  /// @param answers ids of each row, what ends a text included; at least one
  Value loss(Pass pass, Value images, List<int[]> prompts, List<int[]> answers, double weight);

  /// Prompts whose answers are to grow.
  ///
  /// @param images [b,q,d]; not released
  /// @param prompts ids of each row, what begins a text included
  /// @param more tokens that each answer may have
  GrowingSequences sequences(Pass pass, Value images, List<int[]> prompts, int more);

  /// The state of a prompt's last token behind each block, see
  /// [dev.eosin.language.Decoder#lastStates]; none of an encoder, whose last token is not what
  /// answers.
  ///
  /// @param images [1,q,d]; not released
  Optional<float[][]> lastStates(Pass pass, Value images, int[] prompt);
}
