package dev.eosin.recipe.stored;

import dev.eosin.clip.spec.ClipFormat;
import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.clip.spec.Preprocessing;
import dev.eosin.clip.stored.StoredClip;
import dev.eosin.config.DataException;
import dev.eosin.config.Pixels;
import dev.eosin.file.AtomicFile;
import dev.eosin.file.FileDigest;
import dev.eosin.image.Filter;
import dev.eosin.image.transforms.EvaluationTransform;
import dev.eosin.image.transforms.ImageSettings;
import dev.eosin.image.transforms.InputSize;
import dev.eosin.image.transforms.Normalisation;
import dev.eosin.recipe.ClipRecipe;
import dev.eosin.text.Tokenizer;
import dev.eosin.text.TokenizerSettings;
import dev.eosin.tower.BertText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// How images and texts become a stored model's input: as its run's recipe says, or as the program
/// whose folder it is would do it.
///
/// @param images how images are prepared
/// @param settings of the tokenizer
/// @param tokenizer ready for use
record EmbedderInput(ImageSettings images, TokenizerSettings settings, Tokenizer tokenizer) {
  private static final String TOKENIZER = "tokenizer.json";
  private static final int CLIP_VOCABULARY = 49408;

  /// Of a run.
  static EmbedderInput of(ClipRecipe recipe) throws IOException {
    return of(recipe.data().image(), recipe.data().text().tokenizer());
  }

  private static EmbedderInput of(ImageSettings images, TokenizerSettings settings)
      throws IOException {
    return new EmbedderInput(images, settings, settings.open());
  }

  /// Of a folder or a file.
  ///
  /// @param notes to which is added what is not said and therefore assumed
  /// @throws DataException when preprocessing or tokenizer cannot be read, or there is no tokenizer
  static EmbedderInput of(StoredClip model, ClipSpec spec, List<String> notes) throws IOException {
    return of(images(model, spec, notes), tokenizer(model, spec, notes));
  }

  private static ImageSettings images(StoredClip model, ClipSpec spec, List<String> notes)
      throws DataException {
    Optional<Preprocessing> said =
        model.folder().isPresent() ? Preprocessing.in(model.folder().get()) : Optional.empty();
    if (said.isEmpty()) {
      notes.add(
          model.path()
              + ": does not say how images are prepared; they are as CLIP's own: bicubic, shortest side, OpenAI's mean and std");
    }
    boolean huggingFace =
        model.format() == ClipFormat.HUGGING_FACE && spec.image().height() == spec.image().width();
    ImageSettings plain =
        ImageSettings.plain(
            new InputSize(new Pixels(spec.image().height()), new Pixels(spec.image().width())),
            said.map(known -> new Normalisation(known.mean(), known.std()))
                .orElse(Normalisation.OPENAI));
    return plain.evaluatedLike(
        huggingFace ? EvaluationTransform.Rule.HUGGING_FACE : EvaluationTransform.Rule.OPEN_CLIP,
        said.map(Preprocessing::fit).orElse(EvaluationTransform.Fit.SHORTEST),
        said.map(Preprocessing::interpolation).orElse(Filter.BICUBIC));
  }

  /// open_clip takes its own tokenizer for CLIP's text transformer, whatever lies in the folder.
  private static TokenizerSettings tokenizer(StoredClip model, ClipSpec spec, List<String> notes)
      throws DataException {
    boolean bert = spec.text() instanceof BertText;
    boolean clips = !bert && spec.text().vocabulary() == CLIP_VOCABULARY;
    if (clips && model.format() != ClipFormat.HUGGING_FACE) {
      return new TokenizerSettings.ClipBpe();
    }
    Optional<Path> folder = model.folder().filter(in -> Files.isRegularFile(in.resolve(TOKENIZER)));
    if (folder.isPresent()) {
      return bert
          ? new TokenizerSettings.Bert(folder.get(), true)
          : new TokenizerSettings.HuggingFace(folder.get());
    }
    if (clips) {
      notes.add(model.path() + ": has no tokenizer.json; CLIP's own is taken");
      return new TokenizerSettings.ClipBpe();
    }
    throw new DataException(
        "%s: has no tokenizer.json, and its vocabulary of %d is not CLIP's; put its tokenizer's files into the folder"
            .formatted(model.path(), spec.text().vocabulary()));
  }

  /// @throws DataException when ids would reach beyond the vocabulary
  void requireFits(Path model, ClipSpec spec) throws DataException {
    if (tokenizer.vocabularySize() > spec.text().vocabulary()) {
      throw new DataException(
          "%s: its tokenizer has %d ids, the model %d; one of the two is another model's"
              .formatted(model, tokenizer.vocabularySize(), spec.text().vocabulary()));
    }
  }

  /// What an image's input depends on besides the image.
  ///
  /// @throws DataException when the reference of stains cannot be read
  String preprocessing() throws DataException {
    String text =
        "%s %s %s %s mean=%s std=%s exif=%s jpeg=%s"
            .formatted(
                images.size(),
                images.fit(),
                images.rule(),
                images.interpolation(),
                images.mean(),
                images.std(),
                images.exifOrientation(),
                images.jpegDecode());
    return images.stainNormalise().isEmpty()
        ? text
        : "%s stains=%s %s"
            .formatted(
                text,
                images.stainNormalise().get().method(),
                sha256(images.stainNormalise().get().reference()));
  }

  /// What a text's ids depend on besides the text.
  ///
  /// @throws DataException when the tokenizer's file cannot be read
  String tokenization() throws DataException {
    return switch (settings) {
      case TokenizerSettings.ClipBpe() -> "clip-bpe";
      case TokenizerSettings.HuggingFace(Path path) -> "hugging-face " + ofFiles(path);
      case TokenizerSettings.Bert(Path path, boolean repair) ->
          "bert repair=%s %s".formatted(repair, ofFiles(path));
    };
  }

  private static String ofFiles(Path path) throws DataException {
    Path file = Files.isDirectory(path) ? path.resolve(TOKENIZER) : path;
    Path config = file.resolveSibling("tokenizer_config.json");
    return sha256(file) + (Files.isRegularFile(config) ? " " + sha256(config) : "");
  }

  private static String sha256(Path file) throws DataException {
    try {
      return FileDigest.of(file).sha256();
    } catch (IOException e) {
      throw new DataException(file + ": cannot be read: " + AtomicFile.reason(e), e);
    }
  }
}
