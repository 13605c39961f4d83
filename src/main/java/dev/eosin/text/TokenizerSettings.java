package dev.eosin.text;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import java.io.IOException;
import java.nio.file.Path;

/// `data.text.tokenizer`: which tokenizer a model's text tower reads.
public sealed interface TokenizerSettings {
  /// The tokenizer, ready for use by many threads.
  ///
  /// @throws IOException when a file it needs cannot be read
  default Tokenizer open() throws IOException {
    return switch (this) {
      case ClipBpe() -> ClipTokenizer.load();
      case HuggingFace(Path path) -> HuggingFaceClipTokenizer.open(path);
      case Bert(Path path, boolean repair) -> BertTokenizer.open(path, repair);
    };
  }

  /// open_clip's own tokenizer.
  @Doc("CLIP's vocabulary as open_clip uses it: captions repaired and lower-cased, padded with 0.")
  record ClipBpe() implements TokenizerSettings {}

  /// A tokenizer of a Hugging Face model.
  @Doc("The tokenizer of a Hugging Face model, padded with the token its configuration names.")
  record HuggingFace(
      @Doc("The file tokenizer.json, or the model's folder that holds it.") Path path)
      implements TokenizerSettings {}

  /// The WordPiece tokenizer of a text tower of BERT kind.
  @Doc("The WordPiece tokenizer of a text tower of BERT kind, padded with the file's [PAD].")
  record Bert(
      @Doc("The file tokenizer.json, or the model's folder that holds it.") Path path,
      @Doc("Repair captions and decode HTML entities first, as open_clip does.") @OrElse("true")
          boolean repair)
      implements TokenizerSettings {}
}
