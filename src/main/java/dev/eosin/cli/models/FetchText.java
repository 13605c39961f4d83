package dev.eosin.cli.models;

import dev.eosin.fetch.FetchFile;
import dev.eosin.fetch.FetchFolder;
import dev.eosin.fetch.FetchManifest;
import java.nio.file.Path;
import java.util.List;

/// What `eosin fetch` tells its user.
final class FetchText {
  private FetchText() {}

  /// How to get the files without this program.
  static String instructions(FetchFolder folder, String server) {
    FetchManifest manifest = folder.manifest();
    StringBuilder text = new StringBuilder("To do it by hand, on any machine, get\n");
    for (FetchFile file : manifest.files()) {
      text.append("  %s/%s%n".formatted(server.replaceAll("/+$", ""), file.path()));
      text.append("    as %s%n".formatted(folder.path(file)));
      text.append("    sha256 %s (%s)%n".formatted(file.sha256(), file.pinnedBy()));
    }
    FetchManifest.Licence licence = manifest.licence();
    if (licence.gated()) {
      text.append("  (accept the conditions on the server first, and set HF_TOKEN)\n");
    }
    text.append("licence: %s. %s%n".formatted(licence.name(), licence.terms()));
    String where = folder.root().equals(Path.of("checkpoints")) ? "" : " --out " + folder.root();
    text.append("then: eosin fetch %s --verify%s%n".formatted(manifest.name(), where));
    return text.toString();
  }

  /// What is here now.
  static String present(FetchFolder folder, List<FetchFolder.Present> present) {
    StringBuilder text = new StringBuilder();
    for (FetchFolder.Present each : present) {
      text.append(
          "%s  %d bytes  sha256 %s%s%n"
              .formatted(
                  folder.path(each.file()),
                  each.digest().bytes(),
                  each.digest().sha256(),
                  each.isNew() && each.file().pinned().isEmpty()
                      ? "  (recorded in %s.lock: later fetches must bring the same)"
                          .formatted(folder.manifest().name())
                      : ""));
    }
    FetchManifest.Licence licence = folder.manifest().licence();
    text.append("licence: %s. %s%n".formatted(licence.name(), licence.terms()));
    return text.toString();
  }

  /// The key `model` of a recipe, and what `data` needs.
  static String model(FetchManifest.Weights weights, FetchFolder folder) {
    FetchManifest.FetchedModel model = weights.model();
    String architecture =
        model
            .preset()
            .map(name -> "preset: " + name)
            .or(
                () ->
                    model
                        .config()
                        .map(
                            file ->
                                "config: " + folder.root().resolve(weights.name()).resolve(file)))
            .orElseThrow();
    String type =
        switch (model.layout()) {
          case OPEN_CLIP -> "open-clip";
          case HUGGING_FACE -> "hugging-face";
        };
    String note = weights.note().map(text -> "# " + text + "\n").orElse("");
    return """
        %s
        For a recipe (data.image: { size: %d px, mean: %s, std: %s }; tokenizer %s):

        %smodel:
          %s
          weights: { type: %s, path: %s }
        """
        .formatted(
            "cite: " + weights.citation(),
            model.imageSize(),
            model.mean(),
            model.std(),
            model.tokenizer(),
            note,
            architecture,
            type,
            folder.path(weights.files().getFirst()));
  }
}
