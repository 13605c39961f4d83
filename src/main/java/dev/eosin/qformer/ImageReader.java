package dev.eosin.qformer;

import dev.eosin.language.rows.CaptionRows;
import dev.eosin.nn.Part;
import dev.eosin.nn.Pass;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import java.util.List;
import java.util.Optional;

/// The second stage of a Q-Former: what it reads of images becomes tokens of a frozen language
/// model ([Answers]). As in BLIP-2 it looks at the image alone, as in InstructBLIP it reads the
/// instruction beside it.
///
/// @param norm of the tower's tokens
/// @param qformer with words where it reads instructions
/// @param projection to the language model
public record ImageReader(ImageNorm norm, QFormer qformer, LanguageProjection projection) {
  /// @throws IllegalArgumentException when sizes do not fit each other
  public ImageReader {
    if (norm.width() != qformer.spec().imageWidth()
        || projection.from() != qformer.spec().width()) {
      throw new IllegalArgumentException(
          "an image tower of width %d, a Q-Former of width %d for images of width %d and a projection from %d do not fit each other"
              .formatted(
                  norm.width(),
                  qformer.spec().width(),
                  qformer.spec().imageWidth(),
                  projection.from()));
    }
  }

  /// In the order of the forward pass.
  public List<Part> parts() {
    return List.of(norm, qformer, projection);
  }

  /// Whether the Q-Former reads instructions.
  public boolean instructed() {
    return qformer.spec().words().isPresent();
  }

  /// Tokens of the images [b,q,d].
  ///
  /// @param states the tower's [b,m,e]; not released
  /// @param instructions what the Q-Former reads beside the images, where it reads any
  /// @param seeds of dropout, int64 [b,s]
  public Value tokens(
      Pass pass, Value states, Optional<CaptionRows> instructions, Optional<Tensor> seeds) {
    Value read = states(pass, states, instructions, seeds);
    Value tokens = projection.projected(pass, read, qformer.spec().queries());
    pass.release(read);
    return tokens;
  }

  /// States of the queries and of the instruction behind them. [b,n,c]
  ///
  /// @throws IllegalArgumentException when there are instructions and nothing reads them, or the
  ///   other way round
  Value states(
      Pass pass, Value states, Optional<CaptionRows> instructions, Optional<Tensor> seeds) {
    if (instructions.isPresent() != instructed()) {
      throw new IllegalArgumentException(
          instructed()
              ? "this Q-Former reads an instruction beside each image"
              : "this Q-Former reads no instructions");
    }
    Value normed = norm.normed(pass, states);
    List<Value> image = qformer.image(pass, normed);
    pass.release(normed);
    Value read =
        instructions
            .map(rows -> qformer.both(pass, image, rows.tensor(pass), rows.mask(), seeds))
            .orElseGet(() -> qformer.read(pass, image, seeds));
    image.forEach(pass::release);
    return read;
  }
}
