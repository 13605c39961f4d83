package dev.eosin.recipe.evaluated;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.data.listed.ListedImages;
import dev.eosin.eval.Retrieval;
import dev.eosin.eval.embeddings.EmbeddingPairs;
import dev.eosin.eval.embeddings.StoredEmbeddings;
import dev.eosin.eval.samples.SampleResults;
import dev.eosin.file.FileDigest;
import dev.eosin.group.Group;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.random.RandomKey;
import dev.eosin.recipe.RetrievalRecipe;
import dev.eosin.recipe.found.ListedPictures;
import dev.eosin.recipe.found.Measured;
import dev.eosin.recipe.found.OpenedEvaluation;
import dev.eosin.report.Hits;
import dev.eosin.report.Pictures;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.KernelListener;
import dev.eosin.train.EvaluationReport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/// Stored embeddings of images and texts, matched; ranks share the queries.
record OpenedRetrieval(
    RetrievalRecipe recipe,
    StoredEmbeddings images,
    StoredEmbeddings texts,
    EmbeddingPairs pairs,
    SequencedMap<String, String> inputs,
    Group group)
    implements OpenedEvaluation {
  static OpenedRetrieval open(RetrievalRecipe recipe, Group group) throws IOException {
    StoredEmbeddings images = StoredEmbeddings.open(recipe.images(), recipe.imagesTable());
    try {
      return withTexts(recipe, images, group);
    } catch (IOException | RuntimeException | Error e) {
      images.close();
      throw e;
    }
  }

  private static OpenedRetrieval withTexts(
      RetrievalRecipe recipe, StoredEmbeddings images, Group group) throws IOException {
    StoredEmbeddings texts = StoredEmbeddings.open(recipe.texts(), recipe.textsTable());
    try {
      EmbeddingPairs pairs = EmbeddingPairs.of(images, texts, recipe.match());
      SequencedMap<String, String> inputs = new LinkedHashMap<>();
      inputs.put("images.sha256", FileDigest.of(recipe.images()).sha256());
      inputs.put("texts.sha256", FileDigest.of(recipe.texts()).sha256());
      Optional.ofNullable(images.pins().get("model.sha256"))
          .ifPresent(digest -> inputs.put("model.sha256", digest));
      if (recipe.imagesTable().isPresent()) {
        inputs.put("images-table.sha256", FileDigest.of(recipe.imagesTable().get()).sha256());
      }
      if (recipe.textsTable().isPresent()) {
        inputs.put("texts-table.sha256", FileDigest.of(recipe.textsTable().get()).sha256());
      }
      return new OpenedRetrieval(recipe, images, texts, pairs, inputs, group);
    } catch (IOException | RuntimeException | Error e) {
      texts.close();
      throw e;
    }
  }

  @Override
  public List<String> notes() {
    return pairs.notes();
  }

  @Override
  public List<Measure> evaluations() {
    return List.of(this::run);
  }

  private Optional<Measured> run(Watch watch) throws IOException {
    Engine engine = recipe.compute().start(KernelListener.NONE, group);
    Retrieval retrieval = pairs.retrieval(engine, group);
    if (!group.isFirst()) {
      return Optional.of(Measured.of(new EvaluationReport(0, RetrievalRecipe.NAME, Map.of())));
    }
    Map<String, Double> metrics = new LinkedHashMap<>(retrieval.metrics(recipe.recalls()));
    if (recipe.bootstrap() > 0) {
      metrics.putAll(
          retrieval.intervals(
              new RandomKey(recipe.seed()),
              recipe.bootstrap(),
              recipe.recalls(),
              pairs.unitsOfImages(),
              pairs.unitsOfTexts()));
    }
    Map<String, JsonNode> details = new LinkedHashMap<>();
    details.put("images", JsonNodeFactory.instance.numberNode(pairs.imageCount()));
    details.put("texts", JsonNodeFactory.instance.numberNode(pairs.textCount()));
    ObjectNode bootstrap = JsonNodeFactory.instance.objectNode();
    details.put("bootstrap", bootstrap.put("resamples", recipe.bootstrap()));
    details.put("seed", JsonNodeFactory.instance.numberNode(recipe.seed()));
    details.put("match", JsonNodeFactory.instance.textNode(recipe.match().name()));
    var report = new EvaluationReport(0, RetrievalRecipe.NAME, metrics);
    SampleResults samples = new RetrievalSamples(recipe, images, texts, pairs).ranked(retrieval);
    return Optional.of(
        new Measured(
            report, Measured.of(report).lines(), List.of(), details, Optional.of(samples)));
  }

  @Override
  public List<Hits> hits() throws IOException {
    return new RetrievalSamples(recipe, images, texts, pairs).hits();
  }

  /// Where `eosin embed` found the images, as long as they are there.
  @Override
  public Pictures pictures() {
    Optional<Path> from = Optional.ofNullable(images.metadata().get("images")).map(Path::of);
    if (from.isEmpty() || !Files.exists(from.get())) {
      return Pictures.NONE;
    }
    try {
      return ListedPictures.of(
          ListedImages.open(from.get(), ListedImages.Columns.GUESSED, new ImageDecoder()));
    } catch (DataException moved) {
      // Embeddings are measured without their images; the page has texts in their place.
      return Pictures.NONE;
    }
  }

  @Override
  public void close() {
    try (images;
        texts) {
      // Both are closed, whatever happens to the first.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
