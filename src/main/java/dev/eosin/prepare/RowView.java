package dev.eosin.prepare;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.function.BiFunction;
import java.util.function.Function;

/// How rows are shown on `page.html`, for people.
///
/// @param title of the page
/// @param pictures of rows, where they have any
/// @param before what a row of the table says
/// @param made what came of a row that is kept, from its result; empty where it only stayed
public record RowView(
    String title,
    RowPictures pictures,
    Function<Row, String> before,
    BiFunction<Row, JsonNode, String> made) {}
