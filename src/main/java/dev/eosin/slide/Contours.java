package dev.eosin.slide;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Tissue as polygons in pixels of level 0, as QuPath reads and writes them: GeoJSON whose features
/// are polygons, with holes.
///
/// @param polygons rings [points][x, y] of each, outer ones and holes alike: what lies inside of an
///   odd number of a polygon's rings is in it, and what lies in any polygon is tissue, so that an
///   annotation inside of another one takes nothing away
public record Contours(List<List<double[][]>> polygons) {
  private static final ObjectMapper JSON = new ObjectMapper();

  public Contours {
    polygons = polygons.stream().map(List::copyOf).toList();
  }

  /// Reads Polygon and MultiPolygon features; features of other kinds are refused.
  ///
  /// @throws DataException naming the file and what in it is no polygon
  public static Contours read(Path file) throws DataException {
    JsonNode root;
    try {
      root = JSON.readTree(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new DataException(
          "%s: cannot be read as GeoJSON: %s"
              .formatted(file, AtomicFile.reason(e).lines().findFirst().orElse("")),
          e);
    }
    List<List<double[][]>> polygons = new ArrayList<>();
    JsonNode features = root.isArray() ? root : root.path("features");
    for (JsonNode feature : features) {
      JsonNode geometry = feature.path("geometry");
      switch (geometry.path("type").asText()) {
        case "Polygon" -> polygons.add(polygon(file, geometry.path("coordinates")));
        case "MultiPolygon" -> {
          for (JsonNode polygon : geometry.path("coordinates")) {
            polygons.add(polygon(file, polygon));
          }
        }
        default ->
            throw new DataException(
                "%s: feature %d is a %s; tissue is told by Polygon and MultiPolygon features"
                    .formatted(file, polygons.size(), geometry.path("type")));
      }
    }
    if (polygons.isEmpty()) {
      throw new DataException(
          file + ": holds no polygon; draw tissue, or remove the file to have it found");
    }
    return new Contours(polygons);
  }

  private static List<double[][]> polygon(Path file, JsonNode polygon) throws DataException {
    List<double[][]> rings = new ArrayList<>();
    for (JsonNode ring : polygon) {
      double[][] points = new double[ring.size()][];
      for (int i = 0; i < points.length; i++) {
        JsonNode point = ring.get(i);
        if (point.size() < 2 || !point.get(0).isNumber() || !point.get(1).isNumber()) {
          throw new DataException(
              "%s: %s is no point of a polygon; expected [x, y]".formatted(file, point));
        }
        points[i] = new double[] {point.get(0).asDouble(), point.get(1).asDouble()};
      }
      rings.add(points);
    }
    return rings;
  }

  /// Around the tissue of a mask: one polygon of many parts.
  public static Contours of(TissueMask mask) {
    return new Contours(List.of(new MaskOutline(mask).rings()));
  }

  /// As a mask of this size.
  TissueMask mask(int width, int height, double downsample) {
    boolean[] tissue = new boolean[width * height];
    boolean[] row = new boolean[width];
    for (List<double[][]> polygon : polygons) {
      for (int y = 0; y < height; y++) {
        Arrays.fill(row, false);
        for (double[][] ring : polygon) {
          flip(ring, (y + 0.5) * downsample, downsample, row);
        }
        for (int x = 0; x < width; x++) {
          tissue[y * width + x] |= row[x];
        }
      }
    }
    return new TissueMask(width, height, downsample, tissue);
  }

  /// Turns what lies right of each crossing with a row: pixels count by their middle.
  private static void flip(double[][] ring, double y, double downsample, boolean[] row) {
    for (int i = 0; i < ring.length; i++) {
      double[] from = ring[i];
      double[] to = ring[(i + 1) % ring.length];
      if (from[1] <= y == to[1] <= y) {
        continue;
      }
      double x = from[0] + (y - from[1]) / (to[1] - from[1]) * (to[0] - from[0]);
      int first = (int) Math.clamp((long) Math.ceil(x / downsample - 0.5), 0, row.length);
      for (int at = first; at < row.length; at++) {
        row[at] = !row[at];
      }
    }
  }

  /// A feature for each outer ring, with the holes in it. Only of what [#of(TissueMask)] made,
  /// where outer rings have a positive area.
  ///
  /// @return GeoJSON that QuPath imports as annotations
  public byte[] geoJson() throws DataException {
    ObjectNode root = JsonNodeFactory.instance.objectNode().put("type", "FeatureCollection");
    ArrayNode features = root.putArray("features");
    List<double[][]> rings = polygons.stream().flatMap(List::stream).toList();
    for (double[][] outer : rings) {
      if (area(outer) <= 0) {
        continue;
      }
      ObjectNode feature = features.addObject().put("type", "Feature");
      ObjectNode properties = feature.putObject("properties").put("objectType", "annotation");
      properties.putObject("classification").put("name", "Tissue");
      ArrayNode coordinates =
          feature.putObject("geometry").put("type", "Polygon").putArray("coordinates");
      add(coordinates, outer);
      for (double[][] hole : rings) {
        if (area(hole) < 0 && isInside(hole[0], outer) && smallest(rings, hole[0]) == outer) {
          add(coordinates, hole);
        }
      }
    }
    try {
      return JSON.writeValueAsBytes(root);
    } catch (IOException e) {
      throw new DataException("contours cannot be written: " + e.getMessage(), e);
    }
  }

  private static void add(ArrayNode coordinates, double[][] ring) {
    ArrayNode points = coordinates.addArray();
    for (int i = 0; i <= ring.length; i++) {
      double[] point = ring[i % ring.length];
      points.addArray().add(point[0]).add(point[1]);
    }
  }

  /// The smallest outer ring around a point.
  private static double[][] smallest(List<double[][]> rings, double[] point) {
    double[][] best = new double[0][];
    for (double[][] ring : rings) {
      if (area(ring) > 0
          && isInside(point, ring)
          && (best.length == 0 || area(ring) < area(best))) {
        best = ring;
      }
    }
    return best;
  }

  /// Twice the area: above 0 for outer rings.
  private static double area(double[][] ring) {
    double sum = 0;
    for (int i = 0; i < ring.length; i++) {
      double[] to = ring[(i + 1) % ring.length];
      sum += ring[i][0] * to[1] - to[0] * ring[i][1];
    }
    return sum;
  }

  /// Corners of a hole lie on no outer ring but at single points, which half a pixel avoids.
  private static boolean isInside(double[] point, double[][] ring) {
    boolean inside = false;
    double y = point[1] + 1e-3;
    for (int i = 0; i < ring.length; i++) {
      double[] from = ring[i];
      double[] to = ring[(i + 1) % ring.length];
      if (from[1] <= y != to[1] <= y) {
        double x = from[0] + (y - from[1]) / (to[1] - from[1]) * (to[0] - from[0]);
        inside ^= x > point[0] + 1e-3;
      }
    }
    return inside;
  }
}
