package dev.eosin.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.composer.Composer;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeId;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.parser.ParserImpl;
import org.yaml.snakeyaml.reader.StreamReader;
import org.yaml.snakeyaml.resolver.Resolver;

/// Reads YAML text into a [Tree]: resolves aliases, refuses duplicate keys, tags and anything that
/// grows without bound.
final class YamlReader {
  /// More levels than any recipe has, few enough for every recursive walk.
  static final int MAX_DEPTH = 50;

  /// Bounds what aliases of aliases may expand to.
  static final int MAX_NODES = 100_000;

  private final IntFunction<Place> places;
  private final String keyPrefix;
  private final Problems problems;
  private final Set<Node> open = Collections.newSetFromMap(new IdentityHashMap<>());
  private int nodes;

  private YamlReader(IntFunction<Place> places, String keyPrefix, Problems problems) {
    this.places = places;
    this.keyPrefix = keyPrefix;
    this.problems = problems;
  }

  /// Reads one document.
  ///
  /// @param places the place of a line, counted from 1
  /// @param keyPrefix the key path that the document's problems start with
  /// @return the root, or null when the document is empty
  /// @throws RecipeException when the text is not YAML or too large; a duplicate key only adds to
  ///   `problems`
  static @Nullable Tree read(
      String text, IntFunction<Place> places, String keyPrefix, Problems problems) {
    YamlReader reader = new YamlReader(places, keyPrefix, problems);
    Node root = reader.compose(text);
    return root == null ? null : reader.tree(root, reader.place(root), keyPrefix, 0);
  }

  private @Nullable Node compose(String text) {
    LoaderOptions options = new LoaderOptions();
    options.setNestingDepthLimit(MAX_DEPTH);
    options.setMaxAliasesForCollections(MAX_NODES);
    try {
      return new Composer(new ParserImpl(new StreamReader(text), options), new Untyped(), options)
          .getSingleNode();
    } catch (MarkedYAMLException malformed) {
      int line = malformed.getProblemMark() == null ? 0 : malformed.getProblemMark().getLine();
      String hint =
          text.lines().skip(line).findFirst().filter(it -> it.contains("${")).isPresent()
              ? "; put a text with '${' inside braces or brackets in quotes"
              : "";
      throw refused(places.apply(line + 1), keyPrefix, oneLine(malformed.getProblem()) + hint);
    } catch (YAMLException malformed) {
      throw refused(places.apply(1), keyPrefix, oneLine(malformed.getMessage()));
    }
  }

  private Tree tree(Node node, Place place, String key, int depth) {
    if (++nodes > MAX_NODES) {
      throw refused(place, key, "aliases expand to more than " + MAX_NODES + " values");
    }
    if (depth > MAX_DEPTH) {
      throw refused(place, key, "nested deeper than " + MAX_DEPTH + " levels");
    }
    if (!open.add(node)) {
      throw refused(place, key, "an alias may not contain itself");
    }
    refuseTag(node, key);
    Tree tree =
        switch (node) {
          case ScalarNode scalar -> new Tree.Scalar(scalar.getValue(), scalar.isPlain(), place);
          case SequenceNode list -> sequence(list, place, key, depth);
          case MappingNode map -> mapping(map, place, key, depth);
          default -> throw refused(place, key, "unknown YAML node " + node.getNodeId());
        };
    open.remove(node);
    return tree;
  }

  private Tree sequence(SequenceNode list, Place place, String key, int depth) {
    List<Tree> items = new ArrayList<>();
    for (Node item : list.getValue()) {
      String itemKey = KeyPath.join(key, Integer.toString(items.size()));
      items.add(tree(item, place(item), itemKey, depth + 1));
    }
    return new Tree.Sequence(items, place);
  }

  private Tree mapping(MappingNode map, Place place, String key, int depth) {
    Map<String, Tree.Entry> entries = new LinkedHashMap<>();
    for (NodeTuple tuple : map.getValue()) {
      if (!(tuple.getKeyNode() instanceof ScalarNode name)) {
        throw refused(place(tuple.getKeyNode()), key, "a key must be text, not a map or list");
      }
      Place namePlace = place(name);
      String path = KeyPath.join(key, name.getValue());
      Node value = tuple.getValueNode();
      Place valuePlace = value instanceof ScalarNode ? place(value) : namePlace;
      Tree.Entry entry = new Tree.Entry(namePlace, tree(value, valuePlace, path, depth + 1));
      Tree.Entry earlier = entries.putIfAbsent(name.getValue(), entry);
      if (earlier != null) {
        problems.add(namePlace, path, "the key is given twice, first at " + at(earlier.place()));
      }
    }
    return new Tree.Mapping(entries, false, place);
  }

  private void refuseTag(Node node, String key) {
    Tag tag = node.getTag();
    if (!tag.equals(Tag.STR) && !tag.equals(Tag.SEQ) && !tag.equals(Tag.MAP)) {
      problems.add(
          place(node), key, "the YAML tag '" + tag.getValue() + "' has no meaning here; remove it");
    }
  }

  private Place place(Node node) {
    return places.apply(node.getStartMark().getLine() + 1);
  }

  private static String at(Place place) {
    return place instanceof Place.Line(Path file, int line) ? "line " + line : "the override";
  }

  private RecipeException refused(Place place, String key, String message) {
    problems.add(place, key, message);
    return problems.exception();
  }

  private static String oneLine(@Nullable String message) {
    return message == null
        ? "this is not YAML"
        : "this is not YAML: " + message.strip().replaceAll("\\s+", " ");
  }

  /// Gives every node its structural tag, so that another tag must have been written explicitly.
  private static final class Untyped extends Resolver {
    @Override
    protected void addImplicitResolvers() {}

    @Override
    public Tag resolve(NodeId kind, String value, boolean implicit) {
      return switch (kind) {
        case sequence -> Tag.SEQ;
        case mapping -> Tag.MAP;
        case scalar, anchor -> Tag.STR;
      };
    }
  }
}
