package dev.eosin.clip.stored;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.checkpoint.Layout;
import dev.eosin.checkpoint.PendingTensor;
import dev.eosin.clip.Clip;
import dev.eosin.clip.spec.BertConfig;
import dev.eosin.clip.spec.ClipConfigFile;
import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.clip.spec.HuggingFaceConfig;
import dev.eosin.clip.spec.Preprocessing;
import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFolder;
import dev.eosin.file.FileContent;
import dev.eosin.image.transforms.ImageSettings;
import dev.eosin.tower.BertText;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// Writes a trained model as the peers read it: one folder that is an open_clip local folder and,
/// where it can be, a Hugging Face CLIPModel at once.
public final class ClipExport {
  private ClipExport() {}

  /// @param tokenizer the tokenizer's files by name, as transformers reads them
  /// @return why there is no CLIPModel in the folder, where there is none
  /// @throws DataException when the folder cannot be written; an existing one is then untouched
  public static Optional<String> write(
      Path folder, Clip clip, ImageSettings image, Map<String, FileContent> tokenizer)
      throws DataException {
    ClipSpec spec = clip.spec();
    Map<String, PendingTensor> weights = ClipWeights.tensors(clip);
    Optional<String> refusal = HuggingFaceConfig.refusal(spec);
    try (AtomicFolder out = AtomicFolder.begin(folder)) {
      weights(out, "open_clip_model.safetensors", ClipWeights.openClip(spec), weights);
      json(out, ClipConfigFile.OPEN_CLIP, Preprocessing.of(image).openClipConfig(spec));
      if (refusal.isEmpty()) {
        weights(out, "model.safetensors", ClipWeights.huggingFace(spec), weights);
        json(out, ClipConfigFile.HUGGING_FACE, HuggingFaceConfig.write(spec));
        json(out, Preprocessing.HUGGING_FACE, Preprocessing.of(image).huggingFace(spec));
      }
      if (spec.text() instanceof BertText bert) {
        json(out, ClipConfigFile.HUGGING_FACE, BertConfig.encoder(bert));
      }
      for (Map.Entry<String, FileContent> file : tokenizer.entrySet()) {
        out.write(file.getKey(), file.getValue());
      }
      out.commit();
    }
    return refusal;
  }

  private static void weights(
      AtomicFolder out, String name, Layout layout, Map<String, PendingTensor> weights)
      throws DataException {
    out.write(name, layout.writePending(weights, Map.of("format", "pt")));
  }

  private static void json(AtomicFolder out, String name, ObjectNode node) throws DataException {
    out.write(name, FileContent.text(node.toPrettyString() + "\n"));
  }
}
