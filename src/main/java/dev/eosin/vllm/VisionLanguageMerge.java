package dev.eosin.vllm;

import dev.eosin.checkpoint.Layout;
import dev.eosin.checkpoint.PendingTensor;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.config.DataException;
import dev.eosin.file.FileContent;
import dev.eosin.language.Adapters;
import dev.eosin.language.Decoder;
import dev.eosin.language.chat.ChatTemplate;
import dev.eosin.language.spec.SpecialIds;
import dev.eosin.language.stored.MergedAdapters;
import dev.eosin.language.stored.PeftFolder;
import dev.eosin.text.LanguageTokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// A LLaVA model of a folder, of whatever form, written as transformers and vLLM open it; with
/// adapters merged into it, and another projector in the place of its own.
///
/// @param folder of the model
/// @param adapter a folder of peft's, made for the model or for its decoder alone
/// @param projector a file of it, or xtuner's folder of it
/// @param template of conversations, instead of what the folder says
public record VisionLanguageMerge(
    VisionLanguageFolder folder,
    Optional<Path> adapter,
    Optional<Path> projector,
    Optional<String> template) {
  /// Writes it, whole or not at all.
  ///
  /// @param shardBytes most bytes of weights in a file, where they are divided
  /// @return what a user should know, one line each
  public List<String> write(Path out, OptionalLong shardBytes) throws IOException {
    VisionLanguage model = folder.model();
    List<String> notes = new ArrayList<>();
    try (LanguageTokenizer tokenizer =
            LanguageTokenizer.open(folder.path(), List.of(ConversationRows.MARK));
        VisionLanguageFolder.Whole whole = folder.whole(model);
        Opened opened = open(model, notes)) {
      Map<String, PendingTensor> weights = weights(whole, model, opened);
      int imageId = tokenizer.id(ConversationRows.MARK).orElseThrow();
      ImageProcessing processing = folder.processing();
      var contents =
          new VisionLanguageExport.Contents(
              model,
              folder.vision(),
              folder.config().language(),
              imageId,
              processing,
              weights,
              dtype(whole.main(), model),
              text(tokenizer));
      notes.addAll(VisionLanguageExport.write(out, contents, shardBytes));
    }
    return notes;
  }

  /// What is merged, opened.
  private record Opened(Optional<PeftFolder> adapter, Optional<StoredTensors> projector)
      implements AutoCloseable {
    @Override
    public void close() {
      adapter.ifPresent(PeftFolder::close);
      projector.ifPresent(StoredTensors::close);
    }
  }

  private Opened open(VisionLanguage model, List<String> notes) throws DataException {
    Optional<PeftFolder> peft = Optional.empty();
    if (adapter.isPresent()) {
      Layout names = VisionLanguageNames.adapted(model.decoder(), PeftFolder.names(adapter.get()));
      peft = Optional.of(PeftFolder.open(adapter.get(), model.decoder(), names));
      notes.addAll(peft.get().notes());
    }
    try {
      Optional<StoredTensors> own =
          projector.isPresent()
              ? Optional.of(StoredTensors.open(projector.get()))
              : Optional.empty();
      return new Opened(peft, own);
    } catch (DataException | RuntimeException | Error e) {
      peft.ifPresent(PeftFolder::close);
      throw e;
    }
  }

  private static Map<String, PendingTensor> weights(
      VisionLanguageFolder.Whole whole, VisionLanguage model, Opened opened) throws DataException {
    Adapters adapters =
        opened.adapter().map(peft -> peft.adapted().decoder().adapters()).orElse(Adapters.NONE);
    var values =
        opened.adapter().isPresent()
            ? opened.adapter().get().values()
            : Map.<String, TensorData>of();
    var merged = new MergedAdapters(whole.main(), adapters, values);
    Map<String, PendingTensor> weights = new LinkedHashMap<>(whole.tower());
    weights.putAll(merged.pending());
    if (opened.projector().isPresent()) {
      StoredTensors file = opened.projector().get();
      Layout names = VisionLanguageNames.projector(model.projector(), file);
      StoredTensors own =
          names.read(file, VisionLanguageFolder.shapes(model.projector().weights()));
      for (String name : own.names()) {
        weights.put(name, PendingTensor.of(own, name, own.header(name).type()));
      }
    }
    return weights;
  }

  private static String dtype(StoredTensors own, VisionLanguage model) throws DataException {
    Decoder decoder = model.decoder();
    return switch (own.header(decoder.table()).type()) {
      case BF16 -> "bfloat16";
      case F16 -> "float16";
      default -> "float32";
    };
  }

  private Map<String, FileContent> text(LanguageTokenizer tokenizer) throws IOException {
    SpecialIds ids = folder.config().language().ids();
    List<Integer> ends = new ArrayList<>(ids.ends());
    if (ends.isEmpty()) {
      tokenizer.specialTokens().eos().ifPresent(ends::add);
    }
    StoredTemplate words =
        template.isPresent()
            ? new StoredTemplate(StoredTemplate.named(template.get()), false)
            : StoredTemplate.of(folder, tokenizer, new ArrayList<>());
    ChatTemplate rendered = words.template().words(tokenizer);
    return VisionLanguageText.files(
        folder.path(),
        rendered,
        words.around() && !rendered.begins(),
        folder.config().language().spec().context(),
        ids.begin(),
        ends);
  }
}
