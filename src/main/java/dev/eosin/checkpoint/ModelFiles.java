package dev.eosin.checkpoint;

import dev.eosin.config.DataException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Under which names a folder keeps a model, in the order of preference: the same weights often lie
/// in a folder twice, and an exported one holds them under Hugging Face's names and under
/// open_clip's.
public enum ModelFiles {
  /// transformers' and Eosin's.
  HUGGING_FACE(
      "model.safetensors",
      "model.safetensors.index.json",
      "pytorch_model.bin",
      "pytorch_model.bin.index.json"),
  /// open_clip's, on Hugging Face's hub and in local folders.
  OPEN_CLIP("open_clip_model.safetensors", "open_clip_pytorch_model.bin"),
  /// DeepSpeed's, of a model that no rank has a part of (ZeRO-1 and ZeRO-2), as xtuner's folders
  /// `iter_N.pth` hold it.
  DEEPSPEED("mp_rank_00_model_states.pt"),
  /// The first there is.
  ANY(
      Stream.of(HUGGING_FACE, OPEN_CLIP, DEEPSPEED)
          .flatMap(each -> each.names.stream())
          .toArray(String[]::new));

  private final List<String> names;

  ModelFiles(String... names) {
    this.names = List.of(names);
  }

  /// The weights of a folder, if it has any.
  public Optional<Path> find(Path folder) {
    return names.stream().map(folder::resolve).filter(Files::exists).findFirst();
  }

  /// Whether a file has the name under which folders keep models.
  public static boolean isUsual(Path file) {
    Path name = file.getFileName();
    return name != null && ANY.names.contains(name.toString());
  }

  /// The weights of a folder: these, or where it has none of them, any.
  ///
  /// @throws DataException naming the files looked for when there are none
  Path in(Path folder) throws DataException {
    return find(folder)
        .or(() -> ANY.find(folder))
        .orElseThrow(
            () ->
                new DataException(
                    "%s: the folder has none of %s"
                        .formatted(folder, String.join(", ", ANY.names))));
  }
}
