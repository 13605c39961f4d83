package dev.eosin.revise;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.prepare.Outputs;
import dev.eosin.prepare.Row;
import dev.eosin.prepare.RowPreparation.Assembly;
import dev.eosin.prepare.RowPreparation.Outcome;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Writes what every step said of every tile, and what is left as PathGen's JSON.
final class AgentAssembly implements Assembly {
  /// PathGen-1.6M's form.
  static final String PATHGEN = "pathgen.json";

  /// What every step said.
  static final String STEPS = "agents.jsonl";

  /// What is known of all summaries.
  static final String STATISTICS = "agents.json";

  private static final Pattern TILE =
      Pattern.compile("(?:.*/)?([^/]+)_(\\d+)_(\\d+)(?:\\.[A-Za-z0-9]+)?");

  private final AgentChain chain;
  private final Outputs.Lines steps;
  private final OutputStream pathGen;
  private final OutputStream statistics;
  private final Optional<SummaryTally> tally;
  private long tiles;
  private long kept;

  AgentAssembly(Outputs outputs, AgentChain chain) throws IOException {
    this.chain = chain;
    this.steps = outputs.jsonLines(STEPS);
    this.pathGen = outputs.open(PATHGEN);
    this.statistics = outputs.open(STATISTICS);
    this.tally = chain.tally();
  }

  @Override
  public Optional<Outcome.Rejected> add(Row row, JsonNode result) throws IOException {
    AgentChain.Links links = chain.links(row, result);
    Optional<Outcome.Rejected> reject = chain.reject(links, result);
    ObjectNode line = JsonNodeFactory.instance.objectNode().put("image", row.key());
    line.put("described", links.described()).put("revised", links.revised());
    line.put("summary", links.summary()).set("said", result);
    reject.ifPresent(out -> line.put("rejected", out.reason()));
    steps.write(line);
    tiles++;
    boolean refused =
        reject.map(Outcome.Rejected::reason).filter(AgentChain.REFUSED::equals).isPresent();
    if (!refused && !links.revised().isEmpty() && !links.summary().isEmpty()) {
      tally.ifPresent(counts -> counts.add(links.revised(), links.summary()));
    }
    if (reject.isEmpty()) {
      write(kept++ > 0 ? ",\n" : "[\n");
      write(record(row.key(), links.summary()).toString());
    }
    return reject;
  }

  /// Slide and position are what the tile's name says; a tile of another name has neither.
  private static ObjectNode record(String image, String caption) {
    ObjectNode record = JsonNodeFactory.instance.objectNode();
    Matcher name = TILE.matcher(image);
    if (name.matches()) {
      record.put("wsi_id", name.group(1));
      record.putArray("position").add(name.group(2)).add(name.group(3));
    }
    return record.put("image", image).put("caption", caption);
  }

  private void write(String text) throws IOException {
    pathGen.write(text.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void finish() throws IOException {
    write(kept > 0 ? "\n]\n" : "[]\n");
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("tiles", tiles).put("kept", kept);
    tally.ifPresent(counts -> json.set("summaries", counts.json()));
    statistics.write((json.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8));
  }
}
