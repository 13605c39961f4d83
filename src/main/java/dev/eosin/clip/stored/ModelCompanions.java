package dev.eosin.clip.stored;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.clip.spec.BertConfig;
import dev.eosin.clip.spec.ClipConfigFile;
import dev.eosin.clip.spec.ClipFormat;
import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.clip.spec.HuggingFaceConfig;
import dev.eosin.clip.spec.OpenClipConfig;
import dev.eosin.clip.spec.Preprocessing;
import dev.eosin.config.DataException;
import dev.eosin.text.ClipVocabulary;
import dev.eosin.text.TokenizerExport;
import dev.eosin.text.TokenizerSettings;
import dev.eosin.tower.BertText;
import dev.eosin.tower.TowerNames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What belongs beside a model's weights: configuration, preprocessing, tokenizer. Taken from where
/// the weights lay, or from their run's recipe; what is not there is not made up.
///
/// @param source the model as it was found
/// @param preprocessing what its folder or recipe says, if it does
public record ModelCompanions(StoredClip source, Optional<Preprocessing> preprocessing) {
  private static final String TOKENIZER = "tokenizer.json";

  /// @throws DataException when the folder's preprocessing cannot be read
  public static ModelCompanions of(StoredClip source) throws DataException {
    if (source.input().isPresent()) {
      return new ModelCompanions(
          source, Optional.of(Preprocessing.of(source.input().get().image())));
    }
    Optional<Path> folder = source.folder();
    return new ModelCompanions(
        source, folder.isPresent() ? Preprocessing.in(folder.get()) : Optional.empty());
  }

  /// The files of a format that describe the model, as text by name.
  ///
  /// @throws DataException when the format cannot describe it
  public Map<String, String> configuration(ClipFormat format, ClipSpec spec) throws DataException {
    Map<String, String> files = new LinkedHashMap<>();
    switch (format) {
      case OPEN_CLIP, OPEN_CLIP_CUSTOM_TEXT ->
          files.put(
              ClipConfigFile.OPEN_CLIP,
              text(
                  preprocessing
                      .map(known -> known.openClipConfig(spec))
                      .orElseGet(() -> OpenClipConfig.wrapped(spec))));
      case HUGGING_FACE -> {
        files.put(ClipConfigFile.HUGGING_FACE, text(HuggingFaceConfig.write(spec)));
        preprocessing.ifPresent(
            known -> files.put(Preprocessing.HUGGING_FACE, text(known.huggingFace(spec))));
      }
      case EOSIN -> files.put(ClipConfigFile.EOSIN, text(OpenClipConfig.write(spec)));
    }
    if (spec.text() instanceof BertText bert) {
      files.put(ClipConfigFile.HUGGING_FACE, text(BertConfig.encoder(bert)));
    }
    return files;
  }

  private static String text(JsonNode node) {
    return node.toPrettyString() + "\n";
  }

  /// The tokenizer's files: those of the folder, or CLIP's own where open_clip's names and the size
  /// of the vocabulary say that it is the one. In a folder of Eosin's there are none beside CLIP's
  /// own text transformer.
  public Map<String, String> tokenizer(ClipFormat format) throws IOException {
    if (needsNoTokenizer(format)) {
      return Map.of();
    }
    if (source.input().isPresent()) {
      StoredClip.Input input = source.input().get();
      return TokenizerExport.files(input.tokenizer(), input.captionLength());
    }
    Optional<Path> folder = source.folder();
    if (folder.isPresent() && Files.isRegularFile(folder.get().resolve(TOKENIZER))) {
      return TokenizerExport.files(
          new TokenizerSettings.HuggingFace(folder.get()), (int) source.sizes().context());
    }
    return usesClipVocabulary()
        ? TokenizerExport.clip(ClipVocabulary.load(), (int) source.sizes().context())
        : Map.of();
  }

  private boolean needsNoTokenizer(ClipFormat format) {
    return format == ClipFormat.EOSIN && !hasBert();
  }

  private boolean hasBert() {
    return source.sizes().towers().text() instanceof TowerNames.Bert;
  }

  /// Whether the tokenizer is CLIP's own, as format and sizes say where no file does.
  public boolean usesClipVocabulary() {
    return source.format() == ClipFormat.OPEN_CLIP
        && !hasBert()
        && source.sizes().vocabulary() == 49408;
  }

  /// What could not be carried over.
  public List<String> notes(ClipFormat format) {
    if (needsNoTokenizer(format)) {
      return List.of();
    }
    List<String> notes = new ArrayList<>();
    if (preprocessing.isEmpty() && format != ClipFormat.EOSIN) {
      notes.add("the source does not say how images are prepared; nothing is written about it");
    }
    boolean known =
        source.input().isPresent()
            || source.folder().filter(in -> Files.isRegularFile(in.resolve(TOKENIZER))).isPresent();
    if (!known && !usesClipVocabulary()) {
      notes.add("the source has no tokenizer.json; no tokenizer is written");
    }
    return List.copyOf(notes);
  }
}
