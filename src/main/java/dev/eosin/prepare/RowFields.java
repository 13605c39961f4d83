package dev.eosin.prepare;

/// What the fields of rows are called that a source's samples become.
///
/// @param id names the row
/// @param image names the image
/// @param text caption, report or the like
/// @param group slide, patient or the like
public record RowFields(String id, String image, String text, String group) {}
