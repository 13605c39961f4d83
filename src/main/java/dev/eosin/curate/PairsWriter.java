package dev.eosin.curate;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.curate.rules.Candidate;
import dev.eosin.curate.steps.CurationSettings;
import dev.eosin.prepare.Outputs;
import dev.eosin.prepare.RowPictures;
import java.io.IOException;
import java.util.List;

/// Writes the rows that are left. Used by one thread.
interface PairsWriter {
  /// @param fields what is written of the row
  void add(Candidate row, ObjectNode fields) throws IOException;

  /// Ends the files; closed by the run.
  List<WrittenFile.Entry> finish() throws IOException;

  static PairsWriter open(
      CurationSettings settings, List<String> fields, RowPictures pictures, Outputs outputs)
      throws IOException {
    return switch (settings.format()) {
      case PARQUET -> new ParquetPairs(fields, outputs);
      case WEBDATASET -> new ShardPairs(settings.shardRows(), pictures, outputs);
      case JSONL -> lines(outputs);
    };
  }

  private static PairsWriter lines(Outputs outputs) throws IOException {
    ObjectMapper json = new ObjectMapper();
    WrittenFile file = new WrittenFile("pairs.jsonl", outputs.open("pairs.jsonl"));
    return new PairsWriter() {
      @Override
      public void add(Candidate row, ObjectNode fields) throws IOException {
        file.write(json.writeValueAsBytes(fields));
        file.write('\n');
        file.countRow();
      }

      @Override
      public List<WrittenFile.Entry> finish() throws IOException {
        return List.of(file.end());
      }
    };
  }
}
