package dev.eosin.qformer;

import dev.eosin.config.DataException;
import dev.eosin.eval.Answerer;
import dev.eosin.features.TowerFeatures;
import dev.eosin.image.transforms.TileTransform;
import dev.eosin.language.generation.EndTokens;
import dev.eosin.language.generation.GeneratedSequence;
import dev.eosin.language.generation.GenerationSettings;
import dev.eosin.language.generation.Generator;
import dev.eosin.language.generation.GrowingSequences;
import dev.eosin.language.generation.OptionLikelihood;
import dev.eosin.language.generation.Prompt;
import dev.eosin.language.generation.TokenListener;
import dev.eosin.language.rows.AnswerText;
import dev.eosin.language.rows.CaptionRows;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Pass;
import dev.eosin.tensor.Forward;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Value;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/// A second stage that answers questions about the image that it is shown. Without an image the
/// language model is given the words alone.
///
/// @param reader that shows the image to the language model
/// @param answers the language model
/// @param parameters of both; not closed with this
/// @param features of the image tower; not closed with this
/// @param transform makes an image into the tower's input
/// @param text puts questions into words and ids
/// @param settings of the search, but for the number of new tokens, which a question says
public record ImageAnswerer(
    ImageReader reader,
    Answers answers,
    ParameterSet parameters,
    TowerFeatures features,
    TileTransform transform,
    InstructText text,
    IntFunction<GenerationSettings> settings)
    implements Answerer {
  @Override
  public Answer answer(Question question, Consumer<String> pieces) throws IOException {
    if (!question.options().isEmpty()) {
      Answer likeliest = likeliest(question);
      pieces.accept(likeliest.text());
      return likeliest;
    }
    var answer =
        new AnswerText(text.language(), settings.apply(question.mostTokens()).stop(), pieces);
    generate(List.of(question), (_, _, id) -> answer.add(id));
    return new Answer(answer.finish(), List.of());
  }

  @Override
  public List<Answer> answerAll(List<Question> questions) throws IOException {
    boolean alike =
        questions.stream().allMatch(question -> question.options().isEmpty())
            && questions.stream().mapToInt(Question::mostTokens).distinct().count() <= 1;
    if (!alike || questions.isEmpty()) {
      return Answerer.super.answerAll(questions);
    }
    int most = questions.getFirst().mostTokens();
    String[] found = new String[questions.size()];
    for (boolean shown : new boolean[] {true, false}) {
      int[] some =
          IntStream.range(0, found.length)
              .filter(i -> questions.get(i).images().isEmpty() != shown)
              .toArray();
      if (some.length > 0) {
        List<Question> asked = Arrays.stream(some).mapToObj(questions::get).toList();
        List<GeneratedSequence> sequences = generate(asked, TokenListener.NONE);
        for (int i = 0; i < some.length; i++) {
          found[some[i]] =
              AnswerText.of(text.language(), settings.apply(most).stop(), sequences.get(i).ids());
        }
      }
    }
    return Arrays.stream(found).map(answer -> new Answer(answer, List.of())).toList();
  }

  /// All of them with an image, or none.
  private List<GeneratedSequence> generate(List<Question> questions, TokenListener listener)
      throws IOException {
    int most = questions.getFirst().mostTokens();
    List<int[]> prompts = new ArrayList<>();
    for (Question question : questions) {
      prompts.add(prompt(question.id(), asked(question), most));
    }
    var ends = new EndTokens(List.of(text.end()), text.ids().filler());
    var generator =
        new Generator(settings.apply(most), ends, ids -> text.language().decode(ids, true));
    try (Forward graph = new Forward(parameters.engine())) {
      Pass pass = new Pass(graph, parameters, BlockExecution.PLAIN);
      Value images = images(pass, questions);
      try (GrowingSequences sequences = answers.sequences(pass, images, prompts, most)) {
        return generator.generate(sequences, seen(questions.size()), listener);
      }
    }
  }

  /// The language model of LAVIS is given embeddings: what was asked is not known to any rule.
  private List<Prompt> seen(int rows) {
    return IntStream.range(0, rows)
        .mapToObj(
            row ->
                switch (answers) {
                  case DecoderAnswers _ -> Prompt.unseen(row);
                  case T5Answers t5 -> new Prompt(row, List.of(t5.model().spec().start()));
                })
        .toList();
  }

  String asked(Question question) {
    return text.asking(question.text(), question.kind());
  }

  /// Tokens of the images [b,q,d]; [b,0,d] where there are none.
  Value images(Pass pass, List<Question> questions) throws IOException {
    int rows = questions.size();
    if (questions.getFirst().images().isEmpty()) {
      return pass.graph().adopt(pass.engine().of(new float[0], rows, 0, answers.width()));
    }
    try (ShownImages shown = ShownImages.of(questions, transform, features)) {
      Value states = pass.graph().adopt(shown.states());
      Value tokens = reader.tokens(pass, states, instructions(questions), Optional.empty());
      pass.release(states);
      return tokens;
    }
  }

  Optional<CaptionRows> instructions(List<Question> questions) {
    return reader.instructed()
        ? Optional.of(
            InstructLearner.captions(
                questions.stream().map(each -> text.instruction(asked(each))).toList()))
        : Optional.empty();
  }

  @Override
  public void requireRoom(String id, String question, int mostTokens) throws DataException {
    prompt(id, text.asking(question), mostTokens);
  }

  @Override
  public Optional<float[][]> hiddenStates(Question question) throws IOException {
    int[] asked = prompt(question.id(), asked(question), 0);
    try (Forward graph = new Forward(parameters.engine())) {
      Pass pass = new Pass(graph, parameters, BlockExecution.PLAIN);
      return answers.lastStates(pass, images(pass, List.of(question)), asked);
    }
  }

  int[] prompt(String id, String asked, int more) throws DataException {
    return text.room(id, asked, more, reader, answers);
  }

  private Answer likeliest(Question question) throws IOException {
    List<OptionLikelihood> found = new ArrayList<>();
    for (String option : question.options()) {
      found.add(likelihood(question, option));
    }
    int best = OptionLikelihood.best(found, OptionLikelihood.Normalisation.NONE);
    return new Answer(
        question.options().get(best), found.stream().map(OptionLikelihood::sum).toList());
  }

  /// Of the option's own tokens, each behind those before it.
  private OptionLikelihood likelihood(Question question, String option) throws IOException {
    int[] answer = text.option(option);
    int[] asked = prompt(question.id(), asked(question), answer.length);
    try (Forward graph = new Forward(parameters.engine())) {
      Pass pass = new Pass(graph, parameters, BlockExecution.PLAIN);
      Value images = images(pass, List.of(question));
      Value loss = answers.loss(pass, images, List.of(asked), List.of(answer), 1);
      String words = option.strip();
      return new OptionLikelihood(
          -loss.data().toFloat(), answer.length, words.codePointCount(0, words.length()));
    }
  }
}
