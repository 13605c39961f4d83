package dev.eosin.vllm;

import dev.eosin.checkpoint.Layout;
import dev.eosin.checkpoint.MappedSource;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.StoredType;
import dev.eosin.checkpoint.TensorsDigest;
import dev.eosin.config.DataException;
import dev.eosin.data.order.OverLength;
import dev.eosin.file.AtomicFile;
import dev.eosin.file.FileDigest;
import dev.eosin.file.UserCache;
import dev.eosin.image.RgbImage;
import dev.eosin.language.AdaptedDecoder;
import dev.eosin.language.chat.ChatEncoder;
import dev.eosin.language.chat.Message;
import dev.eosin.language.generation.GenerationDefaults;
import dev.eosin.language.generation.GenerationSettings;
import dev.eosin.language.spec.SpecialIds;
import dev.eosin.language.stored.Base;
import dev.eosin.language.stored.LanguageFolder;
import dev.eosin.language.stored.MergedAdapters;
import dev.eosin.language.stored.PeftFolder;
import dev.eosin.language.stored.StoredAnswerer;
import dev.eosin.language.stored.StoredLanguage;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.MappedTensors;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.text.LanguageTokenizer;
import dev.eosin.tower.PixelInputs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/// A LLaVA model of a folder that is to answer: everything about it is read and compared, but for
/// its weights' values.
///
/// @param folder that it is in
/// @param model with the adapters
/// @param adapters that belong to it, opened
/// @param defaults of generation, as the folder says
/// @param words how conversations are put
/// @param rows puts questions into ids and images into the tower's input
/// @param ends ids that end an answer
/// @param base what becomes of the language model's weights
/// @param notes what a user should know, one line each
public record StoredVisionLanguage(
    VisionLanguageFolder folder,
    VisionLanguage model,
    Optional<PeftFolder> adapters,
    GenerationDefaults defaults,
    StoredTemplate words,
    ConversationRows rows,
    List<Integer> ends,
    Base base,
    List<String> notes)
    implements StoredAnswerer {
  private static final String ADAPTERS = "adapter";
  private static final int MOST_IMAGES = 64;

  public StoredVisionLanguage {
    ends = List.copyOf(ends);
    notes = List.copyOf(notes);
  }

  /// Whether a path holds such a model; nothing is checked.
  public static boolean at(Path path) throws DataException {
    return Files.isDirectory(path)
        && VisionLanguageConfig.describes(LanguageFolder.of(path).resolve(LanguageFolder.CONFIG));
  }

  /// Reads descriptions, the tokenizer, the names and shapes of the weights, and the adapters.
  ///
  /// @throws DataException naming what is missing, broken, another model's, or not computed here
  public static StoredVisionLanguage open(StoredLanguage.Wanted wanted) throws IOException {
    VisionLanguageFolder folder = VisionLanguageFolder.open(LanguageFolder.of(wanted.path()));
    if (wanted.dialogue().isPresent() || wanted.raw()) {
      throw new DataException(
          folder.path()
              + ": puts questions by its chat template; --asks, --answers and --raw are for models of text alone");
    }
    GenerationDefaults defaults = folder.generation();
    List<String> notes = new ArrayList<>();
    LanguageTokenizer tokenizer =
        LanguageTokenizer.open(folder.path(), List.of(ConversationRows.MARK));
    Optional<PeftFolder> adapters = Optional.empty();
    try {
      int imageId = imageId(folder, tokenizer);
      folder.check();
      VisionLanguage plain = folder.model();
      adapters = adapters(wanted, plain);
      adapters.ifPresent(opened -> notes.addAll(opened.notes()));
      VisionLanguage model =
          adapters.isPresent() ? plain.with(adapters.get().adapted().decoder()) : plain;
      StoredTemplate words = StoredTemplate.of(folder, tokenizer, notes);
      SpecialIds ids = folder.config().language().ids();
      List<Integer> ends = ends(words, tokenizer, ids, defaults);
      ConversationRows rows = rows(folder, model, words.encoder(tokenizer, ids), imageId, ids);
      Base base = wanted.base().orElse(Base.MAPPED);
      folder.note(plain, base).ifPresent(notes::add);
      return new StoredVisionLanguage(
          folder, model, adapters, defaults, words, rows, ends, base, notes);
    } catch (DataException | RuntimeException | Error e) {
      tokenizer.close();
      adapters.ifPresent(PeftFolder::close);
      throw e;
    }
  }

  private static int imageId(VisionLanguageFolder folder, LanguageTokenizer tokenizer)
      throws DataException {
    String file = folder.path().resolve(VisionLanguageFolder.CONFIG).toString();
    int id = tokenizer.id(ConversationRows.MARK).orElseThrow();
    OptionalInt said = folder.config().imageId();
    if (said.isPresent() && said.getAsInt() != id) {
      throw new DataException(
          "%s: image_token_index is %d, but %s gives %s the id %d; is one of the two another model's?"
              .formatted(file, said.getAsInt(), tokenizer.file(), ConversationRows.MARK, id));
    }
    int rows = folder.config().language().spec().vocabulary();
    tokenizer.requireRows(id == rows ? rows + 1 : rows, file);
    return id;
  }

  private static List<Integer> ends(
      StoredTemplate words,
      LanguageTokenizer tokenizer,
      SpecialIds ids,
      GenerationDefaults defaults) {
    Set<Integer> ends = new LinkedHashSet<>(defaults.ends());
    if (ends.isEmpty()) {
      ends.addAll(words.template().ends(tokenizer, ids));
    }
    return List.copyOf(ends);
  }

  private static Optional<PeftFolder> adapters(StoredLanguage.Wanted wanted, VisionLanguage plain)
      throws DataException {
    if (wanted.adapter().isEmpty()) {
      return Optional.empty();
    }
    Path ofRun = wanted.adapter().get().resolve(ADAPTERS);
    Path path = Files.isDirectory(ofRun) ? ofRun : wanted.adapter().get();
    Layout names = VisionLanguageNames.adapted(plain.decoder(), PeftFolder.names(path));
    return Optional.of(PeftFolder.open(path, plain.decoder(), names));
  }

  private static ConversationRows rows(
      VisionLanguageFolder folder,
      VisionLanguage model,
      ChatEncoder encoder,
      int imageId,
      SpecialIds ids)
      throws DataException {
    int context = model.decoder().spec().context();
    int filler = ids.padding().orElse(0);
    return new ConversationRows(
        folder.processing().transform(),
        Optional.empty(),
        encoder,
        new ImageSlots(imageId, model.tokensOfImage(), context, OverLength.REFUSE),
        filler < model.decoder().spec().vocabulary() ? filler : 0,
        MOST_IMAGES,
        false,
        Turns.TOGETHER);
  }

  /// Its weights under Eosin's names, adapters merged in fp32, as [#wide] computes with them; the
  /// caller closes them. What they hold of adapters ends with this.
  ///
  /// @throws DataException when the files cannot be read
  public StoredTensors tensors() throws DataException {
    StoredTensors own = folder.tensors(folder.model());
    try {
      return adapters.isPresent()
          ? new MergedAdapters(
              own, model.decoder().adapters(), adapters.get().values(), Optional.of(StoredType.F32))
          : own;
    } catch (DataException | RuntimeException | Error e) {
      own.close();
      throw e;
    }
  }

  @Override
  public Path path() {
    return folder.path();
  }

  @Override
  public boolean seesImages() {
    return true;
  }

  /// A question without marks is taken for one about one picture.
  @Override
  public int length(String text) {
    try {
      return rows.question(text).length;
    } catch (DataException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  @Override
  public OptionalInt context() {
    return OptionalInt.of(model.decoder().spec().context());
  }

  @Override
  public void requireRoom(String id, String text, int mostTokens) throws DataException {
    int length = rows.question(text).length;
    int context = model.decoder().spec().context();
    if (length + mostTokens > context) {
      throw new DataException(
          "%s: the question with its image has %d ids and its answer may have %d; the model reads %d in all: shorten the question, or ask for fewer tokens"
              .formatted(id, length, mostTokens, context));
    }
  }

  /// Reads the weights once for their digest, which is remembered.
  @Override
  public SortedMap<String, String> pins(GenerationSettings generation) throws DataException {
    SortedMap<String, String> pins = new TreeMap<>();
    pins.put("model", "%s, layer %d".formatted(folder.vision(), model.images().layer()));
    pins.put("decoder", folder.config().language().spec().toString());
    pins.put("ends", ends.toString());
    pins.put("images", folder.processing().toString());
    pins.put("template", words.toString());
    pins.put("generation", generation.toString());
    pins.putAll(base.pins());
    try (StoredTensors file = folder.weights()) {
      pins.put("model.sha256", MappedSource.of(file, UserCache.folder()).sha256());
    }
    Path tokenizer = rows.encoder().tokenizer().file();
    try {
      pins.put("tokenizer.sha256", FileDigest.of(tokenizer).sha256());
    } catch (IOException e) {
      throw new DataException(tokenizer + ": cannot be read: " + AtomicFile.reason(e), e);
    }
    if (adapters.isPresent()) {
      pins.put("adapter", adapters.get().settings().toString());
      pins.put("adapter.sha256", TensorsDigest.sha256(adapters.get().weights()));
    }
    return pins;
  }

  @Override
  public Loaded load(Engine engine, GenerationSettings generation) throws IOException {
    List<Weight> seen = new ArrayList<>(model.images().weights());
    seen.addAll(model.projector().weights());
    return loaded(engine, generation, parameters(engine), seen);
  }

  /// The model with every weight in fp32, whatever the files hold: products of narrow ones that are
  /// used in place round what enters them. A decoder's of fp32 are used in place, too.
  ///
  /// @throws IOException as [#load]
  public Loaded wide(Engine engine, GenerationSettings generation) throws IOException {
    try (StoredTensors file = folder.tensors(folder.model())) {
      List<String> names = folder.model().decoder().weights().stream().map(Weight::name).toList();
      if (base == Base.MAPPED && file.allOf(StoredType.F32, names)) {
        return load(engine, generation);
      }
    }
    List<Weight> all = new ArrayList<>(model.weights());
    adapters.ifPresent(some -> all.addAll(some.adapted().decoder().adapterWeights()));
    ParameterSet parameters =
        ParameterSet.allocate(
            engine, all.stream().map(weight -> weight.spec(false)).toList(), DType.FLOAT32);
    return loaded(engine, generation, parameters, folder.model().weights());
  }

  /// @param copied weights that are read into their places
  private Loaded loaded(
      Engine engine, GenerationSettings generation, ParameterSet parameters, List<Weight> copied)
      throws IOException {
    try {
      folder.load(parameters, folder.model(), copied);
      if (adapters.isPresent()) {
        adapters.get().assign(parameters);
      }
      var input =
          new ImageInput.Pixels(
              new PixelInputs(engine, DType.FLOAT32, folder.processing().normalisation()));
      return new Loaded(
          new VisionLanguageAnswerer(model, parameters, rows, input, ends, generation::limited));
    } catch (DataException | RuntimeException | Error e) {
      parameters.close();
      throw e;
    }
  }

  private ParameterSet parameters(Engine engine) throws DataException {
    List<Weight> all = new ArrayList<>(model.weights());
    Map<String, List<Long>> frozen =
        VisionLanguageFolder.shapes(folder.model().decoder().weights());
    if (adapters.isPresent()) {
      AdaptedDecoder adapted = adapters.get().adapted();
      all.addAll(adapted.decoder().adapterWeights());
      frozen.keySet().removeAll(new HashSet<>(adapted.whole()));
    }
    List<ParameterSet.Spec> specs = all.stream().map(weight -> weight.spec(false)).toList();
    MappedTensors tensors = folder.frozen(engine, folder.model(), frozen, base);
    try {
      return ParameterSet.allocate(engine, specs, DType.FLOAT32, List.of(tensors));
    } catch (RuntimeException | Error e) {
      tensors.close();
      throw e;
    }
  }

  /// A model with its weights.
  public record Loaded(VisionLanguageAnswerer answerer) implements StoredAnswerer.Loaded {
    @Override
    public String reply(
        List<Message> messages, List<RgbImage> images, int mostTokens, Consumer<String> pieces)
        throws IOException {
      return answerer.reply(messages, images, mostTokens, pieces);
    }

    @Override
    public boolean remembers() {
      return true;
    }

    @Override
    public void close() {
      answerer.input().close();
      answerer.parameters().close();
    }
  }

  @Override
  public void close() {
    rows.encoder().tokenizer().close();
    adapters.ifPresent(PeftFolder::close);
  }
}
