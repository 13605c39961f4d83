package dev.eosin.recipe.stored;

import dev.eosin.checkpoint.TensorsDigest;
import dev.eosin.clip.Clip;
import dev.eosin.clip.ClipEncoder;
import dev.eosin.clip.ClipInputs;
import dev.eosin.clip.ImageClassifier;
import dev.eosin.clip.PairLoss;
import dev.eosin.clip.spec.ArchitectureText;
import dev.eosin.clip.spec.ClipConfigFile;
import dev.eosin.clip.spec.ClipPresets;
import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.clip.stored.ClipWeights;
import dev.eosin.clip.stored.StoredClip;
import dev.eosin.config.DataException;
import dev.eosin.eval.ImageTextEmbedder;
import dev.eosin.image.transforms.ImageSettings;
import dev.eosin.random.RandomKey;
import dev.eosin.recipe.FeatureSource;
import dev.eosin.recipe.models.StoredRun;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.text.Tokenizer;
import dev.eosin.train.WeightsPart;
import dev.eosin.train.machine.ComputeSettings;
import dev.eosin.train.machine.MachineCheckup;
import dev.eosin.train.machine.Precision;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;

/// A stored CLIP model that embeds images and texts as it was trained to: a run, a checkpoint, a
/// folder of Hugging Face's or open_clip's, or a file of weights. Opening looks at names and
/// shapes. Close it.
public final class StoredEmbedder implements AutoCloseable {
  /// Changes when the same model would make other embeddings of the same input.
  private static final String VERSION = "1";

  private final StoredClip model;
  private final ClipSpec spec;
  private final EmbedderInput input;
  private final Precision precision;
  private final List<String> notes;
  private Optional<String> digest = Optional.empty();

  private StoredEmbedder(
      StoredClip model,
      ClipSpec spec,
      EmbedderInput input,
      Precision precision,
      List<String> notes) {
    this.model = model;
    this.spec = spec;
    this.input = input;
    this.precision = precision;
    this.notes = List.copyOf(notes);
  }

  /// What is opened.
  ///
  /// @param path of a run folder the newest sound checkpoint is taken
  /// @param part of a run; others have weights only
  /// @param named the architecture, where weights do not say it
  public record Wanted(Path path, WeightsPart part, Optional<ClipSpec> named, Precision precision) {
    /// In fp32, as the file says it is.
    public static Wanted of(Path path) {
      return new Wanted(path, WeightsPart.WEIGHTS, Optional.empty(), Precision.FP32);
    }
  }

  /// @throws DataException when it is no CLIP model, does not say its architecture, or its
  ///   preprocessing or tokenizer cannot be read or do not fit it
  public static StoredEmbedder open(Wanted wanted) throws IOException {
    Optional<StoredRun> run = StoredRun.find(wanted.path());
    StoredClip model =
        StoredRun.open(wanted.path(), wanted.part(), wanted.named(), "--part average");
    try {
      ClipSpec spec = model.requiredSpec();
      List<String> notes = new ArrayList<>(model.notes());
      EmbedderInput input =
          run.isPresent()
              ? EmbedderInput.of(run.get().clip())
              : EmbedderInput.of(model, spec, notes);
      input.requireFits(wanted.path(), spec);
      return new StoredEmbedder(model, spec, input, wanted.precision(), notes);
    } catch (IOException | RuntimeException | Error e) {
      model.close();
      throw e;
    }
  }

  /// The model that the recipe of an evaluation names.
  ///
  /// @throws DataException as above, or when the configuration that it names cannot be read
  public static StoredEmbedder open(FeatureSource.ClipModel source) throws IOException {
    Optional<ClipSpec> named =
        source.config().isPresent()
            ? Optional.of(ClipConfigFile.read(source.config().get()).spec())
            : source.preset().map(ClipPresets::named);
    return open(new Wanted(source.path(), source.part(), named, source.precision()));
  }

  /// As it was given.
  public Path path() {
    return model.path();
  }

  /// What a user should know, one line each.
  public List<String> notes() {
    return notes;
  }

  /// e, the size of an embedding.
  public int width() {
    return spec.embedSize();
  }

  /// The most tokens of a text.
  public int context() {
    return spec.text().context();
  }

  /// How images become inputs.
  public ImageSettings images() {
    return input.images();
  }

  /// How texts become ids.
  public Tokenizer tokenizer() {
    return input.tokenizer();
  }

  /// What embeddings of images depend on besides the images, by name; reads the weights once.
  ///
  /// @throws DataException when the weights cannot be read
  public SortedMap<String, String> imagePins() throws IOException {
    SortedMap<String, String> pins = pins();
    pins.put("embeds", "images");
    pins.put("preprocessing", input.preprocessing());
    return Collections.unmodifiableSortedMap(pins);
  }

  /// The same for texts.
  ///
  /// @throws DataException when the weights cannot be read
  public SortedMap<String, String> textPins() throws IOException {
    SortedMap<String, String> pins = pins();
    pins.put("embeds", "texts");
    pins.put("tokenizer", input.tokenization());
    return Collections.unmodifiableSortedMap(pins);
  }

  /// With what moves the last digits of embeddings: a device and a batch choose kernels and the
  /// order of sums. Models are compared without it.
  ///
  /// @param model what an embedding depends on besides
  /// @param batch rows that go through the model together
  public static SortedMap<String, String> pinned(
      SortedMap<String, String> model, ComputeSettings compute, int batch) {
    SortedMap<String, String> pins = new TreeMap<>(model);
    Device device = compute.intended(MachineCheckup.Surroundings.inspect().gpuPresent());
    pins.put(
        "device",
        switch (device) {
          case Device.Cpu _ -> "cpu";
          case Device.Cuda _ -> "cuda";
        });
    pins.put("batch", Integer.toString(batch));
    return pins;
  }

  private SortedMap<String, String> pins() throws IOException {
    if (digest.isEmpty()) {
      digest = Optional.of(TensorsDigest.sha256(model.own()));
    }
    SortedMap<String, String> pins = new TreeMap<>();
    pins.put("model.sha256", digest.get());
    pins.put("architecture", ArchitectureText.ofWeights(ArchitectureText.of(spec)));
    pins.put("precision", precision.name());
    pins.put("normalised", "to length 1");
    pins.put("embedding", VERSION);
    return pins;
  }

  /// The model on an engine.
  ///
  /// @param embedder of images and texts
  /// @param logitScale by which cosines become logits
  /// @param logitBias added to them, of models that were trained with a sigmoid loss
  public record Loaded(
      ImageTextEmbedder embedder,
      double logitScale,
      OptionalDouble logitBias,
      List<AutoCloseable> open)
      implements AutoCloseable {
    public Loaded {
      open = List.copyOf(open);
    }

    @Override
    public void close() {
      for (AutoCloseable each : open) {
        try {
          each.close();
        } catch (Exception e) {
          throw new IllegalStateException(e);
        }
      }
    }
  }

  /// Loads the weights.
  ///
  /// @param batch images that go through the model together
  /// @throws DataException when they cannot be read, or hold what is no number
  public Loaded load(Engine engine, int batch) throws DataException {
    DType compute = precision.compute(engine.device());
    Clip clip = Clip.allocate(engine, spec, compute, false, Clip.fastest(engine.device()));
    try {
      ClipWeights.load(clip, ClipWeights.eosin(spec), model.own());
      return loaded(engine, clip, compute, batch);
    } catch (DataException | RuntimeException | Error e) {
      clip.close();
      throw e;
    }
  }

  private Loaded loaded(Engine engine, Clip clip, DType compute, int batch) {
    var inputs = new ClipInputs(engine, compute, input.images().normalisation());
    var encoder = new ClipEncoder(clip, inputs, input.tokenizer(), PairLoss.CONTRASTIVE, batch);
    double scale = Math.exp(clip.logits().getFirst().master().toFloat());
    OptionalDouble bias =
        spec.logitBias()
            ? OptionalDouble.of(clip.logits().getLast().master().toFloat())
            : OptionalDouble.empty();
    return new Loaded(encoder, scale, bias, List.of(inputs, clip));
  }

  /// The same architecture with first weights, which nothing has trained: what a number is worth is
  /// seen beside what it is by chance.
  ///
  /// @param key draws the weights
  /// @param batch images that go through the model together
  public Loaded untrained(Engine engine, int batch, RandomKey key) {
    DType compute = precision.compute(engine.device());
    Clip clip = Clip.allocate(engine, spec, compute, false, Clip.fastest(engine.device()));
    clip.initialise(key);
    return loaded(engine, clip, compute, batch);
  }

  /// The image tower with a linear layer above it, to be trained on.
  ///
  /// @param untrained draws weights that nothing has trained, in place of its own
  /// @param key draws the linear layer
  /// @param run which of several
  /// @throws DataException when the weights cannot be read
  public ImageClassifier classifier(
      Engine engine,
      int classes,
      double weightDecay,
      Optional<RandomKey> untrained,
      RandomKey key,
      int run)
      throws DataException {
    var settings =
        new ImageClassifier.Settings(
            precision.compute(engine.device()),
            input.images().normalisation(),
            classes,
            weightDecay);
    return untrained.isPresent()
        ? ImageClassifier.untrained(engine, spec, settings, untrained.get(), key, run)
        : ImageClassifier.of(engine, spec, settings, model.own(), key, run);
  }

  @Override
  public void close() {
    model.close();
  }
}
