package dev.eosin.bench;

import dev.eosin.config.DataException;
import dev.eosin.language.Columns;
import dev.eosin.language.DecoderSequences;
import dev.eosin.language.generation.EndTokens;
import dev.eosin.language.generation.GeneratedSequence;
import dev.eosin.language.generation.GenerationSettings;
import dev.eosin.language.generation.Generator;
import dev.eosin.language.generation.Prompt;
import dev.eosin.language.generation.Search;
import dev.eosin.language.stored.Base;
import dev.eosin.language.stored.LanguageFolder;
import dev.eosin.language.stored.LanguageModel;
import dev.eosin.nn.Pass;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Forward;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/// What a decoder says with one kind of weights, to be compared with what it says with another.
///
/// @param logits of every token of every prompt, one row after the other
/// @param vocabulary entries of a row of logits
/// @param answers ids that it chose behind each prompt, the likeliest each time
@SuppressWarnings("ArrayRecordComponent") // compared element by element only
record BaseAgreement(List<float[]> logits, int vocabulary, List<int[]> answers) {
  static BaseAgreement of(
      Engine engine, LanguageFolder folder, Base base, List<int[]> prompts, int more)
      throws DataException {
    try (LanguageModel model = LanguageModel.open(engine, folder, base)) {
      List<float[]> logits = new ArrayList<>();
      for (int[] prompt : prompts) {
        logits.add(logits(engine, model, prompt));
      }
      int vocabulary = model.decoder().spec().vocabulary();
      return new BaseAgreement(logits, vocabulary, answers(engine, model, prompts, more));
    }
  }

  private static float[] logits(Engine engine, LanguageModel model, int[] prompt) {
    long[] ids = IntStream.of(prompt).asLongStream().toArray();
    long[] all = LongStream.range(0, ids.length).toArray();
    try (Forward graph = new Forward(engine);
        Tensor input = engine.of(ids, 1, ids.length);
        Tensor places = engine.of(all, all.length)) {
      Pass pass = model.pass(graph);
      Value tokens = model.decoder().embed(pass, input);
      Value states = model.decoder().through(pass, tokens, Columns.whole(ids.length));
      Value rows = model.decoder().normed(pass, model.decoder().rows(pass, states, places));
      return model.decoder().logits(pass, rows).data().toFloats();
    }
  }

  private static List<int[]> answers(
      Engine engine, LanguageModel model, List<int[]> prompts, int more) {
    var settings = new GenerationSettings(more, more, 1, 0, List.of(), new Search.Greedy());
    var generator = new Generator(settings, new EndTokens(List.of(2), 0));
    List<Prompt> seen = IntStream.range(0, prompts.size()).mapToObj(Prompt::unseen).toList();
    try (Forward graph = new Forward(engine);
        var sequences = DecoderSequences.of(model.decoder(), model.pass(graph), prompts, 0, more)) {
      return generator.generate(sequences, seen).stream().map(GeneratedSequence::textIds).toList();
    }
  }

  BenchmarkResult compared(BenchmarkResult result, BaseAgreement exact) {
    double furthest = 0;
    double largest = 0;
    double squares = 0;
    long count = 0;
    int same = 0;
    int rows = 0;
    for (int prompt = 0; prompt < logits.size(); prompt++) {
      float[] x = logits.get(prompt);
      float[] y = exact.logits.get(prompt);
      for (int start = 0; start < x.length; start += vocabulary) {
        same += likeliest(x, start) == likeliest(y, start) ? 1 : 0;
        rows++;
      }
      for (int i = 0; i < x.length; i++) {
        furthest = Math.max(furthest, Math.abs(x[i] - y[i]));
        largest = Math.max(largest, Math.abs(y[i]));
        squares += Math.pow(x[i] - y[i], 2);
      }
      count += x.length;
    }
    return result
        .with("largest_logit", largest)
        .with("furthest_logit", furthest)
        .with("rms_logit", Math.sqrt(squares / count))
        .with("same_next_id", (double) same / rows)
        .with("same_answers", sameAnswers(exact))
        .with("same_ids_of_answers", sameIds(exact));
  }

  private int likeliest(float[] values, int start) {
    int best = start;
    for (int i = start; i < start + vocabulary; i++) {
      best = values[i] > values[best] ? i : best;
    }
    return best - start;
  }

  private double sameAnswers(BaseAgreement exact) {
    long same =
        IntStream.range(0, answers.size())
            .filter(i -> Arrays.equals(answers.get(i), exact.answers.get(i)))
            .count();
    return (double) same / answers.size();
  }

  /// Up to the first that differs: what follows it continues another text.
  private double sameIds(BaseAgreement exact) {
    double share = 0;
    for (int i = 0; i < answers.size(); i++) {
      int differs = Arrays.mismatch(answers.get(i), exact.answers.get(i));
      int length = exact.answers.get(i).length;
      share += differs < 0 || length == 0 ? 1 : (double) differs / length;
    }
    return share / answers.size();
  }

  @Override
  public String toString() {
    return "what a model says of %d prompts".formatted(answers.size());
  }
}
