package dev.eosin.fetch;

import dev.eosin.checkpoint.Quote;
import dev.eosin.config.Binder;
import dev.eosin.config.DataException;
import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.config.Range;
import dev.eosin.config.RecipeFile;
import dev.eosin.file.AtomicFile;
import dev.eosin.file.AtomicFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/// `checkpoints/<name>.yaml`: something of others that `eosin fetch` gets, with its source, its
/// licence and how its bytes are known. `docs/formats.md` is the specification.
public sealed interface FetchManifest {
  /// The name it is asked for by, and its file's.
  String name();

  /// What it is, for a list.
  String title();

  /// The address that the paths of [#files()] start from.
  String server();

  /// What is fetched, the main file first.
  List<FetchFile> files();

  /// What its makers allow.
  Licence licence();

  /// Weights of a CLIP model.
  @Named("weights")
  @Doc("Weights of a CLIP model.")
  record Weights(
      @Doc("The name to fetch it by: that of the manifest's file.") String name,
      @Doc("What it is, in one line.") String title,
      @Doc("The address that the paths of the files start from; a mirror replaces it.")
          String server,
      @Doc("The page, repository or release that publishes it.") String source,
      @Doc("What is fetched, the weights first.") List<FetchFile> files,
      @Doc("What the weights need to be used.") FetchedModel model,
      @Doc("What its makers allow.") Licence licence,
      @Doc("What to cite.") String citation,
      @Doc("What a user should know besides.") Optional<String> note)
      implements FetchManifest {
    /// @throws IllegalArgumentException when a name is not plain or there are no files
    public Weights {
      files = checkedFiles(name, files);
    }
  }

  /// A part of a larger model: an image tower, a language model, a Q-Former.
  @Named("part")
  @Doc("A part of a larger model: an image tower, a language model, a Q-Former.")
  record Part(
      @Doc("The name to fetch it by: that of the manifest's file.") String name,
      @Doc("What it is, in one line.") String title,
      @Doc("The address that the paths of the files start from; a mirror replaces it.")
          String server,
      @Doc("The page, repository or release that publishes it.") String source,
      @Doc("What is fetched, the weights first.") List<FetchFile> files,
      @Doc("Which keys of which recipes take it.") String use,
      @Doc("What its makers allow.") Licence licence,
      @Doc("What to cite.") String citation,
      @Doc("What a user should know besides.") Optional<String> note)
      implements FetchManifest {
    /// @throws IllegalArgumentException when a name is not plain or there are no files
    public Part {
      files = checkedFiles(name, files);
    }
  }

  /// A libtorch for a GPU.
  @Named("libtorch")
  @Doc("A libtorch for a GPU, which the launcher chooses where there is one.")
  record Libtorch(
      @Doc("The name to fetch it by: that of the manifest's file.") String name,
      @Doc("What it is, in one line.") String title,
      @Doc("The address that the paths of the files start from; a mirror replaces it.")
          String server,
      @Doc("The page, repository or release that publishes it.") String source,
      @Doc("The one zip that is fetched.") List<FetchFile> files,
      @Doc("The version, as the engine's JNI asks for it.") String version,
      @Doc("The CUDA version, such as cu128.") String flavour,
      @Doc("Largest size of what is unpacked.") @Range(min = 1) long unpackedMebibytes,
      @Doc("What its makers allow.") Licence licence)
      implements FetchManifest {
    /// @throws IllegalArgumentException when a name is not plain or there is not one file
    public Libtorch {
      files = checkedFiles(name, files);
      if (files.size() != 1) {
        throw new IllegalArgumentException("files: a libtorch is one zip");
      }
    }
  }

  /// What the makers allow.
  @Doc("What the makers allow.")
  record Licence(
      @Doc("Its name, or 'not stated'.") String name,
      @Doc("What it asks of a user, in words.") String terms,
      @Doc("Whether the server wants a token of a user who accepted the conditions.")
          boolean gated) {}

  /// How weights become a model.
  @Doc("How weights become a model.")
  record FetchedModel(
      @Doc("Whose tensor names the weights have.") Names layout,
      @Doc("The architecture by name.") Optional<String> preset,
      @Doc("Or a fetched file that describes it.") Optional<String> config,
      @Doc("The activation in the blocks of the towers.") Activation activation,
      @Doc("The tokenizer: clip-bpe, or the fetched file of another.") String tokenizer,
      @Doc("Which token the text tower reads the caption from.") EndOfText endOfText,
      @Doc("Height and width of the input in pixels.") @Range(min = 1) int imageSize,
      @Doc("Mean of red, green and blue in [0, 1].") List<Double> mean,
      @Doc("Standard deviation of red, green and blue in [0, 1].") List<Double> std) {
    /// @throws IllegalArgumentException unless there is one of preset and config
    public FetchedModel {
      if (preset.isPresent() == config.isPresent()) {
        throw new IllegalArgumentException("preset: give either preset or config");
      }
      mean = List.copyOf(mean);
      std = List.copyOf(std);
    }
  }

  /// Whose tensor names.
  enum Names {
    OPEN_CLIP,
    HUGGING_FACE
  }

  /// What follows the first linear layer of an MLP.
  enum Activation {
    QUICK_GELU,
    GELU,
    /// What the fetched config says.
    FROM_CONFIG
  }

  /// Which token the text tower reads the caption from.
  enum EndOfText {
    /// The one with the largest id, CLIP's end of text.
    LARGEST_ID,
    /// The first, BERT's class token.
    FIRST
  }

  /// Reads one manifest.
  ///
  /// @throws dev.eosin.config.RecipeException naming every problem with its line
  static FetchManifest read(Path file) {
    return Binder.bind(RecipeFile.read(file, List.of(), Map.of()), FetchManifest.class);
  }

  /// The manifests of a folder, by name.
  ///
  /// @throws DataException when the folder cannot be read or a manifest has another file's name
  static Map<String, FetchManifest> all(Path folder) throws DataException {
    Map<String, FetchManifest> manifests = new TreeMap<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(each -> each.toString().endsWith(".yaml")).toList()) {
        FetchManifest manifest = read(file);
        if (!file.endsWith(manifest.name() + ".yaml")) {
          throw new DataException(file + ": is named " + Quote.of(manifest.name()) + " inside");
        }
        manifests.put(manifest.name(), manifest);
      }
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw new DataException(
          folder + ": the manifests cannot be read: " + AtomicFile.reason(e), e);
    }
    return Collections.unmodifiableMap(manifests);
  }

  private static List<FetchFile> checkedFiles(String name, List<FetchFile> files) {
    if (!AtomicFolder.isPlain(name)) {
      throw new IllegalArgumentException("name: '" + name + "' is not a plain name");
    }
    if (files.isEmpty()) {
      throw new IllegalArgumentException("files: none");
    }
    return List.copyOf(files);
  }
}
