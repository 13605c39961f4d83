package dev.eosin.qformer;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.file.FileContent;
import dev.eosin.language.stored.LanguageFolder;
import dev.eosin.text.LanguageTokenizer;
import dev.eosin.text.TokenizerExport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The files by which transformers' `AutoProcessor` makes pictures and texts a model's input: those
/// of pixels, of the language model's tokenizer, and of the Q-Former's.
///
/// Newer transformers puts `num_query_tokens` times `<image>` before a text and finds the image's
/// places by the id; the versions before 4.46 know nothing of it and pass both over. No tokenizer
/// may name `<image>` in `extra_special_tokens`: the processors of 5.18 stop at one that does.
///
/// Source: transformers 5.18 `processing_blip_2.py`, `processing_instructblip.py`.
public final class QFormerProcessor {
  /// What stands in the image's places.
  public static final String IMAGE = "<image>";

  private static final String TOKENIZER = "tokenizer.json";
  private static final String QFORMER_TOKENIZER = "qformer_tokenizer/";

  private QFormerProcessor() {}

  /// The id that `<image>` has in a language model's folder, or gets behind all others.
  ///
  /// @throws IOException when the tokenizer cannot be opened
  public static int imageToken(Path language) throws IOException {
    try (LanguageTokenizer tokenizer = LanguageTokenizer.open(language, List.of(IMAGE))) {
      return tokenizer.id(IMAGE).orElseThrow();
    }
  }

  /// Of a second stage.
  ///
  /// @param language folder of the language model, whose tokenizer and options of generation go
  ///   along
  /// @param qformer the Q-Former's tokenizer, where it reads instructions
  /// @throws IOException when a tokenizer cannot be read
  public static Map<String, FileContent> files(
      QFormerConfig config, ProcessorPixels image, Path language, Optional<Path> qformer)
      throws IOException {
    Map<String, FileContent> files = new LinkedHashMap<>();
    files.put(ProcessorPixels.NAME, text(image.json(name(config.kind()))));
    ObjectNode processor = new JsonMapper().createObjectNode();
    processor.put("processor_class", name(config.kind()));
    processor.put("num_query_tokens", config.qformer().queries());
    files.put("processor_config.json", text(processor));
    for (String name : LanguageFolder.TEXT_FILES) {
      Path file = language.resolve(name);
      if (Files.exists(file)) {
        files.put(name, FileContent.copyOf(file));
      }
    }
    if (files.containsKey(TOKENIZER)) {
      int id = config.imageToken().orElseThrow();
      String with = TokenizerExport.with(language.resolve(TOKENIZER), IMAGE, id);
      files.put(TOKENIZER, FileContent.text(with));
    }
    if (qformer.isPresent()) {
      TokenizerExport.copies(qformer.get())
          .forEach((name, text) -> files.put(QFORMER_TOKENIZER + name, FileContent.text(text)));
    }
    return files;
  }

  /// Of a first stage, which reads one text and no places of images.
  ///
  /// @param qformer the Q-Former's tokenizer
  /// @throws IOException when it cannot be read
  public static Map<String, FileContent> files(
      QFormerConfig config, ProcessorPixels image, Path qformer) throws IOException {
    Map<String, FileContent> files = new LinkedHashMap<>();
    files.put(ProcessorPixels.NAME, text(image.json(name(config.kind()))));
    ObjectNode processor = new JsonMapper().createObjectNode();
    processor.put("processor_class", name(config.kind()));
    files.put("processor_config.json", text(processor));
    TokenizerExport.copies(qformer)
        .forEach((name, text) -> files.put(name, FileContent.text(text)));
    return files;
  }

  private static String name(QFormerKind kind) {
    return kind == QFormerKind.INSTRUCT_BLIP ? "InstructBlipProcessor" : "Blip2Processor";
  }

  private static FileContent text(ObjectNode json) {
    return FileContent.text(json.toPrettyString() + "\n");
  }
}
