package dev.eosin.language.stored;

import dev.eosin.config.DataException;
import dev.eosin.eval.Answerer;
import dev.eosin.language.Columns;
import dev.eosin.language.Decoder;
import dev.eosin.language.DecoderSequences;
import dev.eosin.language.T5Decoder;
import dev.eosin.language.TokenMask;
import dev.eosin.language.TokenPart;
import dev.eosin.language.chat.Message;
import dev.eosin.language.generation.EndTokens;
import dev.eosin.language.generation.GeneratedSequence;
import dev.eosin.language.generation.GenerationSettings;
import dev.eosin.language.generation.Generator;
import dev.eosin.language.generation.OptionLikelihood;
import dev.eosin.language.generation.Prompt;
import dev.eosin.language.generation.TokenListener;
import dev.eosin.language.rows.PromptIds;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Pass;
import dev.eosin.tensor.Forward;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import dev.eosin.text.TextStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/// A language model that answers questions from their words alone: it sees no picture.
///
/// @param decoder that continues the question, or that answers what its encoder has read
/// @param parameters its weights; not closed with this
/// @param prompts puts questions into words and ids
/// @param settings of the search, but for the number of new tokens, which a question says
public record LanguageAnswerer(
    TokenPart decoder,
    ParameterSet parameters,
    PromptIds prompts,
    IntFunction<GenerationSettings> settings)
    implements Answerer {
  /// The likeliest token each time.
  public static LanguageAnswerer greedy(
      TokenPart decoder, ParameterSet parameters, PromptIds prompts) {
    return new LanguageAnswerer(decoder, parameters, prompts, GenerationSettings::greedy);
  }

  @Override
  public Answer answer(Question question, Consumer<String> pieces) throws IOException {
    if (!question.options().isEmpty()) {
      Answer likeliest = likeliest(question);
      pieces.accept(likeliest.text());
      return likeliest;
    }
    int[] asked = prompt(question.id(), question.text(), question.mostTokens());
    return new Answer(told(asked, question.mostTokens(), pieces), List.of());
  }

  /// Answers the last question of a conversation.
  ///
  /// @param mostTokens of the answer
  /// @param pieces told parts of it as they are made
  /// @throws DataException when conversation and answer have no room in the model
  String reply(List<Message> messages, int mostTokens, Consumer<String> pieces)
      throws DataException {
    int[] asked = prompts.conversation(messages);
    requireRoom(decoder, "the conversation", asked, mostTokens);
    return told(asked, mostTokens, pieces);
  }

  private String told(int[] asked, int mostTokens, Consumer<String> pieces) {
    var stream = new TextStream(prompts.tokenizer(), settings.apply(mostTokens).stop());
    var text = new StringBuilder();
    Consumer<String> told =
        piece -> {
          if (!piece.isEmpty()) {
            text.append(piece);
            pieces.accept(piece);
          }
        };
    generate(
        List.of(asked),
        mostTokens,
        (prompt, sequence, id) -> {
          if (stream.stop().isEmpty()) {
            told.accept(stripped(stream.step(id), text.isEmpty()));
          }
        });
    told.accept(stripped(stream.finish(), text.isEmpty()));
    return text.toString();
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
      asked.add(prompt(question.id(), question.text(), most));
    }
    for (GeneratedSequence sequence : generate(asked, most, TokenListener.NONE)) {
      answers.add(new Answer(text(sequence.ids()), List.of()));
    }
    return answers;
  }

  private String text(List<Integer> ids) {
    int most = Math.max(1, ids.size());
    var stream = new TextStream(prompts.tokenizer(), settings.apply(most).stop());
    var text = new StringBuilder();
    for (int id : ids) {
      if (stream.stop().isEmpty()) {
        text.append(stripped(stream.step(id), text.isEmpty()));
      }
    }
    return text.append(stripped(stream.finish(), text.isEmpty())).toString();
  }

  /// The blank that joins an answer to its question is not the answer's.
  private static String stripped(String piece, boolean first) {
    return first ? piece.stripLeading() : piece;
  }

  private List<GeneratedSequence> generate(List<int[]> asked, int most, TokenListener listener) {
    var ends = new EndTokens(prompts.ids().ends(), prompts.ids().filler());
    var generator =
        new Generator(settings.apply(most), ends, ids -> prompts.tokenizer().decode(ids, true));
    try (Forward graph = new Forward(parameters.engine());
        var sequences = sequences(graph, asked, most)) {
      return generator.generate(sequences, seen(asked), listener);
    }
  }

  /// Answers that have begun.
  ///
  /// @param asked ids of each question
  /// @param most tokens that an answer may have
  public DecoderSequences sequences(Forward graph, List<int[]> asked, int most) {
    Pass pass = pass(graph);
    int filler = prompts.ids().filler();
    return switch (decoder) {
      case Decoder continues -> DecoderSequences.of(continues, pass, asked, filler, most);
      case T5Decoder answers -> DecoderSequences.of(answers, pass, asked, filler, most);
    };
  }

  /// transformers counts padding among what was seen; here it is no part of a row. Behind an
  /// encoder only the start of the answer was.
  private List<Prompt> seen(List<int[]> asked) {
    return IntStream.range(0, asked.size())
        .mapToObj(
            row ->
                new Prompt(
                    row,
                    switch (decoder) {
                      case Decoder _ -> Arrays.stream(asked.get(row)).boxed().toList();
                      case T5Decoder answers -> List.of(answers.spec().start());
                    }))
        .toList();
  }

  private Pass pass(Forward graph) {
    return new Pass(graph, parameters, BlockExecution.PLAIN);
  }

  @Override
  public boolean seesImages() {
    return false;
  }

  @Override
  public void requireRoom(String id, String text, int mostTokens) throws DataException {
    prompt(id, text, mostTokens);
  }

  /// None behind an encoder, whose last token of the question is not what answers.
  @Override
  public Optional<float[][]> hiddenStates(Question question) throws DataException {
    if (!(decoder instanceof Decoder continues)) {
      return Optional.empty();
    }
    int[] asked = prompt(question.id(), question.text(), 0);
    try (Forward graph = new Forward(parameters.engine());
        Tensor ids =
            parameters
                .engine()
                .of(Arrays.stream(asked).asLongStream().toArray(), 1, asked.length)) {
      Pass pass = pass(graph);
      return Optional.of(continues.lastStates(pass, continues.embed(pass, ids)));
    }
  }

  private int[] prompt(String id, String text, int more) throws DataException {
    return asked(decoder, prompts, id, text, more);
  }

  /// The ids of a question. T5 has no hard limit: its distances end in a bucket without end.
  ///
  /// @throws DataException when question and answer have no room in the model
  static int[] asked(TokenPart decoder, PromptIds prompts, String id, String text, int more)
      throws DataException {
    int[] ids = prompts.prompt(text);
    requireRoom(decoder, id, ids, more);
    return ids;
  }

  private static void requireRoom(TokenPart decoder, String id, int[] ids, int more)
      throws DataException {
    int context = decoder.spec().context();
    if (ids.length == 0) {
      throw new DataException(id + ": the question has no ids; ask something");
    }
    if (decoder instanceof Decoder && ids.length >= context) {
      throw new DataException(
          "%s: the question alone has %d ids, and the model reads %d in all, its answer among them: shorten the question"
              .formatted(id, ids.length, context));
    }
    if (decoder instanceof Decoder && ids.length + more > context) {
      throw new DataException(
          "%s: the question has %d ids and its answer may have %d; the model reads %d in all: shorten the question, or ask for fewer tokens"
              .formatted(id, ids.length, more, context));
    }
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
    int[] answer = prompts.answer(option);
    int[] asked = prompt(question.id(), question.text(), answer.length);
    try (Forward graph = new Forward(parameters.engine())) {
      return switch (decoder) {
        case Decoder continues -> continued(continues, pass(graph), asked, answer);
        case T5Decoder answers -> answered(answers, pass(graph), asked, answer);
      };
    }
  }

  private float[] continued(Decoder part, Pass pass, int[] asked, int[] answer) {
    long[] all =
        IntStream.concat(Arrays.stream(asked), Arrays.stream(answer)).asLongStream().toArray();
    try (Tensor ids = parameters.engine().of(all, 1, all.length)) {
      Value states = part.through(pass, part.embed(pass, ids), Columns.whole(all.length));
      return likelihoods(pass, states, asked.length - 1, answer);
    }
  }

  private float[] answered(T5Decoder part, Pass pass, int[] asked, int[] answer) {
    long[] read = Arrays.stream(asked).asLongStream().toArray();
    long[] labels = Arrays.stream(answer).asLongStream().toArray();
    long[] begun = part.model().shifted(labels, labels.length, 0);
    TokenMask mask = TokenMask.whole(1, read.length);
    try (Tensor ids = parameters.engine().of(read, 1, read.length);
        Tensor before = parameters.engine().of(begun, 1, begun.length)) {
      Value seen = part.model().encoder().through(pass, part.embed(pass, ids), mask);
      Value states = part.through(pass, part.embed(pass, before), seen, mask);
      return likelihoods(pass, states, 0, answer);
    }
  }

  /// @param first the token that the answer follows
  private float[] likelihoods(Pass pass, Value states, int first, int[] answer) {
    long[] places = IntStream.range(first, first + answer.length).asLongStream().toArray();
    long[] targets = Arrays.stream(answer).asLongStream().toArray();
    try (Tensor at = parameters.engine().of(places, places.length);
        Tensor next = parameters.engine().of(targets, targets.length)) {
      Value picked = decoder.normed(pass, decoder.rows(pass, states, at));
      try (Tensor logarithms = decoder.likelihoods(pass, picked, next)) {
        return logarithms.toFloats();
      }
    }
  }
}
