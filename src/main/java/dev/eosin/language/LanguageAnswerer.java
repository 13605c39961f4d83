package dev.eosin.language;

import dev.eosin.config.DataException;
import dev.eosin.eval.Answerer;
import dev.eosin.language.generation.EndTokens;
import dev.eosin.language.generation.GeneratedSequence;
import dev.eosin.language.generation.GenerationSettings;
import dev.eosin.language.generation.Generator;
import dev.eosin.language.generation.OptionLikelihood;
import dev.eosin.language.generation.Prompt;
import dev.eosin.language.generation.TokenListener;
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
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/// A decoder that answers questions from their words alone: it sees no picture.
///
/// @param decoder that continues the question
/// @param parameters its weights; not closed with this
/// @param rows puts questions into words and ids
/// @param settings of the search, but for the number of new tokens, which a question says
public record LanguageAnswerer(
    Decoder decoder,
    ParameterSet parameters,
    TextRows rows,
    IntFunction<GenerationSettings> settings)
    implements Answerer {
  /// The likeliest token each time.
  public static LanguageAnswerer greedy(Decoder decoder, ParameterSet parameters, TextRows rows) {
    return new LanguageAnswerer(decoder, parameters, rows, GenerationSettings::greedy);
  }

  @Override
  public Answer answer(Question question, Consumer<String> pieces) throws IOException {
    if (!question.options().isEmpty()) {
      Answer likeliest = likeliest(question);
      pieces.accept(likeliest.text());
      return likeliest;
    }
    var stream = new TextStream(rows.tokenizer(), settings.apply(question.mostTokens()).stop());
    var text = new StringBuilder();
    Consumer<String> told =
        piece -> {
          if (!piece.isEmpty()) {
            text.append(piece);
            pieces.accept(piece);
          }
        };
    generate(
        List.of(question),
        (prompt, sequence, id) -> {
          if (stream.stop().isEmpty()) {
            told.accept(stripped(stream.step(id), text.isEmpty()));
          }
        });
    told.accept(stripped(stream.finish(), text.isEmpty()));
    return new Answer(text.toString(), List.of());
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
    for (GeneratedSequence sequence : generate(questions, TokenListener.NONE)) {
      answers.add(new Answer(text(sequence.ids()), List.of()));
    }
    return answers;
  }

  private String text(List<Integer> ids) {
    int most = Math.max(1, ids.size());
    var stream = new TextStream(rows.tokenizer(), settings.apply(most).stop());
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

  private List<GeneratedSequence> generate(List<Question> questions, TokenListener listener)
      throws DataException {
    int most = questions.getFirst().mostTokens();
    List<int[]> prompts = new ArrayList<>();
    for (Question question : questions) {
      prompts.add(prompt(question, most));
    }
    var ends = new EndTokens(rows.ids().ends(), rows.ids().filler());
    var generator =
        new Generator(settings.apply(most), ends, ids -> rows.tokenizer().decode(ids, true));
    try (Forward graph = new Forward(parameters.engine());
        var sequences =
            DecoderSequences.of(decoder, pass(graph), prompts, rows.ids().filler(), most)) {
      return generator.generate(sequences, seen(prompts), listener);
    }
  }

  /// transformers counts padding among what was seen; here it is no part of a row.
  private static List<Prompt> seen(List<int[]> prompts) {
    return IntStream.range(0, prompts.size())
        .mapToObj(row -> new Prompt(row, Arrays.stream(prompts.get(row)).boxed().toList()))
        .toList();
  }

  private Pass pass(Forward graph) {
    return new Pass(graph, parameters, BlockExecution.PLAIN);
  }

  private int[] prompt(Question question, int more) throws DataException {
    int[] ids = rows.prompt(question.text());
    if (ids.length + more > decoder.spec().context()) {
      throw new DataException(
          "%s: the question has %d ids and its answer may have %d; the model reads %d in all: shorten the question, or ask for fewer tokens"
              .formatted(question.id(), ids.length, more, decoder.spec().context()));
    }
    return ids;
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
    int[] answer = rows.answer(option);
    int[] asked = prompt(question, answer.length);
    long[] all =
        IntStream.concat(Arrays.stream(asked), Arrays.stream(answer)).asLongStream().toArray();
    long[] places = IntStream.range(asked.length - 1, all.length - 1).asLongStream().toArray();
    long[] targets = Arrays.copyOfRange(all, asked.length, all.length);
    try (Forward graph = new Forward(parameters.engine());
        Tensor ids = parameters.engine().of(all, 1, all.length);
        Tensor at = parameters.engine().of(places, places.length);
        Tensor next = parameters.engine().of(targets, targets.length)) {
      Pass pass = pass(graph);
      Value states = decoder.through(pass, decoder.embed(pass, ids), Columns.whole(all.length));
      Value picked = decoder.normed(pass, decoder.rows(pass, states, at));
      try (Tensor logarithms = decoder.likelihoods(pass, picked, next)) {
        return logarithms.toFloats();
      }
    }
  }
}
