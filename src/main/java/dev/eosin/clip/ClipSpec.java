package dev.eosin.clip;

import dev.eosin.nn.Activation;

/// A CLIP architecture.
///
/// @param embedSize length of the shared embedding
/// @param image the image tower
/// @param text the text tower
/// @param activation of CLIP's own transformers, in both towers; other kinds bring their own
/// @param logitBias whether a bias is added to the logits, as SigLIP's loss needs it
public record ClipSpec(
    int embedSize, Image image, Text text, Activation activation, boolean logitBias) {
  /// An architecture without a logit bias.
  public ClipSpec(int embedSize, Image image, Text text, Activation activation) {
    this(embedSize, image, text, activation, false);
  }

  /// An image tower: which kind, and its sizes.
  public sealed interface Image permits Vit, TimmImage {
    /// Height of the input in pixels.
    int height();

    /// Width of the input in pixels.
    int width();

    /// Side of a patch in pixels.
    int patch();

    /// Width c of the tokens.
    int hiddenSize();

    /// Number of blocks.
    int layers();

    /// Tokens of one image.
    int tokens();

    /// Floating-point operations of one image, forward only.
    double flops(int embedSize);

    /// The same tower for another input size in pixels.
    Image withSize(int height, int width);
  }

  /// A text tower: which kind, and its sizes.
  public sealed interface Text permits Causal, BertText {
    /// Longest caption in tokens.
    int context();

    /// Number of token ids.
    int vocabulary();

    /// Width c of the tokens.
    int hiddenSize();

    /// Number of blocks.
    int layers();

    /// Floating-point operations of one caption of so many tokens, forward only.
    double flops(int captionTokens, int embedSize);

    /// The same tower for another longest caption.
    Text withContext(int context);
  }

  /// CLIP's vision transformer.
  ///
  /// @param height of the input in pixels
  /// @param width of the input in pixels
  /// @param patch side of a patch in pixels
  /// @param hiddenSize width c of the tokens
  public record Vit(
      int height, int width, int patch, int hiddenSize, int layers, int heads, int mlpSize)
      implements Image {
    public Vit {
      requirePatchFits(height, width, patch);
    }

    /// The class token and the grid of patches.
    @Override
    public int tokens() {
      return 1 + (height / patch) * (width / patch);
    }

    @Override
    public double flops(int embedSize) {
      return patchFlops(this, tokens() - 1)
          + blockFlops(tokens(), hiddenSize, 2.0 * mlpSize, layers)
          + 2.0 * hiddenSize * embedSize;
    }

    @Override
    public Vit withSize(int height, int width) {
      return new Vit(height, width, patch, hiddenSize, layers, heads, mlpSize);
    }
  }

  /// CLIP's causal text transformer.
  ///
  /// @param context longest caption in tokens
  /// @param vocabulary number of token ids
  /// @param endOfText which token of a caption is pooled
  public record Causal(
      int context,
      int vocabulary,
      int hiddenSize,
      int layers,
      int heads,
      int mlpSize,
      EndOfText endOfText)
      implements Text {
    @Override
    public double flops(int captionTokens, int embedSize) {
      return blockFlops(captionTokens, hiddenSize, 2.0 * mlpSize, layers)
          + 2.0 * hiddenSize * embedSize;
    }

    @Override
    public Causal withContext(int context) {
      return new Causal(context, vocabulary, hiddenSize, layers, heads, mlpSize, endOfText);
    }
  }

  /// Where a caption is pooled.
  public sealed interface EndOfText {
    /// At its largest id, the first of equals: open_clip, and Hugging Face configs with
    /// `eos_token_id` 2.
    record LargestId() implements EndOfText {}

    /// At the first occurrence of one id: newer Hugging Face configs.
    record FirstOf(int id) implements EndOfText {}
  }

  /// The same towers for another input.
  ///
  /// @param height of the image in pixels
  /// @param width of the image in pixels
  /// @param context longest caption in tokens
  public ClipSpec withInput(int height, int width, int context) {
    return new ClipSpec(
        embedSize, image.withSize(height, width), text.withContext(context), activation, logitBias);
  }

  /// The same with another text tower.
  ClipSpec withText(Text other) {
    return new ClipSpec(embedSize, image, other, activation, logitBias);
  }

  /// The same towers with a logit bias.
  public ClipSpec withLogitBias() {
    return withLogitBias(true);
  }

  /// The same towers with a logit bias or without.
  ClipSpec withLogitBias(boolean biased) {
    return new ClipSpec(embedSize, image, text, activation, biased);
  }

  /// Multiply-adds counted as two, for one image and one caption of `captionTokens`, forward only.
  public double forwardFlops(int captionTokens) {
    return imageFlops() + textFlops(captionTokens);
  }

  /// Floating-point operations of one image, forward only.
  public double imageFlops() {
    return image.flops(embedSize);
  }

  /// Floating-point operations of one caption, forward only.
  public double textFlops(int captionTokens) {
    return text.flops(captionTokens, embedSize);
  }

  static void requirePatchFits(int height, int width, int patch) {
    if (patch < 1 || height < patch || width < patch) {
      throw new IllegalArgumentException(
          "image: a patch of %d px does not fit %d x %d px".formatted(patch, height, width));
    }
  }

  static double patchFlops(Image image, int patches) {
    return 2.0 * patches * 3 * image.patch() * image.patch() * image.hiddenSize();
  }

  /// @param mlpColumns elements of one row of all the MLP's matrices, per hidden size
  static double blockFlops(int tokens, int width, double mlpColumns, int layers) {
    double linear = 2.0 * tokens * (4.0 * width * width + width * mlpColumns);
    double attention = 4.0 * tokens * tokens * width;
    return layers * (linear + attention);
  }

  /// Matrix products from a vector of the first size to one of the last.
  static double chainFlops(int... sizes) {
    double flops = 0;
    for (int i = 1; i < sizes.length; i++) {
      flops += 2.0 * sizes[i - 1] * sizes[i];
    }
    return flops;
  }
}
