package dev.eosin.run.models;

import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.config.DataException;
import dev.eosin.file.FileContent;
import dev.eosin.language.Decoder;
import dev.eosin.language.stored.LanguageExport;
import dev.eosin.language.stored.LanguageFolder;
import dev.eosin.language.stored.LanguageNames;
import dev.eosin.language.stored.MergedAdapters;
import dev.eosin.language.stored.PeftFolder;
import dev.eosin.recipe.stored.WholeVisionLanguage;
import dev.eosin.train.WeightsPart;
import dev.eosin.vllm.VisionLanguageConfig;
import dev.eosin.vllm.VisionLanguageFolder;
import dev.eosin.vllm.VisionLanguageMerge;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/// A language model or a LLaVA model written anew, with adapters merged into it.
///
/// @param base a folder, or a run
/// @param adapter a folder of peft's
/// @param projector that takes the place of a LLaVA model's own
/// @param tower of a LLaVA model, where its folder names one of the hub
/// @param template of a LLaVA model's conversations, instead of what its folder says
/// @param part of a run of a model of images and text
public record AdapterMerge(
    Path base,
    Optional<Path> adapter,
    Optional<Path> projector,
    Optional<Path> tower,
    Optional<String> template,
    WeightsPart part) {
  /// Writes the folder, whole or not at all.
  ///
  /// @param shardBytes most bytes of weights in a file; one file without it
  /// @return what a user should know, one line each
  /// @throws DataException naming what is wrong with the folders, or not computed here
  public List<String> write(Path out, Optional<Long> shardBytes) throws IOException {
    OptionalLong most = shardBytes.map(OptionalLong::of).orElse(OptionalLong.empty());
    Optional<WholeVisionLanguage> run = WholeVisionLanguage.at(base, part);
    if (run.isPresent()) {
      requireNoParts();
      return run.get().write(out, most);
    }
    if (part == WeightsPart.AVERAGE) {
      throw new DataException(
          base + ": is no run of a model of images and text; only one has --part average here");
    }
    requireLanguage();
    Path folder = LanguageFolder.of(base);
    if (VisionLanguageConfig.describes(folder.resolve(LanguageFolder.CONFIG))) {
      VisionLanguageFolder opened = VisionLanguageFolder.open(folder, tower);
      return new VisionLanguageMerge(opened, adapter, projector, template).write(out, most);
    }
    if (projector.isPresent() || tower.isPresent() || template.isPresent()) {
      throw new DataException(
          folder
              + ": is a model of text alone; --projector, --tower and --template are for LLaVA models");
    }
    return language(LanguageFolder.open(folder), out, most);
  }

  /// Runs of other kinds leave no folder that has adapters merged into it.
  private void requireLanguage() throws DataException {
    Optional<String> kind = RunInspection.kind(base);
    if (kind.isPresent() && !kind.get().equals("language")) {
      throw new DataException(
          "%s: is a run of kind %s; one model alone is merged with adapters or written whole, which is for runs of kind language or vllm and for folders of their models; its own model is in %s"
              .formatted(base, kind.get(), base.resolve("final")));
    }
  }

  /// A run has them all.
  private void requireNoParts() throws DataException {
    if (Stream.of(adapter, projector, tower, template).anyMatch(Optional::isPresent)) {
      throw new DataException(
          base
              + ": is a run, which has its own parts; --adapter, --projector, --tower and --template are for folders");
    }
  }

  private List<String> language(LanguageFolder folder, Path out, OptionalLong most)
      throws IOException {
    Decoder decoder = folder.decoder("decoder");
    Map<String, FileContent> text = new LinkedHashMap<>();
    for (String name : LanguageFolder.TEXT_FILES) {
      if (Files.isRegularFile(folder.path().resolve(name))) {
        text.put(name, FileContent.copyOf(folder.path().resolve(name)));
      }
    }
    List<String> notes = new ArrayList<>();
    try (StoredTensors file = folder.weights()) {
      StoredTensors own = LanguageNames.of(decoder).read(file, LanguageFolder.shapes(decoder));
      MergedAdapters merged;
      if (adapter.isPresent()) {
        PeftFolder peft = PeftFolder.open(adapter.get(), decoder);
        try (peft) {
          notes.addAll(peft.notes());
          merged = new MergedAdapters(own, peft.adapted().decoder().adapters(), peft.values());
          LanguageExport.write(
              out, folder.config(), decoder, merged.pending(), dtype(own, decoder), text, most);
        }
        return notes;
      }
      merged = new MergedAdapters(own, decoder.adapters(), Map.of());
      LanguageExport.write(
          out, folder.config(), decoder, merged.pending(), dtype(own, decoder), text, most);
    }
    return notes;
  }

  private static String dtype(StoredTensors own, Decoder decoder) throws DataException {
    return switch (own.header(decoder.table()).type()) {
      case BF16 -> "bfloat16";
      case F16 -> "float16";
      default -> "float32";
    };
  }
}
