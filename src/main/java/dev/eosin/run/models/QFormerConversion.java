package dev.eosin.run.models;

import dev.eosin.checkpoint.PendingTensor;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.StoredType;
import dev.eosin.config.DataException;
import dev.eosin.file.FileContent;
import dev.eosin.qformer.FrozenPart;
import dev.eosin.qformer.ProcessorPixels;
import dev.eosin.qformer.QFormerConfig;
import dev.eosin.qformer.QFormerExport;
import dev.eosin.qformer.QFormerFolder;
import dev.eosin.qformer.QFormerProcessor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Writes a model with a Q-Former as a folder that transformers opens, whole: what lies elsewhere
/// is copied, older folders get the places of images that newer versions ask for.
///
/// @param out a folder to make
/// @param type to round to; as it is otherwise
/// @param replace whether what is at `out` may be replaced
record QFormerConversion(Path out, Optional<StoredType> type, boolean replace) {
  private static final String QFORMER_TOKENIZER = "qformer_tokenizer";

  /// @return what a user should know about the result, one line each
  /// @throws DataException when it cannot be read, or is none that transformers has a class for
  List<String> convert(Path in) throws IOException {
    QFormerFolder folder = QFormerFolder.open(in);
    requireConvertible(folder);
    folder.check();
    List<String> notes = new ArrayList<>();
    Path language = folder.language().map(FrozenPart::path).orElse(in);
    QFormerConfig config = folder.config();
    if (config.language().isPresent() && config.imageToken().isEmpty()) {
      config = config.withImageToken(QFormerProcessor.imageToken(language));
      notes.add(
          "<image> has the id %d: transformers since 4.46 puts it in the image's places"
              .formatted(config.imageToken().getAsInt()));
    }
    if (config.normEpsilon() != QFormerConfig.NORM_EPSILON) {
      notes.add(
          "the norm behind the image tower was trained with an epsilon of %s; transformers has no word for it and computes with %s, so that its numbers differ a little"
              .formatted(config.normEpsilon(), QFormerConfig.NORM_EPSILON));
    }
    Map<String, FileContent> files = files(in, language, config, notes);
    List<StoredTensors> sources = new ArrayList<>();
    try {
      sources.add(folder.weights());
      if (folder.language().isPresent()) {
        sources.add(folder.elsewhere());
      }
      Map<String, PendingTensor> weights = pending(sources);
      new QFormerExport(config, Optional.empty(), Optional.empty(), dtype(weights))
          .write(out, weights, files);
    } finally {
      sources.forEach(StoredTensors::close);
    }
    return notes;
  }

  private Map<String, PendingTensor> pending(List<StoredTensors> sources) throws DataException {
    Map<String, PendingTensor> weights = new LinkedHashMap<>();
    for (StoredTensors each : sources) {
      for (String name : each.names()) {
        StoredType stored = type.orElse(each.header(name).type());
        weights.put(name, PendingTensor.of(each, name, stored));
      }
    }
    return weights;
  }

  private void requireConvertible(QFormerFolder folder) throws IOException {
    if (!replace && Files.exists(out, LinkOption.NOFOLLOW_LINKS)) {
      throw new DataException(out + ": is there already; --replace replaces it");
    }
    if (Files.exists(out) && folder.path().toRealPath().startsWith(out.toRealPath())) {
      throw new DataException(
          "%s: is or holds %s, which is read; write to another place"
              .formatted(out, folder.path()));
    }
    if (folder.isFile() || folder.config().tower().isEmpty()) {
      throw new DataException(
          "%s: %s, and transformers' models have one of their own kind only; recipes start from it as it is"
              .formatted(
                  folder.path(),
                  folder.isFile()
                      ? "is what LAVIS trained, without its image tower"
                      : "looks at images through a tower of another kind"));
    }
  }

  private Map<String, FileContent> files(
      Path in, Path language, QFormerConfig config, List<String> notes) throws IOException {
    Path pixels = in.resolve(ProcessorPixels.NAME);
    if (!Files.exists(pixels)) {
      notes.add("%s is missing: the folder has no processor".formatted(pixels));
      return Map.of();
    }
    ProcessorPixels image = ProcessorPixels.read(pixels);
    if (config.language().isEmpty()) {
      return QFormerProcessor.files(config, image, in);
    }
    Path words = in.resolve(QFORMER_TOKENIZER);
    return QFormerProcessor.files(
        config, image, language, config.kind().reads() ? Optional.of(words) : Optional.empty());
  }

  private static String dtype(Map<String, PendingTensor> weights) {
    return switch (weights.values().iterator().next().type()) {
      case BF16 -> "bfloat16";
      case F16 -> "float16";
      default -> "float32";
    };
  }
}
