package dev.eosin.index;

import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.lucene.codecs.KnnVectorsFormat;
import org.apache.lucene.codecs.lucene104.Lucene104Codec;
import org.apache.lucene.codecs.lucene99.Lucene99HnswVectorsFormat;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.KnnFloatVectorField;
import org.apache.lucene.document.NumericDocValuesField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.LogDocMergePolicy;
import org.apache.lucene.index.NumericDocValues;
import org.apache.lucene.index.SerialMergeScheduler;
import org.apache.lucene.index.VectorSimilarityFunction;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.KnnFloatVectorQuery;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TopDocs;
import org.apache.lucene.store.MMapDirectory;

/// A graph of vectors in which each knows others near it (HNSW, Malkov and Yashunin 2016, arXiv
/// 1603.09320), kept by Lucene in one segment. A search visits a few thousand of them and may miss
/// some. The same vectors give the same graph. Safe for use by many threads.
public final class VectorGraph implements AutoCloseable {
  /// Lucene's limit.
  static final int WIDEST = 1024;

  private static final String VECTOR = "vector";
  private static final String ROW = "row";
  private static final double BUFFER_MIB = 512;

  /// It warns that Java's vector module, which is still in the making, is not asked for.
  private static final Logger LUCENE =
      Logger.getLogger("org.apache.lucene.internal.vectorization.VectorizationProvider");

  private final MMapDirectory directory;
  private final DirectoryReader reader;
  private final IndexSearcher searcher;

  private VectorGraph(MMapDirectory directory, DirectoryReader reader) {
    this.directory = directory;
    this.reader = reader;
    this.searcher = new IndexSearcher(reader);
  }

  /// How a graph is made.
  ///
  /// @param connections of each vector (M): more find more, and take more room
  /// @param breadth candidates that are looked at when one is added: more find more, and take
  ///   longer
  public record Settings(int connections, int breadth) {
    /// Lucene's own.
    public static final Settings DEFAULT = new Settings(16, 100);

    /// @throws IllegalArgumentException for numbers that Lucene does not take
    public Settings {
      if (connections < 2 || connections > 512 || breadth < 10 || breadth > 3200) {
        throw new IllegalArgumentException(
            "connections are %d and breadth is %d; 2 to 512 and 10 to 3200 are expected"
                .formatted(connections, breadth));
      }
    }
  }

  /// Told now and then how many vectors are in.
  @FunctionalInterface
  public interface Progress {
    void added(int vectors);
  }

  /// Makes a graph in an empty folder.
  ///
  /// @throws DataException when it cannot be written
  static void build(VectorFile vectors, Path folder, Settings settings, Progress progress)
      throws DataException {
    LUCENE.setLevel(Level.SEVERE);
    var config =
        new IndexWriterConfig()
            .setCodec(new GraphCodec(settings))
            .setUseCompoundFile(false)
            .setRAMBufferSizeMB(BUFFER_MIB)
            .setMergePolicy(new LogDocMergePolicy())
            .setMergeScheduler(new SerialMergeScheduler())
            .setCommitOnClose(true);
    try (MMapDirectory directory = new MMapDirectory(folder);
        IndexWriter writer = new IndexWriter(directory, config)) {
      for (int row = 0; row < vectors.size(); row++) {
        var document = new Document();
        document.add(
            new KnnFloatVectorField(
                VECTOR, vectors.row(row), VectorSimilarityFunction.DOT_PRODUCT));
        document.add(new NumericDocValuesField(ROW, row));
        writer.addDocument(document);
        progress.added(row + 1);
      }
      writer.forceMerge(1);
    } catch (IOException e) {
      throw failure(folder, e);
    }
  }

  private static final class GraphCodec extends Lucene104Codec {
    private final Settings settings;

    GraphCodec(Settings settings) {
      this.settings = settings;
    }

    @Override
    public KnnVectorsFormat getKnnVectorsFormatForField(String field) {
      return new Lucene99HnswVectorsFormat(settings.connections(), settings.breadth(), 1, null, 0);
    }
  }

  /// @throws DataException when it cannot be read
  static VectorGraph open(Path folder) throws DataException {
    LUCENE.setLevel(Level.SEVERE);
    try {
      var directory = new MMapDirectory(folder);
      try {
        return new VectorGraph(directory, DirectoryReader.open(directory));
      } catch (IOException | RuntimeException e) {
        directory.close();
        throw e;
      }
    } catch (IOException | RuntimeException e) {
      throw failure(folder, e);
    }
  }

  private static DataException failure(Path folder, Exception e) {
    return new DataException(
        "%s: the graph cannot be used: %s; build the index anew"
            .formatted(folder, AtomicFile.reason(e)),
        e);
  }

  /// @param query `[e]` of length 1
  /// @param most k; fewer are found where there are fewer
  /// @param breadth candidates that are looked at, at least k: more find more, and take longer
  /// @throws UncheckedIOException when the graph cannot be read
  Found search(float[] query, int most, int breadth) {
    try {
      var wanted = new KnnFloatVectorQuery(VECTOR, query, Math.max(most, breadth));
      TopDocs found = searcher.search(wanted, most);
      int[] rows = new int[found.scoreDocs.length];
      float[] cosines = new float[rows.length];
      LeafReader segment = reader.leaves().getFirst().reader();
      for (int i = 0; i < rows.length; i++) {
        ScoreDoc hit = found.scoreDocs[i];
        NumericDocValues numbers = segment.getNumericDocValues(ROW);
        numbers.advanceExact(hit.doc);
        rows[i] = Math.toIntExact(numbers.longValue());
        // Lucene's scores are not negative.
        cosines[i] = 2 * hit.score - 1;
      }
      return new Found(rows, cosines);
    } catch (IOException e) {
      DataException failure = failure(directory.getDirectory(), e);
      throw new UncheckedIOException(failure.getMessage(), failure);
    }
  }

  /// @param rows nearest first
  record Found(int[] rows, float[] cosines) {}

  @Override
  public void close() throws DataException {
    try (directory) {
      reader.close();
    } catch (IOException e) {
      throw failure(directory.getDirectory(), e);
    }
  }
}
