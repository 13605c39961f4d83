package dev.eosin.vllm;

import dev.eosin.config.DataException;
import dev.eosin.data.batches.BatchImages;
import dev.eosin.eval.Answerer;
import dev.eosin.image.RgbImage;
import dev.eosin.language.Columns;
import dev.eosin.language.DecoderSequences;
import dev.eosin.language.chat.Message;
import dev.eosin.language.generation.EndTokens;
import dev.eosin.language.generation.GeneratedSequence;
import dev.eosin.language.generation.GenerationSettings;
import dev.eosin.language.generation.Generator;
import dev.eosin.language.generation.OptionLikelihood;
import dev.eosin.language.generation.Prompt;
import dev.eosin.language.generation.TokenListener;
import dev.eosin.language.rows.AnswerText;
import dev.eosin.language.rows.TokenRows;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Pass;
import dev.eosin.tensor.Forward;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Scope;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import dev.eosin.text.LanguageTokenizer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/// A model of images and text that answers questions about the images that it is shown.
///
/// @param model with its adapters
/// @param parameters its weights; not closed with this
/// @param rows put questions into words and ids, and images into the tower's input
/// @param input makes bytes into what the model takes; not closed with this
/// @param ends ids that end an answer
/// @param settings of the search, but for the number of new tokens, which a question says
public record VisionLanguageAnswerer(
    VisionLanguage model,
    ParameterSet parameters,
    ConversationRows rows,
    ImageInput input,
    List<Integer> ends,
    IntFunction<GenerationSettings> settings)
    implements Answerer {
  public VisionLanguageAnswerer {
    ends = List.copyOf(ends);
  }

  private LanguageTokenizer tokenizer() {
    return rows.encoder().tokenizer();
  }

  @Override
  public Answer answer(Question question, Consumer<String> pieces) throws IOException {
    if (!question.options().isEmpty()) {
      Answer likeliest = likeliest(question);
      pieces.accept(likeliest.text());
      return likeliest;
    }
    int[] asked = prompt(question, question.mostTokens());
    return new Answer(told(asked, question.images(), question.mostTokens(), pieces), List.of());
  }

  /// Answers the last question of a conversation.
  ///
  /// @param images that it shows, in order; its messages mark where each stands
  /// @param mostTokens of the answer
  /// @param pieces told parts of it as they are made
  /// @throws DataException when conversation and answer have no room in the model, or images and
  ///   marks differ in number
  public String reply(
      List<Message> messages, List<RgbImage> images, int mostTokens, Consumer<String> pieces)
      throws DataException {
    int[] asked = rows.slots().expanded(rows.encoder().prompt(messages), images.size());
    requireRoom("the conversation", asked, images.size(), mostTokens);
    return told(asked, images, mostTokens, pieces);
  }

  private String told(int[] asked, List<RgbImage> images, int mostTokens, Consumer<String> pieces)
      throws DataException {
    var text = new AnswerText(tokenizer(), settings.apply(mostTokens).stop(), pieces);
    generate(List.of(asked), images, mostTokens, (prompt, sequence, id) -> text.add(id));
    return text.finish();
  }

  @Override
  public List<Answer> answerAll(List<Question> questions) throws IOException {
    boolean alike =
        questions.stream().allMatch(question -> question.options().isEmpty())
            && questions.stream().mapToInt(Question::mostTokens).distinct().count() <= 1;
    if (!alike || questions.isEmpty()) {
      return Answerer.super.answerAll(questions);
    }
    List<Answer> answers = new ArrayList<>();
    int most = questions.getFirst().mostTokens();
    List<int[]> asked = new ArrayList<>();
    for (Question question : questions) {
      asked.add(prompt(question, most));
    }
    List<RgbImage> images = images(questions);
    for (GeneratedSequence sequence : generate(asked, images, most, TokenListener.NONE)) {
      answers.add(new Answer(text(sequence.ids()), List.of()));
    }
    return answers;
  }

  private String text(List<Integer> ids) {
    List<String> stop = settings.apply(Math.max(1, ids.size())).stop();
    return AnswerText.of(tokenizer(), stop, ids);
  }

  private static List<RgbImage> images(List<Question> questions) {
    return questions.stream().flatMap(each -> each.images().stream()).toList();
  }

  private List<GeneratedSequence> generate(
      List<int[]> asked, List<RgbImage> images, int most, TokenListener listener) {
    var generator =
        new Generator(
            settings.apply(most),
            new EndTokens(ends, rows.filler()),
            ids -> tokenizer().decode(ids, true));
    try (Scope scope = new Scope();
        Forward graph = new Forward(parameters.engine());
        DecoderSequences sequences =
            model.continued(pass(graph), asked, rows.slots().id(), pictures(scope, images), most)) {
      return generator.generate(sequences, seen(asked), listener);
    }
  }

  private static List<Prompt> seen(List<int[]> asked) {
    return IntStream.range(0, asked.size())
        .mapToObj(row -> new Prompt(row, Arrays.stream(asked.get(row)).boxed().toList()))
        .toList();
  }

  Pass pass(Forward graph) {
    return new Pass(graph, parameters, BlockExecution.PLAIN);
  }

  @Override
  public void requireRoom(String id, String text, int mostTokens) throws DataException {
    int[] ids;
    try {
      ids = rows.question(text);
    } catch (DataException e) {
      throw new DataException("%s: %s".formatted(id, e.getMessage()), e);
    }
    long seen = Arrays.stream(ids).filter(one -> one == rows.slots().id()).count();
    requireRoom(id, ids, Math.toIntExact(seen / rows.slots().tokens()), mostTokens);
  }

  int[] prompt(Question question, int more) throws DataException {
    return prompt(question.id(), question.text(), question.images().size(), more);
  }

  /// @throws DataException when question and answer have no room in the model, or its images no
  ///   place in the text
  private int[] prompt(String id, String text, int images, int more) throws DataException {
    List<Message> asked =
        ConversationRows.marked(List.of(new Message(Message.Role.USER, text)), images);
    int[] ids;
    try {
      ids = rows.slots().expanded(rows.encoder().prompt(asked), images);
    } catch (DataException e) {
      throw new DataException("%s: %s".formatted(id, e.getMessage()), e);
    }
    requireRoom(id, ids, images, more);
    return ids;
  }

  private void requireRoom(String id, int[] ids, int images, int more) throws DataException {
    int context = model.decoder().spec().context();
    if (ids.length + more > context) {
      throw new DataException(
          "%s: the question with its %d images has %d ids and its answer may have %d; the model reads %d in all: shorten the question, or ask for fewer tokens"
              .formatted(id, images, ids.length, more, context));
    }
  }

  Optional<Pictures> pictures(Scope scope, List<RgbImage> images) {
    if (images.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        switch (model.projector()) {
          case LinearProjector _ ->
              new Pictures.Whole(pixels(scope, images.stream().map(rows::fitted).toList()));
          case TileConnector _ -> {
            List<List<RgbImage>> tiles = images.stream().map(rows::tiles).toList();
            yield new Pictures.Tiled(
                pixels(scope, images.stream().map(rows::fitted).toList()),
                pixels(scope, tiles.stream().flatMap(List::stream).toList()),
                tiles.stream().mapToInt(List::size).toArray());
          }
        });
  }

  private Tensor pixels(Scope scope, List<RgbImage> images) {
    int height = rows.transform().height();
    int width = rows.transform().width();
    byte[] planes = new byte[images.size() * 3 * height * width];
    for (int i = 0; i < images.size(); i++) {
      images.get(i).writePlanar(planes, i * 3 * height * width);
    }
    int[] all = IntStream.range(0, images.size()).toArray();
    return scope.own(input.chosen(new BatchImages(planes, height, width, all), all));
  }

  private Answer likeliest(Question question) throws DataException {
    List<OptionLikelihood> found = new ArrayList<>();
    for (String option : question.options()) {
      found.add(OptionLikelihood.of(likelihoods(question, option), option));
    }
    int best = OptionLikelihood.best(found, OptionLikelihood.Normalisation.NONE);
    return new Answer(
        question.options().get(best), found.stream().map(OptionLikelihood::sum).toList());
  }

  /// Of the option's own tokens, each behind those before it.
  private float[] likelihoods(Question question, String option) throws DataException {
    int[] answer = tokenizer().encodeText(option);
    int[] asked = prompt(question, answer.length);
    int[] all = IntStream.concat(Arrays.stream(asked), Arrays.stream(answer)).toArray();
    try (Scope scope = new Scope();
        Forward graph = new Forward(parameters.engine())) {
      Pass pass = pass(graph);
      Value tokens = tokens(pass, scope, all, question.images());
      Value states = model.decoder().through(pass, tokens, Columns.whole(all.length));
      return likelihoods(pass, scope, states, asked.length - 1, answer);
    }
  }

  /// The only row, with what is seen of the images in their places. [1,n,c]
  private Value tokens(Pass pass, Scope scope, int[] ids, List<RgbImage> images)
      throws DataException {
    long[] all = Arrays.stream(ids).asLongStream().toArray();
    var row = new TokenRows(1, all.length, all, new long[0], new long[0]);
    SeenRows seen = SeenRows.of(row, rows.slots().id(), images.size(), model.tokensOfImage());
    Optional<Value> features = pictures(scope, images).map(some -> model.seen(pass, some));
    return model.tokens(pass, scope, seen, features);
  }

  @Override
  public Optional<float[][]> hiddenStates(Question question) throws DataException {
    int[] asked = prompt(question, 0);
    try (Scope scope = new Scope();
        Forward graph = new Forward(parameters.engine())) {
      Pass pass = pass(graph);
      Value tokens = tokens(pass, scope, asked, question.images());
      return Optional.of(model.decoder().lastStates(pass, tokens));
    }
  }

  private float[] likelihoods(Pass pass, Scope scope, Value states, int first, int[] answer) {
    long[] places = IntStream.range(first, first + answer.length).asLongStream().toArray();
    long[] targets = Arrays.stream(answer).asLongStream().toArray();
    Tensor at = scope.own(parameters.engine().of(places, places.length));
    Tensor next = scope.own(parameters.engine().of(targets, targets.length));
    Value picked = model.decoder().normed(pass, model.decoder().rows(pass, states, at));
    try (Tensor logarithms = model.decoder().likelihoods(pass, picked, next)) {
      return logarithms.toFloats();
    }
  }
}
