package dev.eosin.language.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.eosin.ParityCase;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/// A `generation.json` of recorded cases: prompts, and what transformers' `generate` made of them
/// with options of all kinds. Ids are exact.
///
/// @param prompts ids as they were given, with their padding
/// @param mask 1 for ids, 0 for padding
/// @param decoderStart the first id of a decoder behind an encoder
public record GenerationCase(
    JsonNode json,
    int padding,
    List<List<Integer>> prompts,
    List<List<Integer>> mask,
    OptionalInt decoderStart,
    List<Run> runs) {
  private static final double SCORES = 1e-4;

  /// One call of `generate`.
  ///
  /// @param embeds whether the model was given embeddings of the prompts instead of ids
  /// @param ids new tokens, prompt by prompt
  /// @param scores of a beam search, else none
  public record Run(
      String name,
      boolean embeds,
      GenerationDefaults options,
      List<List<Integer>> ids,
      List<Double> scores) {
    @Override
    public String toString() {
      return name;
    }

    GenerationSettings settings() {
      return options.settings(options.maxNewTokens().orElseThrow());
    }
  }

  /// Reads the case's `generation.json`.
  public static GenerationCase open(ParityCase parity) throws IOException {
    JsonNode json = new JsonMapper().readTree(parity.text("generation.json"));
    List<Run> runs = new ArrayList<>();
    for (JsonNode run : json.required("runs")) {
      String input = run.required("input").textValue();
      assertThat(input).isIn("ids", "embeds");
      List<Double> scores = new ArrayList<>();
      run.path("scores").forEach(score -> scores.add(score.doubleValue()));
      String name = parity.name() + " " + run.required("name").textValue();
      runs.add(
          new Run(
              name,
              input.equals("embeds"),
              GenerationDefaults.of(run.required("options"), name),
              matrix(run.required("ids")),
              scores));
    }
    assertThat(runs).isNotEmpty();
    JsonNode start = json.path("decoder_start_token_id");
    return new GenerationCase(
        json,
        json.required("pad_token_id").intValue(),
        matrix(json.required("prompts").required("input_ids")),
        matrix(json.required("prompts").required("attention_mask")),
        start.isInt() ? OptionalInt.of(start.intValue()) : OptionalInt.empty(),
        runs);
  }

  private static List<List<Integer>> matrix(JsonNode rows) {
    List<List<Integer>> matrix = new ArrayList<>();
    for (JsonNode row : rows) {
      List<Integer> numbers = new ArrayList<>();
      row.forEach(number -> numbers.add(number.intValue()));
      matrix.add(numbers);
    }
    return matrix;
  }

  /// The prompts without their padding.
  public List<List<Integer>> content() {
    return IntStream.range(0, prompts.size())
        .mapToObj(
            row ->
                IntStream.range(0, prompts.get(row).size())
                    .filter(i -> mask.get(row).get(i) == 1)
                    .mapToObj(i -> prompts.get(row).get(i))
                    .toList())
        .toList();
  }

  /// What the search is told of the prompts.
  public List<Prompt> seen(Run run) {
    return IntStream.range(0, prompts.size())
        .mapToObj(row -> new Prompt(row, run.embeds() ? List.of() : seenIds(row)))
        .toList();
  }

  private List<Integer> seenIds(int row) {
    return decoderStart.isPresent() ? List.of(decoderStart.getAsInt()) : prompts.get(row);
  }

  /// Generates as the run did, and compares ids and scores.
  ///
  /// @param sequences a row for each prompt, computed from ids or embeddings as the run says;
  ///   closed here
  public void check(Run run, GrowingSequences sequences) {
    var generator = new Generator(run.settings(), new EndTokens(run.options().ends(), padding));
    List<GeneratedSequence> found;
    try (sequences) {
      found = generator.generate(sequences, seen(run));
    }
    assertThat(found.stream().map(GeneratedSequence::ids)).as(run.name()).isEqualTo(run.ids());
    assertThat(found.stream().filter(row -> row.score().isPresent()))
        .as(run.name())
        .hasSameSizeAs(run.scores());
    for (int i = 0; i < run.scores().size(); i++) {
      double score = run.scores().get(i);
      assertThat(found.get(i).score().orElseThrow())
          .as("%s, score %d", run.name(), i)
          .isCloseTo(score, within(SCORES * Math.max(1, Math.abs(score))));
    }
  }
}
