package dev.eosin.index;

import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import org.apache.commons.io.file.PathUtils;
import org.apache.lucene.codecs.KnnVectorsFormat;
import org.apache.lucene.codecs.lucene104.Lucene104Codec;
import org.apache.lucene.codecs.lucene99.Lucene99HnswVectorsFormat;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.KnnFloatVectorField;
import org.apache.lucene.document.NumericDocValuesField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.LogDocMergePolicy;
import org.apache.lucene.index.MergePolicy;
import org.apache.lucene.index.NoMergePolicy;
import org.apache.lucene.index.NumericDocValues;
import org.apache.lucene.index.ReaderUtil;
import org.apache.lucene.index.SerialMergeScheduler;
import org.apache.lucene.index.VectorSimilarityFunction;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.KnnFloatVectorQuery;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TopDocs;
import org.apache.lucene.store.MMapDirectory;

/// A graph of vectors in which each knows others near it (HNSW, Malkov and Yashunin 2016, arXiv
/// 1603.09320), kept by Lucene. A search visits a few thousand of them and may miss some. Safe for
/// use by many threads.
///
/// Vectors beyond [#PART] lie in several parts, a graph each, which are made at the same time. How
/// many depends on the number of vectors alone, so that the same vectors give the same graph on any
/// machine; Lucene's own threads would make another one every time. A search asks every part, so
/// that fewer candidates of each are enough.
public final class VectorGraph implements AutoCloseable {
  /// Lucene's limit.
  static final int WIDEST = 1024;

  private static final String VECTOR = "vector";
  private static final String ROW = "row";
  private static final double BUFFER_MIB = 512;

  /// Vectors that are worth a part of their own.
  static final int PART = 50_000;

  private static final int MOST_PARTS = 8;

  /// Parts that are made at the same time at most: each holds its vectors on the heap.
  private static final int AT_ONCE = 4;

  /// It tells whether Java's vector module, which is still in the making, is asked for.
  private static final Logger LUCENE = Logger.getLogger("org.apache.lucene.internal.vectorization");

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

  /// How many graphs so many vectors are.
  static int parts(int vectors) {
    return Math.clamp(vectors / PART, 1, MOST_PARTS);
  }

  /// Makes a graph in an empty folder.
  ///
  /// @param parts how many graphs it is of
  /// @param progress called by one thread at a time
  /// @throws DataException when it cannot be written
  static void build(
      VectorFile vectors, Path folder, Settings settings, int parts, Progress progress)
      throws DataException {
    LUCENE.setLevel(Level.SEVERE);
    var added = new Added(progress);
    int threads = Math.min(Math.min(parts, AT_ONCE), Runtime.getRuntime().availableProcessors());
    List<Path> folders =
        IntStream.range(0, parts).mapToObj(i -> folder.resolve("part-" + i)).toList();
    try {
      List<Future<?>> built = new ArrayList<>();
      try (ExecutorService builders = Executors.newFixedThreadPool(threads)) {
        for (int i = 0; i < parts; i++) {
          Path own = folders.get(i);
          int first = (int) ((long) vectors.size() * i / parts);
          int end = (int) ((long) vectors.size() * (i + 1) / parts);
          built.add(
              builders.submit(
                  () -> {
                    part(vectors, first, end, own, settings, added);
                    return own;
                  }));
        }
      }
      for (Future<?> each : built) {
        each.get();
      }
      join(folders, folder, settings);
    } catch (IOException e) {
      throw failure(folder, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while a graph was built", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException cause) {
        throw failure(folder, cause);
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  private static final class Added {
    private final Progress progress;
    private int count;

    Added(Progress progress) {
      this.progress = progress;
    }

    synchronized void one() {
      progress.added(++count);
    }
  }

  private static void part(
      VectorFile vectors, int first, int end, Path folder, Settings settings, Added added)
      throws IOException {
    try (MMapDirectory directory = new MMapDirectory(folder);
        IndexWriter writer =
            new IndexWriter(directory, config(settings, new LogDocMergePolicy()))) {
      for (int row = first; row < end; row++) {
        var document = new Document();
        document.add(
            new KnnFloatVectorField(
                VECTOR, vectors.row(row), VectorSimilarityFunction.DOT_PRODUCT));
        document.add(new NumericDocValuesField(ROW, row));
        writer.addDocument(document);
        added.one();
      }
      writer.forceMerge(1);
    }
  }

  private static IndexWriterConfig config(Settings settings, MergePolicy merging) {
    return new IndexWriterConfig()
        .setCodec(new GraphCodec(settings))
        .setUseCompoundFile(false)
        .setRAMBufferSizeMB(BUFFER_MIB)
        .setMergePolicy(merging)
        .setMergeScheduler(new SerialMergeScheduler())
        .setCommitOnClose(true);
  }

  /// Takes the parts as they are, in their order, and removes their folders.
  private static void join(List<Path> parts, Path folder, Settings settings) throws IOException {
    List<MMapDirectory> open = new ArrayList<>();
    try (MMapDirectory directory = new MMapDirectory(folder);
        IndexWriter writer = new IndexWriter(directory, config(settings, NoMergePolicy.INSTANCE))) {
      for (Path part : parts) {
        open.add(new MMapDirectory(part));
      }
      writer.addIndexes(open.toArray(MMapDirectory[]::new));
    } finally {
      for (MMapDirectory each : open) {
        each.close();
      }
    }
    for (Path part : parts) {
      PathUtils.deleteDirectory(part);
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
  /// @param breadth candidates of each part that are looked at, at least k: more find more, and
  ///   take longer
  /// @throws UncheckedIOException when the graph cannot be read
  Found search(float[] query, int most, int breadth) {
    try {
      var wanted = new KnnFloatVectorQuery(VECTOR, query, Math.max(most, breadth));
      TopDocs found = searcher.search(wanted, most);
      int[] rows = new int[found.scoreDocs.length];
      float[] cosines = new float[rows.length];
      for (int i = 0; i < rows.length; i++) {
        ScoreDoc hit = found.scoreDocs[i];
        LeafReaderContext part = reader.leaves().get(ReaderUtil.subIndex(hit.doc, reader.leaves()));
        NumericDocValues numbers = part.reader().getNumericDocValues(ROW);
        numbers.advanceExact(hit.doc - part.docBase);
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
