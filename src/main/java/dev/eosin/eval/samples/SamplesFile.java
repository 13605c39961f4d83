package dev.eosin.eval.samples;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.config.DataException;
import dev.eosin.eval.probes.Concordance.Survival;
import dev.eosin.file.AtomicFile;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/// `samples.jsonl`: of each evaluation a line that describes it, then a line for each sample.
/// docs/formats.md has the fields.
public final class SamplesFile {
  /// Its name in a folder of results.
  public static final String NAME = "samples.jsonl";

  private static final ObjectMapper JSON =
      new ObjectMapper().disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
  private static final String EVALUATION = "evaluation";

  private SamplesFile() {}

  /// Writes all of them, in their order.
  ///
  /// @throws DataException when it cannot be written
  public static void write(Path file, SequencedMap<String, SampleResults> results)
      throws DataException {
    AtomicFile.write(
        file,
        out -> {
          for (Map.Entry<String, SampleResults> each : results.entrySet()) {
            write(out, each.getKey(), each.getValue());
          }
        });
  }

  private static void write(OutputStream out, String name, SampleResults results)
      throws IOException {
    JsonGenerator json = JSON.getFactory().createGenerator(out);
    json.setRootValueSeparator(null);
    json.writeStartObject();
    json.writeStringField(EVALUATION, name);
    json.writeNumberField("samples", results.samples().size());
    switch (results) {
      case SampleResults.Labelled labelled -> {
        json.writeNumberField("runs", labelled.runs().size());
        texts(json, "labels", labelled.labels());
      }
      case SampleResults.Valued valued -> texts(json, "names", valued.names());
      case SampleResults.Risks _ -> texts(json, "risks", List.of("risk", "time", "event"));
    }
    end(json);
    for (int row = 0; row < results.samples().size(); row++) {
      Sample sample = results.samples().get(row);
      json.writeStartObject();
      json.writeStringField("id", sample.id());
      if (sample.group().isPresent()) {
        json.writeStringField("group", sample.group().get());
      }
      if (sample.label().isPresent()) {
        json.writeStringField("label", sample.label().get());
      }
      json.writeArrayFieldStart("values");
      switch (results) {
        case SampleResults.Labelled labelled -> {
          for (double[][] run : labelled.runs()) {
            numbers(json, run[row]);
          }
        }
        case SampleResults.Valued valued -> numbers(json, valued.values()[row]);
        case SampleResults.Risks risks -> {
          Survival known = risks.survival()[row];
          double event = known.event() ? 1 : 0;
          numbers(json, new double[] {risks.risks()[row], known.time(), event});
        }
      }
      json.writeEndArray();
      end(json);
    }
    json.close();
  }

  private static void end(JsonGenerator json) throws IOException {
    json.writeEndObject();
    json.writeRaw('\n');
  }

  private static void texts(JsonGenerator json, String name, List<String> texts)
      throws IOException {
    json.writeArrayFieldStart(name);
    for (String text : texts) {
      json.writeString(text);
    }
    json.writeEndArray();
  }

  private static void numbers(JsonGenerator json, double[] values) throws IOException {
    json.writeStartArray();
    for (double value : values) {
      if (Double.isFinite(value)) {
        json.writeNumber(value);
      } else {
        json.writeNull();
      }
    }
    json.writeEndArray();
  }

  /// Reads a file.
  ///
  /// @throws DataException when it cannot be read, naming the line
  public static SequencedMap<String, SampleResults> read(Path file) throws DataException {
    SequencedMap<String, SampleResults> results = new LinkedHashMap<>();
    try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      long number = 1;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        JsonNode head = json(file, number, line);
        int count = head.path("samples").asInt();
        List<JsonNode> rows = new ArrayList<>();
        for (int row = 0; row < count; row++) {
          String next = lines.readLine();
          number++;
          if (next == null) {
            throw new DataException(
                "%s: line %d: the file ends, expected %d samples of %s; evaluate again"
                    .formatted(file, number, count, head.path(EVALUATION).asText()));
          }
          rows.add(json(file, number, next));
        }
        number++;
        results.put(head.path(EVALUATION).asText(), results(file, head, rows));
      }
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw new DataException(file + ": cannot be read: " + AtomicFile.reason(e), e);
    }
    return results;
  }

  private static JsonNode json(Path file, long number, String line) throws DataException {
    try {
      JsonNode node = JSON.readTree(line);
      if (node != null && node.isObject()) {
        return node;
      }
    } catch (JsonProcessingException broken) {
      throw new DataException(
          "%s: line %d is no JSON object; evaluate again".formatted(file, number), broken);
    }
    throw new DataException(
        "%s: line %d is no JSON object; evaluate again".formatted(file, number));
  }

  private static SampleResults results(Path file, JsonNode head, List<JsonNode> rows)
      throws DataException {
    List<Sample> samples =
        rows.stream()
            .map(row -> new Sample(row.path("id").asText(), text(row, "group"), text(row, "label")))
            .toList();
    if (head.has("names")) {
      List<String> names = texts(head.path("names"));
      double[][] values =
          rows.stream().map(row -> numbers(row.path("values").path(0))).toArray(double[][]::new);
      return new SampleResults.Valued(names, samples, values);
    }
    if (head.has("risks")) {
      return risks(file, samples, rows);
    }
    List<String> labels = texts(head.path("labels"));
    int[] truth =
        samples.stream().mapToInt(each -> labels.indexOf(each.label().orElse(""))).toArray();
    List<double[][]> runs = new ArrayList<>();
    for (int run = 0; run < head.path("runs").asInt(); run++) {
      int of = run;
      runs.add(
          rows.stream().map(row -> numbers(row.path("values").path(of))).toArray(double[][]::new));
    }
    for (int row = 0; row < truth.length; row++) {
      int at = row;
      if (truth[row] < 0 || runs.stream().anyMatch(run -> run[at].length != labels.size())) {
        throw new DataException(
            "%s: %s: the sample '%s' has no label of %s with a score for each; evaluate again"
                .formatted(file, head.path(EVALUATION).asText(), samples.get(row).id(), labels));
      }
    }
    return new SampleResults.Labelled(labels, samples, truth, runs);
  }

  private static SampleResults risks(Path file, List<Sample> samples, List<JsonNode> rows)
      throws DataException {
    double[] risks = new double[rows.size()];
    Survival[] survival = new Survival[rows.size()];
    for (int row = 0; row < risks.length; row++) {
      double[] numbers = numbers(rows.get(row).path("values").path(0));
      if (numbers.length != 3 || !(numbers[1] >= 0) || !(numbers[2] == 0 || numbers[2] == 1)) {
        throw new DataException(
            "%s: the sample '%s' has no risk, time and event (1 or 0); evaluate again"
                .formatted(file, samples.get(row).id()));
      }
      risks[row] = numbers[0];
      survival[row] = new Survival(numbers[1], numbers[2] == 1);
    }
    return new SampleResults.Risks(samples, risks, survival);
  }

  private static Optional<String> text(JsonNode row, String name) {
    return row.has(name) ? Optional.of(row.path(name).asText()) : Optional.empty();
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(each -> texts.add(each.asText()));
    return texts;
  }

  private static double[] numbers(JsonNode array) {
    double[] numbers = new double[array.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = array.path(i).isNumber() ? array.path(i).doubleValue() : Double.NaN;
    }
    return numbers;
  }
}
