package dev.eosin.language.stored;

import dev.eosin.checkpoint.MappedSource;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.StoredType;
import dev.eosin.checkpoint.TensorsDigest;
import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import dev.eosin.file.FileDigest;
import dev.eosin.file.UserCache;
import dev.eosin.image.RgbImage;
import dev.eosin.language.Decoder;
import dev.eosin.language.T5;
import dev.eosin.language.T5Decoder;
import dev.eosin.language.TokenPart;
import dev.eosin.language.chat.Message;
import dev.eosin.language.generation.GenerationDefaults;
import dev.eosin.language.generation.GenerationSettings;
import dev.eosin.language.rows.ChatPrompts;
import dev.eosin.language.rows.DialogueFormat;
import dev.eosin.language.rows.FolderPrompts;
import dev.eosin.language.rows.PromptIds;
import dev.eosin.language.spec.LanguageConfig;
import dev.eosin.language.spec.SpecialIds;
import dev.eosin.language.spec.T5Spec;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.text.LanguageTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/// A language model of a folder that is to answer: everything about it is read and compared, but
/// for its weights' values.
///
/// @param folder that it is in
/// @param part of it that answers, with the adapters; the names that its weights have here
/// @param adapters that belong to it, opened
/// @param defaults of generation, as the folder says
/// @param prompts puts questions into ids
/// @param base what becomes of its weights
/// @param notes what a user should know, one line each
public record StoredLanguage(
    LanguageFolder folder,
    TokenPart part,
    Optional<PeftFolder> adapters,
    GenerationDefaults defaults,
    PromptIds prompts,
    Base base,
    List<String> notes)
    implements StoredAnswerer {
  private static final String PREFIX = "decoder";
  private static final String ADAPTERS = "adapter";

  public StoredLanguage {
    notes = List.copyOf(notes);
  }

  /// What is asked for.
  ///
  /// @param path a folder of Hugging Face's, or that of a run
  /// @param adapter a folder of peft's, or that of a run which trained adapters
  /// @param dialogue instead of the one that the model was trained with
  /// @param raw whether questions are prompts that are put together already
  /// @param base what becomes of the weights; without it as a run's recipe says, of others used in
  ///   place
  public record Wanted(
      Path path,
      Optional<Path> adapter,
      Optional<DialogueFormat> dialogue,
      boolean raw,
      Optional<Base> base) {
    /// Nothing said of the weights.
    public Wanted(
        Path path, Optional<Path> adapter, Optional<DialogueFormat> dialogue, boolean raw) {
      this(path, adapter, dialogue, raw, Optional.empty());
    }
  }

  /// Reads descriptions, the tokenizer, the names and shapes of the weights, and the adapters.
  ///
  /// @throws DataException naming what is missing, broken, another model's, or not computed here
  public static StoredLanguage open(Wanted wanted) throws IOException {
    LanguageFolder folder = LanguageFolder.open(LanguageFolder.of(wanted.path()));
    GenerationDefaults defaults = defaults(folder);
    SpecialIds ids = ids(folder.config(), defaults);
    List<String> notes = new ArrayList<>();
    if (ids.ends().isEmpty()) {
      notes.add(folder.path() + ": no file names an id that ends an answer; its length does");
    }
    LanguageTokenizer tokenizer = LanguageTokenizer.open(folder.path());
    Optional<PeftFolder> adapters = Optional.empty();
    try {
      folder.require(tokenizer);
      TokenPart plain = plain(folder);
      check(folder, plain);
      adapters = adapters(wanted, plain);
      adapters.ifPresent(opened -> notes.addAll(opened.notes()));
      TokenPart part = adapters.isPresent() ? adapters.get().adapted().decoder() : plain;
      PromptIds prompts = prompts(wanted, folder, tokenizer, ids, part, notes);
      Base base = wanted.base().orElse(Base.MAPPED);
      note(folder, plain, base).ifPresent(notes::add);
      return new StoredLanguage(folder, part, adapters, defaults, prompts, base, notes);
    } catch (DataException | RuntimeException | Error e) {
      tokenizer.close();
      adapters.ifPresent(PeftFolder::close);
      throw e;
    }
  }

  private static GenerationDefaults defaults(LanguageFolder folder) throws DataException {
    GenerationDefaults defaults = folder.generation();
    if (defaults.search().sequences() > 1) {
      throw new DataException(
          "%s: num_return_sequences is %d, but a question gets one answer here; take it out"
              .formatted(
                  folder.path().resolve(LanguageFolder.GENERATION), defaults.search().sequences()));
    }
    return defaults;
  }

  /// Generation's own file comes first, as in transformers.
  private static SpecialIds ids(LanguageConfig config, GenerationDefaults defaults) {
    List<Integer> ends = defaults.ends().isEmpty() ? config.ids().ends() : defaults.ends();
    OptionalInt padding = config.ids().padding();
    boolean usable = padding.isPresent() && padding.getAsInt() < config.spec().vocabulary();
    return new SpecialIds(config.ids().begin(), ends, usable ? padding : OptionalInt.empty());
  }

  private static TokenPart plain(LanguageFolder folder) throws DataException {
    return folder.config().spec() instanceof T5Spec spec
        ? new T5(PREFIX, spec).decoder()
        : folder.decoder(PREFIX);
  }

  private static void check(LanguageFolder folder, TokenPart part) throws DataException {
    try (StoredTensors file = folder.weights()) {
      LanguageNames.ofAny(part).read(file, LanguageFolder.shapes(LanguageWeights.of(part)));
    }
  }

  private static Optional<String> note(LanguageFolder folder, TokenPart plain, Base base)
      throws DataException {
    return switch (plain) {
      case Decoder decoder -> folder.note(decoder, LanguageFolder.shapes(decoder), base);
      case T5Decoder _ when base == Base.INT8 ->
          throw new DataException(
              folder.path() + ": is a T5; int8 is for models that are a decoder alone");
      case T5Decoder _ -> Optional.empty();
    };
  }

  private static Optional<PeftFolder> adapters(Wanted wanted, TokenPart plain)
      throws DataException {
    if (wanted.adapter().isEmpty()) {
      return Optional.empty();
    }
    if (!(plain instanceof Decoder decoder)) {
      throw new DataException(
          wanted.adapter().get() + ": adapters are for decoders, and the model is a T5");
    }
    return Optional.of(PeftFolder.open(adapterFolder(wanted.adapter().get()), decoder));
  }

  private static Path adapterFolder(Path path) {
    Path ofRun = path.resolve(ADAPTERS);
    return Files.isDirectory(ofRun) ? ofRun : path;
  }

  private static PromptIds prompts(
      Wanted wanted,
      LanguageFolder folder,
      LanguageTokenizer tokenizer,
      SpecialIds ids,
      TokenPart part,
      List<String> notes)
      throws DataException {
    Optional<DialogueFormat> trained =
        wanted.adapter().isPresent()
            ? DialogueFile.read(adapterFolder(wanted.adapter().get()))
            : Optional.empty();
    if (trained.isEmpty()) {
      trained = DialogueFile.read(folder.path());
    }
    boolean reads = part instanceof T5Decoder;
    if (wanted.raw()) {
      return FolderPrompts.untrained(
          tokenizer, ids, DialogueFormat.PLAIN, FolderPrompts.Words.RAW, reads);
    }
    if (trained.isPresent()) {
      return FolderPrompts.trained(tokenizer, ids, wanted.dialogue().orElse(trained.get()));
    }
    if (wanted.dialogue().isEmpty() && tokenizer.chatTemplate().isPresent()) {
      return ChatPrompts.of(tokenizer, ids);
    }
    if (wanted.dialogue().isEmpty()) {
      notes.add(
          "%s: has neither %s nor a chat_template, which would say how questions are put; they are given as they are"
              .formatted(folder.path(), DialogueFile.NAME));
    }
    return FolderPrompts.untrained(
        tokenizer,
        ids,
        wanted.dialogue().orElse(DialogueFormat.PLAIN),
        FolderPrompts.Words.MARKED,
        reads);
  }

  /// Its weights under Eosin's names, adapters merged in fp32, as [#wide] computes with them; the
  /// caller closes them. What they hold of adapters ends with this.
  ///
  /// @throws DataException when the files cannot be read
  public StoredTensors tensors() throws DataException {
    StoredTensors file = folder.weights();
    try {
      StoredTensors own =
          LanguageNames.ofAny(part).read(file, LanguageFolder.shapes(LanguageWeights.of(part)));
      return adapters.isPresent() && part instanceof Decoder decoder
          ? new MergedAdapters(
              own, decoder.adapters(), adapters.get().values(), Optional.of(StoredType.F32))
          : own;
    } catch (DataException | RuntimeException | Error e) {
      file.close();
      throw e;
    }
  }

  @Override
  public Path path() {
    return folder.path();
  }

  @Override
  public boolean seesImages() {
    return false;
  }

  @Override
  public int length(String text) {
    return prompts.prompt(text).length;
  }

  /// T5 has no hard limit: its distances end in a bucket without end.
  @Override
  public OptionalInt context() {
    return part instanceof Decoder decoder
        ? OptionalInt.of(decoder.spec().context())
        : OptionalInt.empty();
  }

  @Override
  public void requireRoom(String id, String text, int mostTokens) throws DataException {
    LanguageAnswerer.asked(part, prompts, id, text, mostTokens);
  }

  /// Reads the weights once for their digest, which is remembered.
  @Override
  public SortedMap<String, String> pins(GenerationSettings generation) throws DataException {
    SortedMap<String, String> pins = new TreeMap<>();
    pins.put("model", folder.config().spec().toString());
    pins.put("ends", prompts.ids().ends().toString());
    pins.put("dialogue", prompts.toString());
    pins.put("generation", generation.toString());
    pins.putAll(base.pins());
    try (StoredTensors file = folder.weights()) {
      pins.put("model.sha256", MappedSource.of(file, UserCache.folder()).sha256());
    }
    try {
      pins.put("tokenizer.sha256", FileDigest.of(prompts.tokenizer().file()).sha256());
    } catch (IOException e) {
      throw new DataException(
          "%s: cannot be read: %s".formatted(prompts.tokenizer().file(), AtomicFile.reason(e)), e);
    }
    if (adapters.isPresent()) {
      pins.put("adapter", adapters.get().settings().toString());
      pins.put("adapter.sha256", TensorsDigest.sha256(adapters.get().weights()));
    }
    return pins;
  }

  @Override
  public Loaded load(Engine engine, GenerationSettings generation) throws DataException {
    ParameterSet parameters = weights().load(engine);
    return new Loaded(new LanguageAnswerer(part, parameters, prompts, generation::limited));
  }

  /// The model with every weight in fp32, whatever the files hold: products of narrow ones that are
  /// used in place round what enters them. Files of fp32 are used in place, too.
  ///
  /// @throws DataException as [#load]
  public Loaded wide(Engine engine, GenerationSettings generation) throws DataException {
    ParameterSet parameters = weights().wide(engine);
    return new Loaded(new LanguageAnswerer(part, parameters, prompts, generation::limited));
  }

  private LanguageWeights weights() {
    return new LanguageWeights(folder, part, adapters, base);
  }

  /// A model with its weights.
  public record Loaded(LanguageAnswerer answerer) implements StoredAnswerer.Loaded {
    @Override
    public String reply(
        List<Message> messages, List<RgbImage> images, int mostTokens, Consumer<String> pieces)
        throws IOException {
      return answerer.reply(messages, mostTokens, pieces);
    }

    @Override
    public boolean remembers() {
      return true;
    }

    @Override
    public void close() {
      answerer.parameters().close();
    }
  }

  @Override
  public void close() {
    prompts.tokenizer().close();
    adapters.ifPresent(PeftFolder::close);
  }
}
